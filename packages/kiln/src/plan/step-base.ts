import type { SourceLocation } from '../base/errors.ts';

/** What every step has. Durations in milliseconds. */
export interface StepBase {
  /** Name for people; the kind when the template gives none. */
  readonly name?: string;
  readonly pauseBefore: number;
  /** 0 for none. */
  readonly timeout: number;
  readonly maxRetries: number;
  /** A failure, after all retries, is reported and the build goes on. */
  readonly continueOnError?: boolean;
  /** A failure, after all retries, is reported; the build goes on to its end, and has failed then. */
  readonly failsAtEnd?: boolean;
  /** What becomes of the machine when it fails, unless the command says otherwise. */
  readonly onError?: 'cleanup' | 'abort';
  /** It is refused in machines that are not Windows. */
  readonly needsWindows?: boolean;
  /** Whether its result may come from a checkpoint; undefined leaves that to what the step does. */
  readonly cache?: StepCache;
  readonly at?: SourceLocation;
}

/**
 * `false`: it runs every time, and so does what comes after it. With a value, also steps with effects outside of the
 * machine are taken as having none. The age in milliseconds is that of the oldest result that still counts.
 */
export type StepCache = false | { readonly maxAge?: number };
