import { nearest } from '../../../base/suggest.ts';
import type { ShellLocalOutput } from '../../../plan/output.ts';
import type { ShellLocalStep } from '../../../plan/step.ts';
import type { Text } from '../../../plan/text.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { readEnvironment } from './environment.ts';
import { readExitCodes, readScript, readShebang } from './shell.ts';
import type { StepMeta } from './step-meta.ts';

const lateCommand: LateData = {
  ...lateBuildValues,
  fields: new Set([...lateBuildValues.fields, 'Vars', 'Script', 'Command']),
  always: true,
};

const systems = ['darwin', 'freebsd', 'linux', 'openbsd', 'solaris', 'windows'];

/** Packer's shell-local provisioner. Undefined after a mistake that was reported. */
export function readShellLocalProvisioner(options: Options, meta: StepMeta): ShellLocalStep | undefined {
  const read = readShellLocal(options);
  return read && { kind: 'shell-local', ...meta, ...read };
}

type ShellLocal = Omit<ShellLocalOutput, 'kind' | 'name' | 'keepInput' | 'at'>;

/** What the provisioner and the post-processor of this name have in common. */
export function readShellLocal(options: Options, shell: readonly string[] = []): ShellLocal | undefined {
  const script = readScript(options, 'command');
  options.refuse('use_linux_pathing', 'it is for Windows', 'leave it out');
  const read = {
    inlineShebang: readShebang(options, script),
    environment: readEnvironment(options),
    environmentFormat: options.string('env_var_format') ?? "%s='%s' ",
    executeCommand: readExecuteCommand(options, shell),
    validExitCodes: readExitCodes(options),
    tempfileExtension: (options.string('tempfile_extension') ?? '').replace(/^\./, ''),
    onlyOn: readOnlyOn(options),
  };
  options.finish();
  return script && { script, ...read };
}

/** The post-processor puts a shell before a command of a single word. */
function readExecuteCommand(options: Options, shell: readonly string[]): readonly Text[] {
  const given = options.texts('execute_command', lateCommand);
  if (given.length === 0) {
    return ['/bin/sh', '-c', { kind: 'template', source: '{{.Vars}} {{.Script}}' }];
  }
  return given.length === 1 ? [...shell, ...given] : given;
}

function readOnlyOn(options: Options): readonly string[] {
  const names = options.strings('only_on');
  for (const name of names) {
    if (systems.includes(name)) continue;
    const near = nearest(name, systems);
    options.error(
      'only_on',
      `"only_on" names no system "${name}"`,
      near ? `did you mean "${near}"?` : `known are ${systems.join(', ')}`,
    );
  }
  return names;
}
