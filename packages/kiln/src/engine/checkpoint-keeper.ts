import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { CheckpointableMachine, FrozenMachine } from '../hosts/checkpoint.ts';
import type { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { packMemory } from '../store/checkpoints/memory-pack.ts';

export interface StateToKeep {
  readonly key: string;
  readonly build: string;
  readonly step: string;
  readonly lostByReboot: readonly string[];
  readonly failedStep?: number;
}

/**
 * Brings frozen states of one build's machine into the store, behind the back of the machine, which goes on. A state
 * that cannot be kept costs nothing but itself: it is said once, and the build goes on.
 */
export class CheckpointKeeper {
  readonly #store: CheckpointStore;
  readonly #scratch: string;
  readonly #warn: (text: string) => void;
  readonly #base: string | undefined;
  /** For each disk the digests of the layers below its top, top first. */
  #chains: readonly (readonly string[])[];
  /** Digests of a tree's layers, top first. */
  #trees: readonly string[] | undefined;
  #working: Promise<void> = Promise.resolve();
  #count = 0;
  #broken = false;

  constructor(options: {
    readonly store: CheckpointStore;
    readonly scratch: string;
    readonly warn: (text: string) => void;
    /** Digest of the source image. */
    readonly base: string | undefined;
    /** What the machine was started from. */
    readonly chains: readonly (readonly string[])[];
    readonly trees?: readonly string[];
  }) {
    this.#store = options.store;
    this.#scratch = options.scratch;
    this.#warn = options.warn;
    this.#base = options.base;
    this.#chains = options.chains;
    this.#trees = options.trees;
  }

  /** No more states can be kept: one before was lost, and with it what the next would stand on. */
  get isBroken(): boolean {
    return this.#broken;
  }

  /** Begins to keep a state; the next one waits for it. */
  keep(machine: CheckpointableMachine, frozen: FrozenMachine, state: StateToKeep): void {
    const pack = join(this.#scratch, `memory-pack-${this.#count++}`);
    this.#working = this.#working.then(async () => {
      try {
        await this.#bring(machine, frozen, state, pack);
      } catch (error) {
        this.#giveUp(error);
      } finally {
        if (frozen.memory)
          for (const path of [frozen.memory.file, frozen.memory.state, pack]) await remove(path);
      }
    });
  }

  /** Waits until everything is in the store that is on its way there. */
  async settled(): Promise<void> {
    await this.#working;
  }

  #giveUp(error: unknown): void {
    if (!this.#broken) this.#warn(`no more checkpoints of this build are kept: ${messageOf(error)}`);
    this.#broken = true;
  }

  async #bring(
    machine: CheckpointableMachine,
    frozen: FrozenMachine,
    state: StateToKeep,
    pack: string,
  ): Promise<void> {
    if (this.#broken) return;
    const chains: (readonly string[])[] = [];
    for (const [at, path] of frozen.disks.entries()) {
      const below = this.#chains[at] ?? [];
      const digest = await this.#store.addDisk({ path, below }, at === 0 ? this.#base : undefined);
      machine.moved(path, this.#store.diskPath(digest));
      chains.push([digest, ...below]);
    }
    this.#chains = chains;
    if (frozen.tree !== undefined) {
      const digest = await this.#store.addTree(frozen.tree);
      machine.moved(frozen.tree, this.#store.treePath(digest));
      this.#trees = [digest, ...(this.#trees ?? [])];
    }
    const { memory, firmwareVariables, login } = frozen;
    const packed = memory && (await packMemory({ memory: memory.file, state: memory.state }, pack));
    await this.#store.add({
      ...state,
      ...(this.#base === undefined ? {} : { base: this.#base }),
      disks: chains,
      ...(this.#trees === undefined ? {} : { trees: this.#trees }),
      ...(memory && packed ? { memory: { packed, path: pack, size: memory.size } } : {}),
      ...(firmwareVariables === undefined ? {} : { firmwareVariables }),
      ...(login ? { login } : {}),
    });
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { force: true });
}
