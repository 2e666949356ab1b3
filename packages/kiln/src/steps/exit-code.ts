import { constants } from 'node:os';
import { KilnError } from '../base/errors.ts';
import type { GuestExit } from '../guests/guest.ts';
import type { StepBase } from '../plan/step.ts';

/** Packer's exit code for a command that was running when the connection broke. */
export const disconnectedCode = 2_300_218;

/** An end as one number: 128 and the signal's number for a signal, as shells and Packer have it. */
export function codeOf(exit: GuestExit): number {
  if (exit.kind === 'exited') return exit.code;
  if (exit.kind === 'disconnected') return disconnectedCode;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[exit.signal] ?? 0);
}

/**
 * Judges how a script in a Windows machine has ended.
 * @throws KilnError `step-failed`, `guest-disconnected`
 */
export function checkWindowsExit(
  exit: GuestExit,
  step: StepBase & { readonly validExitCodes: readonly number[] },
  label: string,
): void {
  if (exit.kind !== 'disconnected' || step.validExitCodes.includes(disconnectedCode)) {
    checkExitCode(codeOf(exit), step, label);
    return;
  }
  throw new KilnError('guest-disconnected', `the connection broke while ${label} was running`, {
    hint: `restart the machine with a windows-restart step, or allow the exit code ${disconnectedCode}`,
    ...(step.at ? { at: step.at } : {}),
  });
}

/** @throws KilnError `step-failed` when the code is not one of those that mean success */
export function checkExitCode(
  code: number,
  step: StepBase & { readonly validExitCodes: readonly number[] },
  label: string,
): void {
  if (step.validExitCodes.includes(code)) return;
  throw new KilnError(
    'step-failed',
    `${label} ended with exit code ${code}; allowed exit codes: ${step.validExitCodes.join(', ')}`,
    step.at ? { at: step.at } : {},
  );
}
