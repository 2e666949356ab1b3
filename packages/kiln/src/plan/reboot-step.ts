import type { StepBase } from './step-base.ts';

/** Restarts a POSIX machine and waits until it can be worked with again. */
export interface RebootStep extends StepBase {
  readonly kind: 'reboot';
  /** How long it may take, in milliseconds. */
  readonly patience: number;
}
