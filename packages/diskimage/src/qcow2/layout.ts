import type { DiskReader } from '../disk-reader.ts';
import { parseQcow2Header, type Qcow2Header } from '../qcow2-header.ts';
import { DiskImageError, safeNumber } from '../read.ts';
import { readBytes, viewOf } from '../read-bytes.ts';

export type Qcow2Compression = 'deflate' | 'zstd';

/** What finding a cluster takes (QEMU's docs/interop/qcow2.txt). Sizes in bytes. */
export interface Qcow2Layout {
  readonly header: Qcow2Header;
  readonly clusterSize: number;
  readonly clusterBits: number;
  readonly compression: Qcow2Compression;
  /** Bytes of an entry in a second-level table: 8, or 16 with subclusters. */
  readonly entrySize: 8 | 16;
  /** What one entry's smallest part stands for: a cluster, or a 32nd of it. */
  readonly unitSize: number;
  /** Guest bytes that one second-level table covers. */
  readonly tableReach: number;
  /** Entries of the first-level table that the disk's size takes, as 64-bit big-endian numbers. */
  readonly firstLevel: DataView;
}

/** As QEMU: larger ones are not opened. */
const largestFirstLevel = 32 << 20;

/** @throws DiskImageError when the disk cannot be read from this file, or the file is damaged */
export async function readQcow2Layout(file: DiskReader): Promise<Qcow2Layout> {
  const header = await parseQcow2Header(file);
  refuse(header);
  const { clusterSize, virtualSize } = header;
  const bytes = viewOf(await readBytes(file, 0, Math.min(file.size, 112)));
  const entrySize = header.incompatible.extendedL2 ? 16 : 8;
  const tableReach = (clusterSize / entrySize) * clusterSize;
  const needed = Math.ceil(virtualSize / tableReach);
  const entries = bytes.getUint32(36);
  const place = safeNumber(bytes.getBigUint64(40), 'the place of the first-level table');
  if (entries < needed) throw new DiskImageError('the first-level table is too short for the disk');
  if (needed * 8 > largestFirstLevel)
    throw new DiskImageError(
      'the first-level table is larger than 32 MiB; the disk is too large for its clusters',
    );
  if (place % clusterSize !== 0 || (needed > 0 && place === 0))
    throw new DiskImageError('the first-level table is not at the start of a cluster');
  if (entrySize === 16 && clusterSize < 16384)
    throw new DiskImageError('clusters with subclusters have 16 KiB at least');
  const firstLevel = viewOf(await readBytes(file, place, needed * 8));
  checkTables(firstLevel, clusterSize, file.size);
  return {
    header,
    clusterSize,
    clusterBits: Math.log2(clusterSize),
    compression: compressionOf(header, bytes),
    entrySize,
    unitSize: entrySize === 16 ? clusterSize / 32 : clusterSize,
    tableReach,
    firstLevel,
  };
}

function refuse({ incompatible, encrypted, dataFile }: Qcow2Header): void {
  if (encrypted)
    throw new DiskImageError('the qcow2 file is encrypted; it must be decrypted before it can be read');
  if (incompatible.externalData || dataFile !== undefined)
    throw new DiskImageError('the qcow2 file keeps its data in another file, which is not supported');
  if (incompatible.corrupt)
    throw new DiskImageError('the qcow2 file is marked as damaged; `qemu-img check -r all` may mend it');
  if (incompatible.unknown !== 0n)
    throw new DiskImageError(
      `the qcow2 file uses features that are not known (bits 0x${incompatible.unknown.toString(16)})`,
    );
}

function compressionOf({ version, incompatible }: Qcow2Header, bytes: DataView): Qcow2Compression {
  if (version === 2 || !incompatible.compressionType) return 'deflate';
  if (bytes.getUint32(100) < 105 || bytes.byteLength < 105)
    throw new DiskImageError('the qcow2 header does not say how clusters are compressed');
  const type = bytes.getUint8(104);
  if (type === 0) return 'deflate';
  if (type === 1) return 'zstd';
  throw new DiskImageError(`the qcow2 file is compressed in a way that is not known (${type})`);
}

/**
 * Two entries never share a table within one disk. Refusing it bounds how much disk a small file can claim to hold,
 * by the tables that are really in it.
 */
function checkTables(firstLevel: DataView, clusterSize: number, fileSize: number): void {
  const seen = new Set<number>();
  for (let index = 0; index * 8 < firstLevel.byteLength; index++) {
    const place = tablePlace(firstLevel, index);
    if (place === 0) continue;
    if (place % clusterSize !== 0 || place >= fileSize)
      throw new DiskImageError(
        `the second-level table ${index} is not at the start of a cluster of the file`,
      );
    if (seen.has(place)) throw new DiskImageError(`the second-level table ${index} is used twice`);
    seen.add(place);
  }
}

/** Where in the file a second-level table is; 0 when there is none. */
export function tablePlace(firstLevel: DataView, index: number): number {
  return maskedPlace(firstLevel.getUint32(index * 8), firstLevel.getUint32(index * 8 + 4));
}

/** Bits 9 to 55 of an entry's two halves. Above 2^53 the result is not exact, but behind every file's end anyway. */
export function maskedPlace(high: number, low: number): number {
  return (high & 0x00ffffff) * 2 ** 32 + ((low & 0xfffffe00) >>> 0);
}
