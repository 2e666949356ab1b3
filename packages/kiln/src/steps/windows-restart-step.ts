import { sleep, throwIfCancelled } from '../base/cancellation.ts';
import { formatDuration } from '../base/durations.ts';
import { KilnError } from '../base/errors.ts';
import type { GuestExit } from '../guests/guest.ts';
import type { WindowsRestartStep } from '../plan/step.ts';
import { codeOf } from './exit-code.ts';
import { encodedCommand } from './powershell-text.ts';
import type { StepContext, StepRunner } from './step-context.ts';
import { untilReached } from './until-reached.ts';

/** System error codes of Windows: a shutdown is going on, or has been ordered already. */
const goingDown = [1115, 1190];
/** The same, and what a system says whose services are not up yet or not any more. */
const notSettled = [...goingDown, 1717];

const orderRestart = 'shutdown /r /f /t 60 /c "packer restart test"';
const takeOrderBack = 'shutdown /a';

/** A PowerShell that answers this has its modules loaded, which takes a while after the start. */
const greet = encodedCommand('echo ("{0} restarted." -f [System.Net.Dns]::GetHostName())');

const interval = 500;

/**
 * Restarts a Windows machine and waits until PowerShell answers again, with the semantics of Packer's
 * `windows-restart` provisioner. Commands wait by themselves for a machine whose connection broke.
 * @throws KilnError `step-failed`, `step-timeout`, `cancelled`
 */
export const runWindowsRestartStep: StepRunner<WindowsRestartStep> = async (step, context) => {
  context.say('Restarting the machine');
  const command = context.render(step.restartCommand);
  const exit = await untilReached(step.restartTimeout, context, () =>
    context.guest.exec({ command, onLine: context.output, signal: context.signal }),
  );
  // The connection may break before the command has told how it ended.
  if (exit.kind !== 'disconnected' && ![0, ...goingDown].includes(codeOf(exit))) {
    throw new KilnError('step-failed', `the restart command ended with exit code ${codeOf(exit)}`, {
      hint: `it must end with 0, ${goingDown.join(' or ')}`,
    });
  }
  context.say('Waiting for the machine');
  const timeUp = AbortSignal.timeout(Math.min(step.restartTimeout, longestTimer));
  try {
    await untilBack(step, { ...context, signal: AbortSignal.any([context.signal, timeUp]) });
  } catch (error) {
    throwIfCancelled(context.signal);
    if (!timeUp.aborted) throw error;
    throw new KilnError(
      'step-timeout',
      `the machine did not come back within ${formatDuration(step.restartTimeout)}`,
      { hint: 'give the step a longer restart_timeout', cause: error },
    );
  }
  context.say('The machine is back');
};

/** setTimeout's largest delay; beyond it Node fires at once. */
const longestTimer = 2 ** 31 - 1;

async function untilBack(step: WindowsRestartStep, context: StepContext): Promise<void> {
  await untilDown(context);
  if (step.checkCommand !== undefined) {
    const command = context.render(step.checkCommand);
    for (let answered = false; !answered; ) {
      const { exit } = await ask(context, command, true);
      answered = exit.kind !== 'disconnected';
    }
  }
  for (;;) {
    const { said } = await ask(context, greet, true);
    if (said.includes('restarted.') && !(await anotherRestartIsDue(step, context))) return;
    await sleep(interval, context.signal);
  }
}

/**
 * Waits while the machine is still going down: such a system refuses an order to restart. One that takes it is up
 * again, or never went down, and the order is taken back.
 */
async function untilDown(context: StepContext): Promise<void> {
  for (;;) {
    const { exit } = await ask(context, orderRestart);
    if (exit.kind === 'exited' && exit.code === 0) {
      await ask(context, takeOrderBack);
      return;
    }
    const isSettled = exit.kind !== 'disconnected' && !notSettled.includes(codeOf(exit));
    if (isSettled) return;
    await sleep(interval, context.signal);
  }
}

async function anotherRestartIsDue(step: WindowsRestartStep, context: StepContext): Promise<boolean> {
  for (const key of step.registryKeys) {
    const { exit, said } = await ask(context, encodedCommand(`Test-Path "${key}"`));
    if (exit.kind === 'disconnected' || said.includes('True')) return true;
  }
  return false;
}

/** Runs a command in a machine that may be away for as long as the context's signal allows. */
async function ask(
  context: StepContext,
  command: string,
  isShown = false,
): Promise<{ readonly exit: GuestExit; readonly said: string }> {
  for (;;) {
    const lines: string[] = [];
    try {
      const exit = await context.guest.exec({
        command,
        onLine: (line, stream) => {
          if (stream === 'stdout') lines.push(line);
          if (isShown) context.output(line, stream);
        },
        signal: context.signal,
      });
      return { exit, said: lines.join('\n') };
    } catch (error) {
      throwIfCancelled(context.signal);
      const isAway = error instanceof KilnError && away.includes(error.code);
      if (!isAway) throw error;
      await sleep(interval, context.signal);
    }
  }
}

/** A login that worked before the restart is refused only while the system is not up. */
const away = ['guest-disconnected', 'guest-unreachable', 'guest-login-refused'];
