import type { ByteRange } from './disk-reader.ts';

/** Joins ranges that touch each other. They must come in order. */
export async function* mergeRanges(ranges: AsyncIterable<ByteRange>): AsyncGenerator<ByteRange> {
  let last: { start: number; length: number } | undefined;
  for await (const { start, length } of ranges) {
    if (length === 0) continue;
    if (last && last.start + last.length === start) {
      last.length += length;
      continue;
    }
    if (last) yield last;
    last = { start, length };
  }
  if (last) yield last;
}

/** Looks up, from the disk's start to its end, which parts of areas lie in a disk's ranges. */
export class RangeCursor {
  readonly #ranges: AsyncIterator<ByteRange>;
  #current: ByteRange | undefined;
  #isAtEnd = false;

  constructor(ranges: AsyncIterable<ByteRange>) {
    this.#ranges = ranges[Symbol.asyncIterator]();
  }

  /** Ranges within `start` to `end`, which must not be before those asked for last. */
  async *within(start: number, end: number): AsyncGenerator<ByteRange> {
    while (!this.#isAtEnd) {
      if (!this.#current || this.#current.start + this.#current.length <= start) {
        const { done, value } = await this.#ranges.next();
        this.#isAtEnd = done === true;
        this.#current = done === true ? undefined : value;
        continue;
      }
      const rangeEnd = this.#current.start + this.#current.length;
      if (this.#current.start >= end) return;
      const from = Math.max(start, this.#current.start);
      const to = Math.min(end, rangeEnd);
      if (from < to) yield { start: from, length: to - from };
      if (rangeEnd >= end) return;
      start = rangeEnd;
    }
  }

  async close(): Promise<void> {
    await this.#ranges.return?.();
  }
}
