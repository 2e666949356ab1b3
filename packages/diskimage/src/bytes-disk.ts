import { checkArea } from './check-area.ts';
import type { ByteRange, DiskReader } from './disk-reader.ts';

/** Bytes in memory as a disk, or as a part of one. They must not change afterwards. */
export function bytesDisk(bytes: Uint8Array): DiskReader {
  return new BytesDisk(bytes);
}

class BytesDisk implements DiskReader {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#bytes.length;
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    checkArea(this, position, into.length);
    into.set(this.#bytes.subarray(position, position + into.length));
  }

  async *dataRanges(): AsyncGenerator<ByteRange> {
    if (this.size > 0) yield { start: 0, length: this.size };
  }

  async close(): Promise<void> {}
}
