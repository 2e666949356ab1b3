import { bytesDisk } from './bytes-disk.ts';
import { checkArea } from './check-area.ts';
import type { ByteRange, DiskReader } from './disk-reader.ts';
import { mergeRanges } from './merge-ranges.ts';

/** What a composed disk holds from `position` (bytes) on. */
export interface DiskPart {
  readonly position: number;
  readonly content: DiskReader | Uint8Array;
}

/**
 * A disk made of parts: tables, boot code, filesystems. Between them it is zeros. Nothing is copied, so that a writer
 * can take a disk that is nowhere in one piece. Closing it closes the parts.
 * @param size of the whole disk in bytes
 * @throws RangeError when parts overlap or end behind the disk
 */
export function composeDisk(size: number, parts: readonly DiskPart[]): DiskReader {
  const sorted = parts
    .map(({ position, content }) => ({
      position,
      disk: content instanceof Uint8Array ? bytesDisk(content) : content,
    }))
    .filter(({ disk }) => disk.size > 0)
    .sort((a, b) => a.position - b.position);
  let end = 0;
  for (const { position, disk } of sorted) {
    if (position < end)
      throw new RangeError(`the part at byte ${position} starts before the one before it ends (${end})`);
    end = position + disk.size;
  }
  if (end > size) throw new RangeError(`the last part ends at byte ${end}, behind the disk's end (${size})`);
  return new ComposedDisk(size, sorted);
}

interface Placed {
  readonly position: number;
  readonly disk: DiskReader;
}

class ComposedDisk implements DiskReader {
  readonly size: number;
  readonly #parts: readonly Placed[];

  constructor(size: number, parts: readonly Placed[]) {
    this.size = size;
    this.#parts = parts;
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    checkArea(this, position, into.length);
    const end = position + into.length;
    let at = position;
    for (let index = this.#firstBehind(position); index < this.#parts.length && at < end; index++) {
      const part = this.#parts[index]!;
      if (part.position >= end) break;
      const from = Math.max(at, part.position);
      const to = Math.min(end, part.position + part.disk.size);
      into.fill(0, at - position, from - position);
      await part.disk.read(into.subarray(from - position, to - position), from - part.position);
      at = to;
    }
    into.fill(0, at - position);
  }

  /** Index of the first part that does not end before `position`. */
  #firstBehind(position: number): number {
    let low = 0;
    let high = this.#parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const { position: start, disk } = this.#parts[middle]!;
      if (start + disk.size > position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  dataRanges(): AsyncGenerator<ByteRange> {
    return mergeRanges(this.#partRanges());
  }

  async *#partRanges(): AsyncGenerator<ByteRange> {
    for (const { position, disk } of this.#parts)
      for await (const { start, length } of disk.dataRanges()) yield { start: position + start, length };
  }

  async close(): Promise<void> {
    for (const { disk } of this.#parts) await disk.close();
  }
}
