import { randomBytes } from 'node:crypto';
import { chmod, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { run } from '../base/processes.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { ShellLocalStep } from '../plan/step.ts';
import type { Text } from '../plan/text.ts';
import { formatAssignments, scriptEnvironment } from './environment.ts';
import { checkExitCode } from './exit-code.ts';
import { inlineScript } from './script-source.ts';
import type { StepContext, StepRunner } from './step-context.ts';

/** Runs scripts on the machine that Kiln runs on. */
export const runShellLocalStep: StepRunner<ShellLocalStep> = async (step, context) => {
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  if (step.onlyOn.length > 0 && !step.onlyOn.includes(system)) {
    context.say(`Skipped: it is only for ${step.onlyOn.join(', ')}, and this is ${system}`);
    return;
  }
  const assignments = scriptEnvironment(step.environment, context);
  const runId = context.values.PackerRunUUID;
  const env = {
    ...process.env,
    ...(runId ? { PACKER_RUN_UUID: runId } : {}),
    ...Object.fromEntries(assignments),
  };
  for (const { path, label } of await localScripts(step, context)) {
    context.say(`Running ${label}`);
    const [program, ...args] = commandLine(
      step.executeCommand,
      path,
      formatAssignments(assignments, step.environmentFormat),
      context,
    );
    if (program === undefined) throw new KilnError('step-failed', 'the execute_command is empty');
    const { code } = await run(program, args, {
      cwd: context.folder,
      env,
      signal: context.signal,
      onLine: context.output,
      ...(context.ownProcess && { onStart: context.ownProcess }),
    });
    checkExitCode(code, step, label);
  }
};

/** The usual command; whether its parts are joined by one space or more makes no difference. */
const usualCommand = ['/bin/sh', '-c', '{{.Vars}}{{.Script}}'];

/**
 * The argv that runs a script. In the usual command the assignments are left out: the script has them in its
 * environment already, and command lines can be seen by every user of the machine.
 */
function commandLine(
  command: readonly Text[],
  path: string,
  vars: string,
  context: StepContext,
): readonly string[] {
  const usual =
    command.length === usualCommand.length &&
    command.every((part, index) => sourceOf(part).replace(/\s/g, '') === usualCommand[index]);
  if (usual) return ['/bin/sh', '-c', shellQuote(path)];
  return command.map((part) => context.render(part, { Vars: vars, Script: path, Command: path }));
}

function sourceOf(text: Text): string {
  return typeof text === 'string' ? text : text.source;
}

async function localScripts(
  step: ShellLocalStep,
  context: StepContext,
): Promise<readonly { readonly path: string; readonly label: string }[]> {
  const { script } = step;
  if (script.kind === 'inline') {
    const name = `shell-local-${randomBytes(4).toString('hex')}${step.tempfileExtension}`;
    const path = join(context.scratch, name);
    await writeFile(path, inlineScript(script.lines, step.inlineShebang, context), { mode: 0o700 });
    // The mode of a new file is cut by the umask.
    await chmod(path, 0o700);
    return [{ path, label: 'inline script' }];
  }
  const scripts = script.paths.map((path) => ({
    path: resolve(context.folder, path),
    label: `script ${basename(path)}`,
  }));
  for (const { path } of scripts) await mustBeFile(path);
  return scripts;
}

async function mustBeFile(path: string): Promise<void> {
  try {
    if ((await stat(path)).isFile()) return;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  }
  throw new KilnError('file-missing', `the script ${path} does not exist or is not a file`);
}
