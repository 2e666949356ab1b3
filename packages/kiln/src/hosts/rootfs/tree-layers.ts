import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exists } from '../../base/files.ts';
import type { SandboxRoot } from '../../guests/chroot-guest.ts';

/** Moving a layer takes no time; who waits longer for it, in milliseconds, waits in vain. */
const patience = 5000;

/** The layers of one build's tree: the one that is written to, and those below, which never change again. */
export class TreeLayers {
  readonly #folder: string;
  readonly #lower: string[];
  #upper: string;
  #count = 0;

  private constructor(folder: string, lower: readonly string[], upper: string) {
    this.#folder = folder;
    this.#lower = [...lower];
    this.#upper = upper;
  }

  /** @param lower layers that are there already, top first; without any the tree begins as an empty folder */
  static async open(folder: string, lower: readonly string[]): Promise<TreeLayers> {
    const upper = join(folder, 'layer-0');
    await mkdir(upper, { recursive: true, mode: 0o755 });
    return new TreeLayers(folder, lower, upper);
  }

  get upper(): string {
    return this.#upper;
  }

  /** What there is to mount. A finished layer may be on its way into the store just then: this waits for it. */
  async root(): Promise<SandboxRoot> {
    if (this.#lower.length === 0) return { kind: 'directory', path: this.#upper };
    const deadline = performance.now() + patience;
    while (!(await allThere(this.#lower)) && performance.now() < deadline) await sleep(20);
    const work = join(this.#folder, `work-${this.#count}`);
    await mkdir(work, { recursive: true, mode: 0o700 });
    return { kind: 'overlay', lower: [...this.#lower], upper: this.#upper, work };
  }

  /** Finishes the layer that was written to, with nothing mounted any more, and begins another. */
  async next(): Promise<string> {
    const finished = this.#upper;
    this.#lower.unshift(finished);
    this.#count++;
    this.#upper = join(this.#folder, `layer-${this.#count}`);
    await mkdir(this.#upper, { mode: 0o755 });
    return finished;
  }

  /** Does something with the tree's root, again when a layer was moved meanwhile. */
  async withRoot<T>(use: (root: SandboxRoot) => Promise<T>): Promise<T> {
    for (;;) {
      const root = await this.root();
      try {
        return await use(root);
      } catch (error) {
        if (root.kind === 'directory' || (await allThere(root.lower))) throw error;
      }
    }
  }

  /** A finished layer lies elsewhere now. */
  moved(from: string, to: string): void {
    const at = this.#lower.indexOf(from);
    if (at >= 0) this.#lower[at] = to;
  }
}

async function allThere(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) if (!(await exists(path))) return false;
  return true;
}
