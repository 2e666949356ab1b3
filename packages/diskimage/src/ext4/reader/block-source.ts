import type { DiskReader } from '../../disk-reader.ts';
import { LeastRecentlyUsed } from '../../least-recently-used.ts';
import { DiskImageError } from '../../read.ts';

/** Bytes of blocks that are kept, for directories, inodes and maps are looked at again and again. */
const cacheSize = 8 * 1024 * 1024;

/** A filesystem's blocks, as they are once its journal has been replayed. */
export class BlockSource {
  readonly blockSize: number;
  readonly blocks: number;
  readonly #disk: DiskReader;
  readonly #cache: LeastRecentlyUsed<number, Uint8Array>;
  #replaced: ReadonlyMap<number, ReplacedBlock> = new Map();

  constructor(disk: DiskReader, blockSize: number, blocks: number) {
    this.#disk = disk;
    this.blockSize = blockSize;
    this.blocks = blocks;
    this.#cache = new LeastRecentlyUsed(Math.max(16, cacheSize / blockSize));
  }

  /** The same disk with some blocks found elsewhere on it. */
  with(replaced: ReadonlyMap<number, ReplacedBlock>): BlockSource {
    const source = new BlockSource(this.#disk, this.blockSize, this.blocks);
    source.#replaced = replaced;
    return source;
  }

  /** One whole block, which must not be changed. @throws DiskImageError when there is no such block */
  read(block: number): Promise<Uint8Array> {
    return this.#cache.get(block, async () => {
      this.check(block, 1);
      const bytes = new Uint8Array(this.blockSize);
      await this.#readOne(bytes, block, 0);
      return bytes;
    });
  }

  /** Fills `into` with what starts so many bytes behind the start of a block; it may reach over several. */
  async readInto(into: Uint8Array, block: number, offset: number): Promise<void> {
    const first = block + Math.floor(offset / this.blockSize);
    const inside = offset % this.blockSize;
    this.check(first, Math.ceil((inside + into.length) / this.blockSize));
    if (this.#replaced.size === 0) {
      await this.#disk.read(into, first * this.blockSize + inside);
      return;
    }
    for (let done = 0, at = first, skip = inside; done < into.length; at++, skip = 0) {
      const part = into.subarray(done, done + this.blockSize - skip);
      await this.#readOne(part, at, skip);
      done += part.length;
    }
  }

  /** @throws DiskImageError when blocks are outside of the filesystem */
  check(block: number, count: number): void {
    if (!(block >= 0 && block + count <= this.blocks))
      throw new DiskImageError(
        `blocks ${block} to ${block + count - 1} are outside of the filesystem, which has ${this.blocks}`,
      );
  }

  async #readOne(into: Uint8Array, block: number, offset: number): Promise<void> {
    const replaced = this.#replaced.get(block);
    await this.#disk.read(into, (replaced?.block ?? block) * this.blockSize + offset);
    // The journal marks its own blocks with a number, and takes it out of data that happens to start with it.
    if (replaced?.isEscaped && offset < 4)
      into.set([0xc0, 0x3b, 0x39, 0x98].slice(offset, offset + into.length));
  }
}

/** Where the newest content of a block is. */
export interface ReplacedBlock {
  readonly block: number;
  readonly isEscaped: boolean;
}
