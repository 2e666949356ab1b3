import type { FatOptions } from './fat-options.ts';

/** Microsoft's FAT specification 1.03 (fatgen103). Numbers count sectors of 512 bytes unless they say otherwise. */
export const fatSector = 512;
/** Bytes of a directory entry. */
export const entryLength = 32;
/** Clusters that a kind has at most; from one more on, a reader takes it for the next kind. */
export const mostClusters = { fat12: 4084, fat16: 65524, fat32: 0x0fffffff - 11 } as const;

export interface FatGeometry {
  readonly kind: 'fat16' | 'fat32';
  readonly totalSectors: number;
  readonly sectorsPerCluster: number;
  /** In front of the first table. */
  readonly reservedSectors: number;
  /** Of each of the two tables. */
  readonly tableSectors: number;
  /** Entries of the root directory that has a place of its own; 0 for FAT32. */
  readonly rootEntries: number;
  /** Where the first cluster, number 2, starts. */
  readonly dataSector: number;
  readonly clusters: number;
}

const largestFat16 = 512 << 20;
/** Data starts on a multiple of this, so that filesystem and host have the same blocks. */
const alignment = 8;

/** @throws RangeError when no filesystem of the kind has this size */
export function fatGeometry({ size, kind }: Pick<FatOptions, 'size' | 'kind'>): FatGeometry {
  if (!Number.isSafeInteger(size) || size % fatSector !== 0)
    throw new RangeError(`a filesystem of ${size} bytes is not a whole number of sectors`);
  const totalSectors = size / fatSector;
  if (totalSectors > 0xffffffff) throw new RangeError('a FAT filesystem has 2 TiB at most');
  const chosen = kind ?? (size < largestFat16 ? 'fat16' : 'fat32');
  for (const sectorsPerCluster of clusterSizes(chosen, size)) {
    const geometry = tryGeometry(chosen, totalSectors, sectorsPerCluster);
    if (geometry) return geometry;
  }
  throw new RangeError(`a ${chosen.toUpperCase()} filesystem cannot have ${size} bytes`);
}

/** In the order they are tried: the usual one for the size first, then smaller ones, then larger ones. */
function clusterSizes(kind: 'fat16' | 'fat32', size: number): readonly number[] {
  if (kind === 'fat16') return [4, 2, 1, 8, 16, 32, 64];
  const gibibyte = 2 ** 30;
  if (size <= 260 << 20) return [1];
  if (size <= 8 * gibibyte) return [8, 4, 2, 1];
  if (size <= 16 * gibibyte) return [16];
  return size <= 32 * gibibyte ? [32] : [64];
}

function tryGeometry(
  kind: 'fat16' | 'fat32',
  totalSectors: number,
  sectorsPerCluster: number,
): FatGeometry | undefined {
  const rootEntries = kind === 'fat16' ? 512 : 0;
  const rootSectors = (rootEntries * entryLength) / fatSector;
  const entriesPerSector = kind === 'fat16' ? fatSector / 2 : fatSector / 4;
  const leastReserved = kind === 'fat16' ? 1 : 32;
  // Tables for the clusters that there would be if they took no room are a little longer than needed: allowed, and simple.
  const mostPossible = Math.floor((totalSectors - leastReserved - rootSectors) / sectorsPerCluster);
  const tableSectors = Math.ceil((mostPossible + 2) / entriesPerSector);
  const unaligned = leastReserved + 2 * tableSectors + rootSectors;
  const dataSector = Math.ceil(unaligned / alignment) * alignment;
  const clusters = Math.floor((totalSectors - dataSector) / sectorsPerCluster);
  const least = kind === 'fat16' ? mostClusters.fat12 + 1 : mostClusters.fat16 + 1;
  if (clusters < least || clusters > mostClusters[kind]) return undefined;
  return {
    kind,
    totalSectors,
    sectorsPerCluster,
    reservedSectors: leastReserved + dataSector - unaligned,
    tableSectors,
    rootEntries,
    dataSector,
    clusters,
  };
}
