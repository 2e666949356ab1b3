import { randomInt } from 'node:crypto';
import { sleep } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import type { GuestExit } from '../guests/guest.ts';
import { guestPath, joinGuestPath } from '../guests/guest-path.ts';
import { shellQuote } from '../guests/shell-quote.ts';
import type { ShellStep } from '../plan/step.ts';
import { downloadScript } from './download-script.ts';
import { formatAssignments, scriptEnvironment } from './environment.ts';
import { checkExitCode, codeOf, disconnectedCode } from './exit-code.ts';
import { pauseAfter } from './pause-after.ts';
import { runUploadedScript } from './run-uploaded-script.ts';
import { readScripts, type Script, withUnixLineEnds } from './script-source.ts';
import type { StepContext, StepRunner } from './step-context.ts';
import { untilReached } from './until-reached.ts';

/** Runs scripts inside the machine, with the semantics of Packer's `shell` provisioner. */
export const runShellStep: StepRunner<ShellStep> = async (step, context) => {
  const scripts =
    step.download === undefined
      ? await readScripts(step.script, step.inlineShebang, context)
      : [await downloadScript(step.download, context.signal)];
  const assignments = formatAssignments(scriptEnvironment(step.environment, context), step.environmentFormat);
  const environmentFile = step.useEnvironmentFile
    ? joinGuestPath(step.environmentFileFolder, `varfile_${randomInt(10_000)}.sh`)
    : undefined;
  if (environmentFile !== undefined) {
    await untilReached(step.startRetryTimeout, context, () =>
      context.guest.upload({
        from: { kind: 'bytes', bytes: Buffer.from(assignments) },
        to: environmentFile,
        mode: 0o600,
        signal: context.signal,
      }),
    );
  }
  for (const script of scripts) {
    await runScript(step, context, script, { assignments, environmentFile: environmentFile ?? '' });
  }
  if (environmentFile !== undefined && !step.skipClean) await removeFiles(context, [environmentFile]);
  await pauseAfter(step.pauseAfter, context);
};

async function runScript(
  step: ShellStep,
  context: StepContext,
  script: Script,
  environment: { readonly assignments: string; readonly environmentFile: string },
): Promise<void> {
  const path =
    step.remotePath ?? joinGuestPath(step.remoteFolder, step.remoteFile ?? `script_${randomInt(10_000)}.sh`);
  context.say(`Running ${script.label}`);
  const command = context.render(step.executeCommand, {
    Vars: environment.assignments,
    Path: path,
    EnvVarFile: environment.environmentFile,
  });
  const exit = await untilReached(step.startRetryTimeout, context, () =>
    runUploadedScript(
      {
        bytes: step.binary ? script.bytes : withUnixLineEnds(script.bytes),
        path,
        command,
        remove: !step.skipClean,
      },
      context,
    ),
  );
  const expected = step.expectDisconnect || step.validExitCodes.includes(disconnectedCode);
  if (exit.kind === 'disconnected' && !expected) {
    throw new KilnError('guest-disconnected', `the connection broke while ${script.label} was running`, {
      hint: 'a script that restarts the machine needs "expect_disconnect": true',
      ...(step.at ? { at: step.at } : {}),
    });
  }
  // A machine that goes down may end the script before it ends the connection.
  const wentDown = exit.kind === 'disconnected' || (expected && exit.kind === 'signalled');
  if (!wentDown) checkExitCode(codeOf(exit), step, script.label);
  if (expected) await settled(step, context, wentDown && !step.skipClean ? [path] : []);
}

const retryInterval = 250;

async function removeFiles(context: StepContext, paths: readonly string[]): Promise<GuestExit> {
  const words = paths.map((path) => shellQuote(guestPath(path))).join(' ');
  return context.guest.exec({ command: `rm -f ${words}`, signal: context.signal });
}

/**
 * Waits until a machine that may be restarting is no longer going down, so that the next step does not start in
 * a system that is about to vanish. Asking connects again when the connection broke.
 */
async function settled(step: ShellStep, context: StepContext, leftovers: readonly string[]): Promise<void> {
  const words = leftovers.map((path) => shellQuote(guestPath(path))).join(' ');
  const removal = words === '' ? '' : `rm -f ${words}; `;
  const deadline = performance.now() + step.startRetryTimeout;
  while (performance.now() < deadline) {
    let state = '';
    const exit = await untilReached(step.startRetryTimeout, context, () =>
      context.guest.exec({
        command: `${removal}systemctl is-system-running 2>/dev/null; true`,
        onLine: (line, stream) => {
          if (stream === 'stdout') state = line.trim();
        },
        signal: context.signal,
      }),
    );
    if (exit.kind !== 'disconnected' && state !== 'stopping') return;
    await sleep(retryInterval, context.signal);
  }
}
