import type { CheckpointSupport } from '../hosts/checkpoint.ts';
import type { BuiltSource } from '../plan/source.ts';
import type { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import type { BuildStates } from './build-states.ts';
import type { CheckpointOptions } from './run-options.ts';

/** What a build whose states are kept has to work with. */
export interface CheckpointedSetup {
  readonly source: BuiltSource;
  readonly states: BuildStates;
  readonly store: CheckpointStore;
  readonly support: Extract<CheckpointSupport, { kind: 'disks' }>;
  readonly options: CheckpointOptions;
  /** Digest of the source image; undefined for a blank disk. */
  readonly base: string | undefined;
}
