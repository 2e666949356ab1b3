import type { SourceLocation } from '../../../base/errors.ts';
import type { StepCache } from '../../../plan/step.ts';

/** What every provisioner has beside its own options. Durations in milliseconds. */
export interface StepMeta {
  readonly name?: string;
  readonly pauseBefore: number;
  readonly timeout: number;
  readonly maxRetries: number;
  readonly continueOnError?: boolean;
  readonly cache?: StepCache;
  readonly at: SourceLocation;
}
