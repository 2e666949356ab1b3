import { checkArea } from './check-area.ts';
import type { ByteRange, DiskReader } from './disk-reader.ts';
import { LeastRecentlyUsed } from './least-recently-used.ts';
import { mergeRanges, RangeCursor } from './merge-ranges.ts';
import { readOrZeros } from './read-bytes.ts';
import type { PackedRun, Run } from './run.ts';

/** Where the bytes of a disk are in the file of its format. */
export interface DiskMap {
  readonly size: number;
  /** Bytes that a packed run holds at most. */
  readonly packedSize?: number;
  /** What bytes `from` to `to` are, in order and without gaps. The first and the last run may reach beyond. */
  runs(from: number, to: number): AsyncIterable<Run>;
  /** What a packed run holds, all of `run.length` bytes. */
  unpack?(run: PackedRun): Promise<Uint8Array>;
}

/**
 * The disk that a map finds in a file, and in another one below it. Closing it closes both.
 */
export function mappedDisk(map: DiskMap, file: DiskReader, backing?: DiskReader): DiskReader {
  return new MappedDisk(map, file, backing);
}

/** Bytes of unpacked runs that are kept. */
const unpackedCache = 4 << 20;
/** Pieces of a read that are under way at once: enough for the thread pool. */
const piecesAtOnce = 8;

class MappedDisk implements DiskReader {
  readonly size: number;
  readonly #map: DiskMap;
  readonly #file: DiskReader;
  readonly #backing: DiskReader | undefined;
  readonly #unpacked: LeastRecentlyUsed<number, Uint8Array>;

  constructor(map: DiskMap, file: DiskReader, backing: DiskReader | undefined) {
    this.size = map.size;
    this.#map = map;
    this.#file = file;
    this.#backing = backing;
    this.#unpacked = new LeastRecentlyUsed(Math.max(4, unpackedCache / (map.packedSize ?? unpackedCache)));
  }

  async read(into: Uint8Array, position: number): Promise<void> {
    checkArea(this, position, into.length);
    const end = position + into.length;
    let pieces: Promise<void>[] = [];
    try {
      for await (const run of this.#map.runs(position, end)) {
        const from = Math.max(position, run.start);
        const to = Math.min(end, run.start + run.length);
        const piece = this.#readPiece(run, into.subarray(from - position, to - position), from - run.start);
        if (piece) pieces.push(piece);
        if (pieces.length < piecesAtOnce) continue;
        await Promise.all(pieces);
        pieces = [];
      }
      await Promise.all(pieces);
    } finally {
      // Whoever is told of a failure may use the buffer again: nothing may still write to it.
      await Promise.allSettled(pieces);
    }
  }

  /** @param skip bytes of the run that come before `into` */
  #readPiece(run: Run, into: Uint8Array, skip: number): Promise<void> | undefined {
    switch (run.kind) {
      case 'data':
        return readOrZeros(this.#file, into, run.place + skip);
      case 'packed':
        return this.#readPacked(run, into, skip);
      case 'backing':
        if (this.#backing) return readOrZeros(this.#backing, into, run.start + skip);
        into.fill(0);
        return undefined;
      case 'zero':
        into.fill(0);
        return undefined;
    }
  }

  async #readPacked(run: PackedRun, into: Uint8Array, skip: number): Promise<void> {
    const bytes = await this.#unpacked.get(run.place, () => this.#map.unpack!(run));
    into.set(bytes.subarray(skip, skip + into.length));
  }

  dataRanges(): AsyncGenerator<ByteRange> {
    return mergeRanges(this.#unmergedRanges());
  }

  async *#unmergedRanges(): AsyncGenerator<ByteRange> {
    const backing = this.#backing && new RangeCursor(this.#backing.dataRanges());
    try {
      for await (const { kind, start, length } of this.#map.runs(0, this.size)) {
        const end = Math.min(start + length, this.size);
        if (kind === 'data' || kind === 'packed') yield { start, length: end - start };
        else if (kind === 'backing' && backing) yield* backing.within(start, end);
      }
    } finally {
      await backing?.close();
    }
  }

  async close(): Promise<void> {
    try {
      await this.#file.close();
    } finally {
      await this.#backing?.close();
    }
  }
}
