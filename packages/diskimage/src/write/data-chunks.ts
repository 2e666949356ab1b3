import type { ByteRange, DiskReader } from '../disk-reader.ts';
import { mergeRanges, unionRanges } from '../merge-ranges.ts';
import { readOrZeros } from '../read-bytes.ts';
import { BufferPool } from './buffer-pool.ts';

export interface DataChunk {
  /** Where the bytes are in the disk; a multiple of the unit. */
  readonly position: number;
  /** Whole units. Behind the disk's end they are zeros. */
  readonly bytes: Uint8Array;
  /** The same area of the disk below; all zeros where there is none. Only when one was given. */
  readonly below?: Uint8Array;
  /** Gives the buffers back. Must be called once nothing reads them any more, or the chunks come to an end. */
  release(): void;
}

export interface ChunkOptions {
  /** A power of two; chunks are made of whole ones. */
  readonly unit: number;
  /** A disk to compare with: what holds data only there comes up as well. */
  readonly below?: DiskReader;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/** So small that what was read is still in the processor's cache when it is written. */
const usualChunk = 512 << 10;
/** Bytes of all buffers: being read, being looked at, being written. */
const usualMemory = 4 << 20;
const readsAhead = 3;

/** What a disk holds, in order, read ahead of the use. Areas between the chunks are zeros (in both disks). */
export async function* dataChunks(
  disk: DiskReader,
  { unit, below, signal, onProgress }: ChunkOptions,
): AsyncGenerator<DataChunk> {
  const chunkSize = Math.max(unit, usualChunk);
  const pool = new BufferPool(
    Math.max(2 * readsAhead, usualMemory / chunkSize),
    below ? 2 * chunkSize : chunkSize,
  );
  const areas = chunkAreas(disk, below, unit, chunkSize)[Symbol.asyncIterator]();
  const queue: Promise<DataChunk>[] = [];
  try {
    for (let isAtEnd = false; ; ) {
      signal?.throwIfAborted();
      // Waiting for a buffer is right only when there is nothing to hand out: who holds it may wait for the next chunk.
      while (!isAtEnd && queue.length < readsAhead && (pool.hasFree || queue.length === 0)) {
        const area = await areas.next();
        if (area.done) isAtEnd = true;
        else queue.push(readChunk(area.value, await pool.take()));
        // A failure is thrown when it is this chunk's turn.
        queue.at(-1)?.catch(() => {});
      }
      const next = queue.shift();
      if (!next) break;
      const chunk = await next;
      onProgress?.(chunk.position, disk.size);
      yield chunk;
    }
    onProgress?.(disk.size, disk.size);
  } finally {
    await Promise.allSettled(queue);
    await areas.return?.(undefined);
  }

  async function readChunk({ start, length }: ByteRange, buffer: Uint8Array): Promise<DataChunk> {
    const chunk = {
      position: start,
      bytes: buffer.subarray(0, length),
      ...(below && { below: buffer.subarray(chunkSize, chunkSize + length) }),
      release: () => pool.give(buffer),
    };
    await readOrZeros(disk, chunk.bytes, start);
    if (below) await readOrZeros(below, chunk.below!, start);
    return chunk;
  }
}

/** Areas of whole units, none longer than a chunk, that hold all data. */
async function* chunkAreas(
  disk: DiskReader,
  below: DiskReader | undefined,
  unit: number,
  chunkSize: number,
): AsyncGenerator<ByteRange> {
  const ranges = below ? unionRanges(disk.dataRanges(), below.dataRanges()) : disk.dataRanges();
  for await (const { start, length } of mergeRanges(wholeUnits(ranges, unit, disk.size))) {
    for (let at = start; at < start + length; at += chunkSize)
      yield { start: at, length: Math.min(chunkSize, start + length - at) };
  }
}

async function* wholeUnits(
  ranges: AsyncIterable<ByteRange>,
  unit: number,
  diskSize: number,
): AsyncGenerator<ByteRange> {
  let done = 0;
  for await (const { start, length } of ranges) {
    if (start >= diskSize) return;
    const from = Math.max(done, Math.floor(start / unit) * unit);
    const end = Math.ceil(Math.min(start + length, diskSize) / unit) * unit;
    if (end <= from) continue;
    yield { start: from, length: end - from };
    done = end;
  }
}
