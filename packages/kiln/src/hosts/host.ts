import type { EmitEvent } from '../base/events.ts';
import type { Guest } from '../guests/guest.ts';
import type { Text } from '../plan/text.ts';
import type { ImageResolver } from '../sources/image-resolver.ts';
import type { Run } from '../store/run.ts';
import type { Artifact } from './artifact.ts';
import type { CheckpointableMachine, CheckpointPlan, CheckpointSupport, RestorePoint } from './checkpoint.ts';

/** What a host gets to work with. */
export interface HostContext {
  readonly build: { readonly name: string; readonly type: string };
  readonly run: Run;
  /** This build's own folder inside the run's; short enough for sockets. */
  readonly scratch: string;
  readonly images: ImageResolver;
  readonly emit: EmitEvent;
  readonly signal: AbortSignal;
  /** Fills a text's holes with the build's values and `data`. */
  readonly render: (text: Text, data?: Readonly<Record<string, unknown>>) => string;
  /** Replace files that are in the way. */
  readonly force: boolean;
  /** Prefix for progress and messages that are not a step's output. */
  readonly say: (text: string) => void;
}

/** Makes a machine for a build. One file or folder a kind. */
export interface Host<S> {
  /**
   * Mistakes that can be known before anything is made: missing files, options this QEMU lacks. Empty when fine.
   */
  check(source: S): Promise<readonly string[]>;
  /**
   * Makes the machine and waits until it can be worked in. When it throws, or the signal is raised, it has undone
   * everything it did.
   */
  start(source: S, context: HostContext, checkpoints?: CheckpointPlan): Promise<StartedMachine>;
  /** Whether states of the machine can be kept. A host without this keeps none. */
  checkpointSupport?(source: S): Promise<CheckpointSupport>;
  /** Makes the artifact again from disks that a machine of this source has left. */
  artifactFromDisks?(source: S, context: HostContext, from: RestorePoint): Promise<Artifact>;
}

/** A machine that steps can run in. Exactly one of `finish` and `abandon` is called. */
export interface StartedMachine {
  readonly guest: Guest;
  /** What the build's holes hold: Packer's names (`ID`, `Host`, `Port`, `User`, `Password`, `ConnType`, …). */
  readonly values: Readonly<Record<string, string>>;
  /** There when the machine was started with a `CheckpointPlan`. */
  readonly checkpoints?: CheckpointableMachine;
  /**
   * Turns the machine off as the source says and hands over what was built.
   * @param settled waited for before the disks are looked at: frozen layers may still be on their way
   */
  finish(settled?: Promise<void>): Promise<Artifact>;
  /** Ends the machine at once. `keep` leaves its disks and says where they are. Never throws. */
  abandon(options: { readonly keep: boolean }): Promise<void>;
}
