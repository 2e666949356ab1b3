import type { ScriptSource, ShellStep } from '../../../plan/step.ts';
import { type LateData, lateBuildValues } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';
import { readEnvironment } from './environment.ts';
import type { StepMeta } from './step-meta.ts';

/** The runner puts its own values into a command, whatever the template says. */
const lateCommand: LateData = {
  ...lateBuildValues,
  fields: new Set([...lateBuildValues.fields, 'Vars', 'Path', 'EnvVarFile']),
  always: true,
};

const defaultShebang = '/bin/sh -e';

/** Packer's shell provisioner (https://developer.hashicorp.com/packer/docs/provisioners/shell). */
export function readShellProvisioner(options: Options, meta: StepMeta): ShellStep | undefined {
  const script = readScript(options);
  const useEnvironmentFile = options.boolean('use_env_var_file');
  const remoteFolder = options.string('remote_folder') ?? '/tmp';
  const remoteFile = options.string('remote_file');
  const remotePath = options.string('remote_path');
  const step = {
    environment: readEnvironment(options),
    environmentFormat:
      options.string('env_var_format') ?? (useEnvironmentFile ? "export %s='%s'\n" : "%s='%s' "),
    executeCommand:
      options.text('execute_command', lateCommand) ??
      ({
        kind: 'template',
        source: useEnvironmentFile
          ? 'chmod +x {{.Path}}; . {{.EnvVarFile}} && {{.Path}}'
          : 'chmod +x {{.Path}}; {{.Vars}} {{.Path}}',
      } as const),
    inlineShebang: readShebang(options, script),
    skipClean: options.boolean('skip_clean'),
    expectDisconnect: options.boolean('expect_disconnect'),
    startRetryTimeout: options.duration('start_retry_timeout') || 300_000,
    validExitCodes: readExitCodes(options),
    binary: options.boolean('binary'),
    pauseAfter: options.duration('pause_after') ?? 0,
  };
  options.finish();
  if (!script) return undefined;
  return {
    kind: 'shell',
    ...meta,
    script,
    ...step,
    useEnvironmentFile,
    environmentFileFolder: remoteFolder,
    remoteFolder,
    ...(remoteFile !== undefined && { remoteFile }),
    ...(remotePath !== undefined && { remotePath }),
  };
}

export function readExitCodes(options: Options): readonly number[] {
  const codes = options.integers('valid_exit_codes');
  return codes && codes.length > 0 ? codes : [0];
}

/** Lines that bring a `#!` of their own need none, unless the template names one. */
export function readShebang(options: Options, script: ScriptSource | undefined): string {
  const given = options.string('inline_shebang');
  const first = script?.kind === 'inline' ? script.lines[0] : undefined;
  const text = typeof first === 'object' ? first.source : first;
  return given ?? (text?.startsWith('#!') ? '' : defaultShebang);
}

/**
 * One of `inline`, `script`, `scripts`, and `more` for kinds that have another name for inline lines. Undefined after a
 * mistake that was reported.
 */
export function readScript(options: Options, more?: string): ScriptSource | undefined {
  const lines = options.texts('inline', lateBuildValues);
  const command = more === undefined ? undefined : options.text(more, lateBuildValues);
  const scripts = options.strings('scripts');
  const script = options.string('script');
  const given = [
    lines.length > 0 && 'inline',
    command !== undefined && more,
    script !== undefined && 'script',
    scripts.length > 0 && 'scripts',
  ].filter((name) => typeof name === 'string');
  if (given.length > 1) {
    options.error(given[1], `only one of ${given.map((name) => `"${name}"`).join(', ')} is possible`);
    return undefined;
  }
  if (given.length === 0) {
    const names = ['inline', 'script', 'scripts'].filter((name) => options.has(name));
    const isReported = names.some((name) => options.context.problems.hasErrorAt(options.placeOf(name)));
    if (!isReported)
      options.error(names[0], 'nothing says what to run', 'give "inline", "script" or "scripts"');
    return undefined;
  }
  if (lines.length > 0) return { kind: 'inline', lines };
  if (command !== undefined) return { kind: 'inline', lines: [command] };
  const paths = script === undefined ? scripts : [script];
  const name = script === undefined ? 'scripts' : 'script';
  const places = script === undefined ? options.items('scripts') : [];
  paths.forEach((path, index) => {
    options.context.mustExist(path, 'script', places[index]?.at ?? options.placeOf(name));
  });
  return { kind: 'files', paths: paths.map((path) => options.context.path(path)) };
}
