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

/** What is in one of two lists of ranges or in both, in order; ranges that overlap are joined. */
export async function* unionRanges(
  first: AsyncIterable<ByteRange>,
  second: AsyncIterable<ByteRange>,
): AsyncGenerator<ByteRange> {
  const sources = [first[Symbol.asyncIterator](), second[Symbol.asyncIterator]()] as const;
  const heads = await Promise.all(sources.map(async (source) => (await source.next()).value));
  let last: { start: number; end: number } | undefined;
  try {
    while (heads[0] || heads[1]) {
      const index = !heads[1] || (heads[0] && heads[0].start <= heads[1].start) ? 0 : 1;
      const { start, length } = heads[index] as ByteRange;
      heads[index] = (await sources[index].next()).value;
      if (last && start <= last.end) {
        last.end = Math.max(last.end, start + length);
        continue;
      }
      if (last) yield { start: last.start, length: last.end - last.start };
      last = { start, end: start + length };
    }
    if (last) yield { start: last.start, length: last.end - last.start };
  } finally {
    for (const source of sources) await source.return?.();
  }
}
