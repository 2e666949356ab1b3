import type { KeyPair } from '../guests/temporary-key.ts';

/** How a machine is to be started so that its states can be kept, and from which of them. */
export interface CheckpointPlan {
  /** The machine's memory is to be kept too: a restored machine then goes on where it was. */
  readonly memory: boolean;
  readonly from?: RestorePoint;
}

/** A state that a machine starts from. Paths absolute. */
export interface RestorePoint {
  /** For each disk the layer that it stands on. */
  readonly disks: readonly string[];
  /** Of a tree without a disk: its layers, top first. */
  readonly trees?: readonly string[];
  /** Packed memory (store/checkpoints/memory-pack.ts); without it the machine boots. */
  readonly memory?: string;
  /** UEFI's variables, in base64. */
  readonly firmwareVariables?: string;
  readonly login?: KeyPair;
}

/** A machine whose states can be kept while it runs. */
export interface CheckpointableMachine {
  /**
   * Stops the machine for an instant and keeps what it is. It goes on when this returns, on new disk layers above the
   * kept ones.
   * @throws KilnError when that cannot be done; the machine goes on all the same
   */
  freeze(options: { readonly memory: boolean }): Promise<FrozenMachine>;
  /** A frozen layer was moved: where it was and where it is. */
  moved(from: string, to: string): void;
  /** After `finish`: the disks as the machine left them, each a layer above the last frozen one. */
  finalDisks(): readonly string[];
  /** After `finish`: UEFI's variables as the machine left them, in base64. */
  finalVariables(): string | undefined;
}

/** A state of a machine in files of the build's scratch folder. */
export interface FrozenMachine {
  /** For each disk the layer that will never be written again. */
  readonly disks: readonly string[];
  /** Of a tree without a disk: the layer that will never be written again. */
  readonly tree?: string;
  readonly memory?: {
    /** Raw copy of the memory, with holes; to be removed once it is packed. */
    readonly file: string;
    readonly state: string;
    /** In bytes. */
    readonly size: number;
  };
  readonly firmwareVariables?: string;
  readonly login?: KeyPair;
}

/** Whether states of a source's machine can be kept, found out before anything is made. */
export type CheckpointSupport =
  | { readonly kind: 'none'; readonly reason: string }
  | {
      readonly kind: 'disks';
      /** Why the memory cannot be kept; undefined when it can. */
      readonly noMemory?: string;
      /**
       * Everything of the machine that what runs in it could notice, as far as the source does not say so already: the
       * versions of programs, the accelerator. Part of the keys.
       */
      readonly machine: Readonly<Record<string, string>>;
    };
