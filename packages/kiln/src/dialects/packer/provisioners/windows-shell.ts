import type { WindowsShellStep } from '../../../plan/step.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { readEnvironment } from './environment.ts';
import { readExitCodes, readScript } from './shell.ts';
import type { StepMeta } from './step-meta.ts';

/** The runner puts its own values into a command, whatever the template says. */
const lateCommand: LateData = {
  ...lateBuildValues,
  fields: new Set([...lateBuildValues.fields, 'Vars', 'Path']),
  always: true,
};

/** Packer's windows-shell provisioner (https://developer.hashicorp.com/packer/docs/provisioners/windows-shell). */
export function readWindowsShellProvisioner(options: Options, meta: StepMeta): WindowsShellStep | undefined {
  const script = readScript(options);
  const step = {
    environment: readEnvironment(options),
    environmentFormat: options.string('env_var_format') ?? 'set "%s=%s" && ',
    executeCommand: options.text('execute_command', lateCommand) ?? {
      kind: 'template' as const,
      source: '{{.Vars}}"{{.Path}}"',
    },
    remotePath: options.string('remote_path') ?? 'c:/Windows/Temp/script.bat',
    startRetryTimeout: options.duration('start_retry_timeout') || 300_000,
    validExitCodes: readExitCodes(options),
  };
  // Scripts are sent as they are in any case.
  options.boolean('binary');
  options.finish();
  return script && { kind: 'windows-shell', ...meta, script, ...step };
}
