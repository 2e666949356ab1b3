import { checkArea } from './check-area.ts';
import type { ByteRange, DiskReader } from './disk-reader.ts';

/**
 * A part of a disk as a disk of its own, such as a partition. It is a view: closing it leaves the disk open.
 * @throws DiskImageError when the part is not within the disk
 */
export function subDisk(disk: DiskReader, start: number, length: number): DiskReader {
  checkArea(disk, start, length);
  return new SubDisk(disk, start, length, false);
}

/** The same where the whole disk is of no further use: closing the part closes it. */
export function onlyPart(disk: DiskReader, start: number, length: number): DiskReader {
  checkArea(disk, start, length);
  return new SubDisk(disk, start, length, true);
}

class SubDisk implements DiskReader {
  readonly size: number;
  readonly #disk: DiskReader;
  readonly #start: number;
  readonly #closesDisk: boolean;

  constructor(disk: DiskReader, start: number, length: number, closesDisk: boolean) {
    this.#disk = disk;
    this.#start = start;
    this.size = length;
    this.#closesDisk = closesDisk;
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    checkArea(this, position, into.length);
    await this.#disk.read(into, this.#start + position);
  }

  async *dataRanges(): AsyncGenerator<ByteRange> {
    const end = this.#start + this.size;
    for await (const range of this.#disk.dataRanges()) {
      if (range.start >= end) return;
      const from = Math.max(range.start, this.#start);
      const to = Math.min(range.start + range.length, end);
      if (from < to) yield { start: from - this.#start, length: to - from };
    }
  }

  async close(): Promise<void> {
    if (this.#closesDisk) await this.#disk.close();
  }
}
