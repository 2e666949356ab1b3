import { inflate } from 'node:zlib';
import type { DiskReader } from '../disk-reader.ts';
import { LeastRecentlyUsed } from '../least-recently-used.ts';
import type { DiskMap } from '../mapped-disk.ts';
import { DiskImageError } from '../read.ts';
import { readBytes, viewOf } from '../read-bytes.ts';
import { joinRuns, type PackedRun, type Run } from '../run.ts';
import { type VmdkHeader, vmdkFlags, vmdkSector } from './header.ts';

const largestDirectory = 32 << 20;
/** Bytes in front of a compressed grain: its sector in the disk and its length. */
export const grainHeadSize = 12;

/** @throws DiskImageError when the directory is not all in the file, or refers to a table twice */
export async function readGrainMap(file: DiskReader, header: VmdkHeader): Promise<DiskMap> {
  const tables = Math.ceil(header.capacity / (header.grainSize * header.entriesPerTable));
  if (tables * 4 > largestDirectory)
    throw new DiskImageError('the VMDK grain directory is larger than 32 MiB');
  const directory = viewOf(await readBytes(file, header.directoryPlace, tables * 4));
  // Else a small file could claim to be full of data for terabytes.
  const seen = new Set<number>();
  for (let at = 0; at < directory.byteLength; at += 4) {
    const entry = directory.getUint32(at, true);
    if (entry === 0) continue;
    if (seen.has(entry)) throw new DiskImageError('the VMDK file uses a grain table twice');
    seen.add(entry);
  }
  return new GrainMap(file, header, directory);
}

class GrainMap implements DiskMap {
  readonly size: number;
  readonly packedSize: number;
  readonly #file: DiskReader;
  readonly #header: VmdkHeader;
  readonly #directory: DataView;
  readonly #tables = new LeastRecentlyUsed<number, DataView>(1024);

  constructor(file: DiskReader, header: VmdkHeader, directory: DataView) {
    this.size = header.capacity;
    this.packedSize = header.grainSize;
    this.#file = file;
    this.#header = header;
    this.#directory = directory;
  }

  async *runs(from: number, to: number): AsyncGenerator<Run> {
    const { grainSize, entriesPerTable } = this.#header;
    const reach = grainSize * entriesPerTable;
    for (let at = from; at < to; ) {
      const index = Math.floor(at / reach);
      const base = index * reach;
      const end = Math.min(base + reach, to);
      const entry = this.#directory.getUint32(index * 4, true);
      if (entry === 0) {
        yield { kind: 'zero', start: at, length: end - at };
      } else {
        const table = await this.#tables.get(entry, async () =>
          viewOf(await readBytes(this.#file, entry * vmdkSector, entriesPerTable * 4)),
        );
        yield* joinRuns(this.#tableRuns(table, base, at, end));
      }
      at = end;
    }
  }

  *#tableRuns(table: DataView, base: number, from: number, to: number): Generator<Run> {
    const { grainSize, flags } = this.#header;
    const kind = (flags & vmdkFlags.compressed) === 0 ? 'data' : 'packed';
    const knowsZeros = (flags & vmdkFlags.zeroedGrains) !== 0;
    for (let index = Math.floor((from - base) / grainSize); base + index * grainSize < to; index++) {
      const entry = table.getUint32(index * 4, true);
      const where = { start: base + index * grainSize, length: grainSize };
      const place = entry * vmdkSector;
      if (place >= this.#file.size) throw new DiskImageError('a grain is outside of the VMDK file');
      yield entry === 0 || (entry === 1 && knowsZeros)
        ? { kind: 'zero', ...where }
        : { kind, ...where, place };
    }
  }

  async unpack({ start, place }: PackedRun): Promise<Uint8Array> {
    const { grainSize, capacity } = this.#header;
    const head = viewOf(await readBytes(this.#file, place, grainHeadSize));
    if (head.getBigUint64(0, true) !== BigInt(start / vmdkSector))
      throw new DiskImageError(`the grain for byte ${start} of the disk is in the place of another`);
    const stored = head.getUint32(8, true);
    if (stored === 0 || stored > 2 * grainSize)
      throw new DiskImageError(`a grain of ${stored} compressed bytes is not possible`);
    const bytes = await inflateGrain(await readBytes(this.#file, place + grainHeadSize, stored), grainSize);
    if (bytes.length < Math.min(grainSize, capacity - start))
      throw new DiskImageError(`a compressed grain holds ${bytes.length} bytes, not ${grainSize}`);
    return bytes;
  }
}

function inflateGrain(stored: Uint8Array, grainSize: number): Promise<Uint8Array> {
  // One chunk more than fits makes every decompression one trip to the thread pool.
  const options = { maxOutputLength: grainSize, chunkSize: grainSize + 64 };
  return new Promise((resolve, reject) => {
    inflate(stored, options, (error, bytes) =>
      error
        ? reject(new DiskImageError(`a compressed grain cannot be decompressed (${error.message})`))
        : resolve(bytes),
    );
  });
}
