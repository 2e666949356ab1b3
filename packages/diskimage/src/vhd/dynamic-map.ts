import type { DiskReader } from '../disk-reader.ts';
import { LeastRecentlyUsed } from '../least-recently-used.ts';
import type { DiskMap } from '../mapped-disk.ts';
import { DiskImageError, hasMagic, safeNumber } from '../read.ts';
import { readBytes, viewOf } from '../read-bytes.ts';
import { joinRuns, type Run } from '../run.ts';
import { checksum } from './footer.ts';

const sector = 512;
export const dynamicHeaderSize = 1024;
/** An entry of the table for a block that is not in the file. */
const absentBlock = 0xffffffff;
/** 4 Mi blocks: 8 TiB of the usual ones, four times what the format allows. */
const mostBlocks = 4 << 20;
const largestBlock = 256 << 20;

/** @throws DiskImageError when header or table make no sense */
export async function readDynamicMap(file: DiskReader, size: number, headerPlace: number): Promise<DiskMap> {
  const header = await readBytes(file, headerPlace, dynamicHeaderSize);
  const view = viewOf(header);
  if (!hasMagic(header, 'cxsparse')) throw new DiskImageError('the VHD file has no header of a dynamic disk');
  if (view.getUint32(36) !== checksum(header, 36))
    throw new DiskImageError('the checksum of the dynamic VHD header is wrong');
  const tablePlace = safeNumber(view.getBigUint64(16), 'the place of the block table');
  const blockSize = view.getUint32(32);
  if (blockSize < sector || blockSize > largestBlock || (blockSize & (blockSize - 1)) !== 0)
    throw new DiskImageError(`VHD blocks of ${blockSize} bytes are not possible`);
  const blocks = Math.ceil(size / blockSize);
  if (blocks > Math.min(view.getUint32(28), mostBlocks))
    throw new DiskImageError('the VHD block table is too short for the disk');
  const table = viewOf(await readBytes(file, tablePlace, blocks * 4));
  return new DynamicMap(file, size, blockSize, table);
}

class DynamicMap implements DiskMap {
  readonly size: number;
  readonly #file: DiskReader;
  readonly #blockSize: number;
  readonly #bitmapSize: number;
  readonly #table: DataView;
  readonly #bitmaps = new LeastRecentlyUsed<number, Uint8Array>(64);

  constructor(file: DiskReader, size: number, blockSize: number, table: DataView) {
    this.#file = file;
    this.size = size;
    this.#blockSize = blockSize;
    // One bit a sector, in whole sectors.
    this.#bitmapSize = Math.ceil(blockSize / sector / 8 / sector) * sector;
    this.#table = table;
    this.#refuseSharedBlocks();
  }

  /** Else a small file could claim to be full of data for terabytes. */
  #refuseSharedBlocks(): void {
    const seen = new Set<number>();
    for (let at = 0; at < this.#table.byteLength; at += 4) {
      const entry = this.#table.getUint32(at);
      if (entry === absentBlock) continue;
      if (seen.has(entry)) throw new DiskImageError('two blocks of the VHD file are at the same place');
      seen.add(entry);
      if (entry * sector + this.#bitmapSize + this.#blockSize > this.#file.size)
        throw new DiskImageError('a block is outside of the VHD file');
    }
  }

  async *runs(from: number, to: number): AsyncGenerator<Run> {
    const blockSize = this.#blockSize;
    for (let at = from; at < to; ) {
      const index = Math.floor(at / blockSize);
      const start = index * blockSize;
      const end = Math.min(start + blockSize, to);
      const entry = this.#table.getUint32(index * 4);
      if (entry === absentBlock) yield { kind: 'zero', start: at, length: end - at };
      else yield* joinRuns(await this.#sectorRuns(entry * sector, start, at, end));
      at = end;
    }
  }

  /** Sectors whose bit is not set were never written. */
  async #sectorRuns(place: number, start: number, from: number, to: number): Promise<Iterable<Run>> {
    const bitmap = await this.#bitmaps.get(place, () => readBytes(this.#file, place, this.#bitmapSize));
    return sectorRuns(bitmap, start, place + this.#bitmapSize, from, to);
  }
}

function* sectorRuns(
  bitmap: Uint8Array,
  start: number,
  dataPlace: number,
  from: number,
  to: number,
): Generator<Run> {
  for (let index = Math.floor((from - start) / sector); start + index * sector < to; index++) {
    const isWritten = ((bitmap[index >> 3]! << (index & 7)) & 0x80) !== 0;
    const position = { start: start + index * sector, length: sector };
    if (isWritten) yield { kind: 'data', ...position, place: dataPlace + index * sector };
    else yield { kind: 'zero', ...position };
  }
}
