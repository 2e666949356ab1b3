import { DiskImageError } from '../read.ts';
import type { Run } from '../run.ts';
import { maskedPlace, type Qcow2Layout } from './layout.ts';

/**
 * What a second-level table says of guest bytes `from` to `to`, counted from the start of what it covers.
 * @throws DiskImageError when an entry makes no sense
 */
export function* tableRuns(
  table: DataView,
  layout: Qcow2Layout,
  fileSize: number,
  from: number,
  to: number,
): Generator<Run> {
  const { clusterSize, entrySize } = layout;
  for (let index = Math.floor(from / clusterSize); index * clusterSize < to; index++) {
    const start = index * clusterSize;
    const high = table.getUint32(index * entrySize);
    const low = table.getUint32(index * entrySize + 4);
    const isCompressed = (high & 0x40000000) !== 0;
    if (isCompressed) yield compressed(layout, high, low, start, fileSize);
    else if (entrySize === 16) yield* subclusters(table, layout, fileSize, index);
    else yield plain(layout, high, low, start, fileSize);
  }
}

function plain(
  { clusterSize, header }: Qcow2Layout,
  high: number,
  low: number,
  start: number,
  fileSize: number,
): Run {
  const length = clusterSize;
  if ((low & 1) !== 0) {
    if (header.version === 2) throw new DiskImageError('a zero cluster in a qcow2 file of version 2');
    return { kind: 'zero', start, length };
  }
  const place = maskedPlace(high, low);
  if (place === 0) return { kind: 'backing', start, length };
  checkPlace(place, clusterSize, fileSize);
  return { kind: 'data', start, length, place };
}

/** Two bits for each of 32 parts: the lower half says which are in the file, the upper which are zeros. */
function* subclusters(
  table: DataView,
  { clusterSize, unitSize }: Qcow2Layout,
  fileSize: number,
  index: number,
): Generator<Run> {
  const place = maskedPlace(table.getUint32(index * 16), table.getUint32(index * 16 + 4));
  const zeros = table.getUint32(index * 16 + 8);
  const allocated = table.getUint32(index * 16 + 12);
  if ((zeros & allocated) !== 0) throw new DiskImageError('a subcluster is both data and zeros');
  if (allocated !== 0) checkPlace(place, clusterSize, fileSize);
  for (let part = 0; part < 32; part++) {
    const start = index * clusterSize + part * unitSize;
    if ((allocated >>> part) & 1)
      yield { kind: 'data', start, length: unitSize, place: place + part * unitSize };
    else yield { kind: (zeros >>> part) & 1 ? 'zero' : 'backing', start, length: unitSize };
  }
}

function compressed(
  { clusterSize, clusterBits }: Qcow2Layout,
  high: number,
  low: number,
  start: number,
  fileSize: number,
): Run {
  // The border between place and length moves with the cluster size; it is always in the upper half.
  const placeBits = 62 - (clusterBits - 8) - 32;
  const place = (high & (2 ** placeBits - 1)) * 2 ** 32 + low;
  const furtherSectors = (high & 0x3fffffff) >>> placeBits;
  if (place === 0 || place >= fileSize)
    throw new DiskImageError('a compressed cluster is outside of the file');
  const stored = Math.min((furtherSectors + 1) * 512 - (place % 512), fileSize - place);
  return { kind: 'packed', start, length: clusterSize, place, stored };
}

function checkPlace(place: number, clusterSize: number, fileSize: number): void {
  if (place === 0 || place % clusterSize !== 0 || place >= fileSize)
    throw new DiskImageError('a cluster is not at the start of a cluster of the file');
}
