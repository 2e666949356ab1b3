import { removeTree } from '../../base/user-namespace.ts';
import type { RootfsSource } from '../../plan/source.ts';
import type { Artifact } from '../artifact.ts';
import type { CheckpointableMachine, FrozenMachine } from '../checkpoint.ts';
import type { HostContext, StartedMachine } from '../host.ts';
import type { TreeGuest } from './tree-guest.ts';
import type { TreeLayers } from './tree-layers.ts';
import { writeImage } from './write-image.ts';

/** A tree that steps can run in, as if it were a machine. */
export class StartedTree implements StartedMachine {
  readonly guest: TreeGuest;
  readonly values: Readonly<Record<string, string>>;
  readonly checkpoints: CheckpointableMachine;
  readonly #source: RootfsSource;
  readonly #context: HostContext;
  readonly #layers: TreeLayers;
  readonly #home: string;
  /** Of this build alone. */
  readonly #folder: string;

  constructor(parts: {
    readonly source: RootfsSource;
    readonly context: HostContext;
    readonly layers: TreeLayers;
    readonly guest: TreeGuest;
    /** `$KILN_HOME`. */
    readonly home: string;
    readonly folder: string;
  }) {
    this.guest = parts.guest;
    this.#source = parts.source;
    this.#context = parts.context;
    this.#layers = parts.layers;
    this.#home = parts.home;
    this.#folder = parts.folder;
    this.values = { ConnType: 'chroot', User: 'root' };
    this.checkpoints = {
      freeze: () => this.#freeze(),
      moved: (from, to) => this.#layers.moved(from, to),
      finalDisks: () => [],
      finalVariables: () => undefined,
    };
  }

  async #freeze(): Promise<FrozenMachine> {
    await this.guest.unmount();
    return { disks: [], tree: await this.#layers.next() };
  }

  async finish(settled?: Promise<void>): Promise<Artifact> {
    try {
      await this.guest.close();
      await settled;
      return await writeImage({
        source: this.#source,
        context: this.#context,
        layers: this.#layers,
        home: this.#home,
        folder: this.#folder,
      });
    } finally {
      await removeTree(this.#folder);
    }
  }

  async abandon(): Promise<void> {
    try {
      await this.guest.close();
      await removeTree(this.#folder);
    } catch (error) {
      this.#context.say(`the tree could not be removed: ${error instanceof Error ? error.message : error}`);
    }
  }
}
