import { rm, stat } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import { digestFile } from '../../base/files.ts';
import { layerPath, type StoreLayout } from '../../store/home.ts';
import { withStoreLock } from '../../store/store-lock.ts';

/** How long a layer that was read through counts as sound while its file looks the same, in milliseconds. */
const trusted = 10 * 60_000;
const most = 10_000;

interface Reading {
  readonly looks: string;
  readonly at: number;
}

/** Knows which layers' files are what their digests say: each is read through, and remembered while it stays the same. */
export class SoundLayers {
  readonly #read = new Map<string, Reading>();

  /** Bytes of the layer's file, or undefined when it is missing or damaged. */
  async sizeOf(layout: StoreLayout, digest: string, onProgress?: (bytes: number) => void) {
    const path = layerPath(layout, digest);
    const before = await look(path);
    if (!before) return undefined;
    const known = this.#read.get(path);
    if (known && known.looks === before.looks && Date.now() - known.at < trusted) return before.size;
    const actual = await digestFile(path, 'sha256', onProgress).catch((error: unknown) => {
      if (isSystemError(error, 'ENOENT', 'EIO')) return undefined;
      throw error;
    });
    if (actual !== digest) {
      this.#read.delete(path);
      return undefined;
    }
    if (this.#read.size >= most) this.#read.clear();
    this.#read.set(path, { looks: before.looks, at: Date.now() });
    return before.size;
  }

  /** Takes a layer away that is not what its name says, unless somebody has put it right meanwhile. */
  async discard(home: string, digest: string): Promise<void> {
    await withStoreLock(home, async (layout) => {
      const path = layerPath(layout, digest);
      if ((await look(path)) && (await digestFile(path)) !== digest) await rm(path, { force: true });
    });
  }
}

async function look(path: string): Promise<{ readonly size: number; readonly looks: string } | undefined> {
  try {
    const { size, mtimeMs, ctimeMs, ino } = await stat(path);
    return { size, looks: `${size} ${mtimeMs} ${ctimeMs} ${ino}` };
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
