import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { checkArea } from '../check-area.ts';
import type { ByteRange, DiskReader } from '../disk-reader.ts';
import { DiskImageError } from '../read.ts';
import { seekDataRanges } from './seek-data.ts';

/**
 * Reads a file's bytes as they are: a raw disk, or the file of any other format.
 * @throws DiskImageError when it is no regular file; Node's own errors when it cannot be opened
 */
export async function openRaw(path: string): Promise<DiskReader> {
  // A pipe that nobody writes to would be waited for without an end.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new DiskImageError('only regular files are read as disks');
    return new RawReader(file, stat.size);
  } catch (error) {
    await file.close();
    throw error;
  }
}

class RawReader implements DiskReader {
  readonly size: number;
  readonly #file: FileHandle;

  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    checkArea(this, position, into.length);
    for (let done = 0; done < into.length; ) {
      const { bytesRead } = await this.#file.read(into, done, into.length - done, position + done);
      if (bytesRead === 0) throw new DiskImageError('the file became shorter while it was read');
      done += bytesRead;
    }
  }

  async *dataRanges(): AsyncGenerator<ByteRange> {
    if (this.size === 0) return;
    const { blocks } = await this.#file.stat();
    const isSparse = blocks * 512 < this.size;
    const ranges = isSparse ? await seekDataRanges(this.#file.fd, this.size) : undefined;
    yield* ranges ?? [{ start: 0, length: this.size }];
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}
