import type { KilnError } from '../base/errors.ts';

/** How a whole plan went. Builds stand in the plan's order. */
export interface PlanResult {
  /** `failed` when any build failed, else `cancelled` when any was cancelled. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  readonly builds: readonly BuildResult[];
  readonly runUuid: string;
}

/** Durations in milliseconds. */
export interface BuildResult {
  readonly name: string;
  readonly type: string;
  /** `unchanged`: the store had the result already, so no machine was made. */
  readonly outcome: 'succeeded' | 'unchanged' | 'failed' | 'cancelled';
  /** Every error, secrets hidden; several when several chains of outputs failed. */
  readonly errors: readonly KilnError[];
  /** What is left for the user: the builder's artifact first when it was kept, then in order of making. */
  readonly artifacts: readonly ArtifactSummary[];
  readonly stages: readonly StageTiming[];
  readonly milliseconds: number;
  readonly logFile?: string;
}

export interface ArtifactSummary {
  readonly builderId: string;
  readonly id: string;
  readonly description: string;
  readonly files: readonly string[];
}

export interface StageTiming {
  readonly stage: string;
  /** `restored`: its result came from a checkpoint, and nothing was run. */
  readonly outcome: 'succeeded' | 'restored' | 'failed' | 'cancelled';
  readonly milliseconds: number;
}
