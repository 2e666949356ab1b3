import { KilnError, messageOf } from '../base/errors.ts';

/**
 * A state that the store had could not be used after all. It has been forgotten by now: the build starts anew from
 * what else is there.
 */
export class LostState extends Error {
  constructor(cause: unknown) {
    super(`a kept state could not be used: ${messageOf(cause)}`, { cause });
    this.name = 'LostState';
  }
}

/** Whether an error on the way back to a state speaks against the state, and not against the build or its user. */
export function speaksAgainstState(error: unknown): boolean {
  const codes: readonly string[] = [
    'store-corrupt',
    'qemu-failed',
    'guest-unreachable',
    'guest-login-refused',
  ];
  return error instanceof KilnError && (codes.includes(error.code) || error.code === 'guest-disconnected');
}
