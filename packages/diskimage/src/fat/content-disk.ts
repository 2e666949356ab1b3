import { checkArea } from '../check-area.ts';
import type { ByteRange, DiskReader } from '../disk-reader.ts';
import { DiskImageError } from '../read.ts';
import type { FileContent } from '../tree/tree-entry.ts';

/** A file of a tree as a part of a disk. It is open only while it is read. */
export class ContentDisk implements DiskReader {
  readonly size: number;
  readonly #content: FileContent;

  constructor(content: FileContent, size: number) {
    this.#content = content;
    this.size = size;
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    checkArea(this, position, into.length);
    const open = this.#content.open();
    try {
      for (let done = 0; done < into.length; ) {
        const count = open.read(into.subarray(done), position + done);
        if (count === 0) throw new DiskImageError('a file became shorter while it was read');
        done += count;
      }
    } finally {
      open.close();
    }
  }

  async *dataRanges(): AsyncGenerator<ByteRange> {
    if (this.size > 0) yield { start: 0, length: this.size };
  }

  async close(): Promise<void> {}
}
