import { join } from 'node:path';
import { setQcow2BackingFile } from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import type { BuildDisk } from './build-disks.ts';
import { createLayerToCome } from './disks.ts';
import type { RunningQemu } from './launch.ts';

/**
 * The disks of a machine whose states are kept. Each is a growing stack of layers: the machine writes to the top one,
 * and those below never change again. While the machine runs only QEMU knows what stands on what; the names in the
 * layers' headers are made right when a layer is taken away or the machine is off.
 */
export class LayeredDisks {
  /** For each disk what its top layer stands on: a path, or undefined when nothing. */
  readonly #below: (string | undefined)[];
  readonly #tops: string[];
  /** Tops that were made while the machine ran: their headers name nothing that exists. */
  readonly #nameless = new Set<number>();
  #drives: readonly Drive[] | undefined;
  #count = 0;

  /** @param below what each disk stands on at the start */
  constructor(disks: readonly BuildDisk[], below: readonly (string | undefined)[]) {
    this.#tops = disks.map((disk) => disk.path);
    this.#below = [...below];
  }

  get tops(): readonly string[] {
    return this.#tops;
  }

  /**
   * Puts a new layer on top of every disk of a stopped machine at once.
   * @returns the layers that are frozen by it, one for each disk
   * @throws KilnError `qemu-failed`; nothing has changed then
   */
  async freeze(qemu: RunningQemu, folder: string): Promise<readonly string[]> {
    const drives = await this.#findDrives(qemu);
    this.#count++;
    const actions = [];
    const fresh: string[] = [];
    for (const [at, { device, size }] of drives.entries()) {
      const path = join(folder, `layer-${at}-${this.#count}.qcow2`);
      await createLayerToCome(path, size);
      fresh.push(path);
      actions.push({
        type: 'blockdev-snapshot-sync',
        data: { device, 'snapshot-file': path, format: 'qcow2', mode: 'existing' },
      });
    }
    await qemu.qmp.expect('transaction', { actions });
    const frozen = [...this.#tops];
    for (const [at, path] of fresh.entries()) {
      this.#below[at] = this.#tops[at];
      this.#tops[at] = path;
      this.#nameless.add(at);
    }
    return frozen;
  }

  /** QEMU's names of the disks are told by their files, once: of layers that it put on later it shows other names. */
  async #findDrives(qemu: RunningQemu): Promise<readonly Drive[]> {
    if (this.#drives) return this.#drives;
    const known = await qemu.qmp.expect<readonly BlockDevice[]>('query-block');
    this.#drives = this.#tops.map((top) => {
      const found = known.find(({ inserted }) => inserted?.file === top);
      if (!found?.inserted) throw new KilnError('qemu-failed', `QEMU does not know the disk ${top}`);
      return { device: found.device, size: found.inserted.image['virtual-size'] };
    });
    return this.#drives;
  }

  /** A frozen layer lies elsewhere now. */
  moved(from: string, to: string): void {
    for (const [at, below] of this.#below.entries()) if (below === from) this.#below[at] = to;
  }

  /** With the machine off: makes the top layers readable by themselves. */
  async complete(): Promise<void> {
    for (const at of this.#nameless) await setQcow2BackingFile(this.#tops[at]!, this.#below[at]!);
    this.#nameless.clear();
  }
}

interface Drive {
  readonly device: string;
  /** What the guest sees, in bytes. */
  readonly size: number;
}

interface BlockDevice {
  readonly device: string;
  readonly inserted?: { readonly file: string; readonly image: { readonly 'virtual-size': number } };
}
