import type { DiskReader } from '../disk-reader.ts';
import { DiskImageError } from '../read.ts';
import { readBytes, viewOf } from '../read-bytes.ts';
import { entryLength, mostClusters } from './fat-geometry.ts';

export type FatKind = 'fat12' | 'fat16' | 'fat32';

/** Where things are in a filesystem. Bytes. */
export interface FatPlaces {
  readonly kind: FatKind;
  readonly clusterSize: number;
  readonly clusters: number;
  readonly tablePlace: number;
  readonly tableSize: number;
  /** Where the first cluster, number 2, is. */
  readonly dataPlace: number;
  /** The root directory: an area, or the first of its clusters. */
  readonly root: { readonly place: number; readonly length: number } | { readonly cluster: number };
  readonly volumeId: number;
}

/** @throws DiskImageError when this is no FAT filesystem, or it is larger than the disk */
export async function readBootSector(disk: DiskReader): Promise<FatPlaces> {
  const bytes = await readBytes(disk, 0, 512);
  const view = viewOf(bytes);
  const sector = view.getUint16(11, true);
  const sectorsPerCluster = view.getUint8(13);
  const reserved = view.getUint16(14, true);
  const tables = view.getUint8(16);
  const rootEntries = view.getUint16(17, true);
  const isFat32 = view.getUint16(22, true) === 0;
  const total = view.getUint16(19, true) || view.getUint32(32, true);
  const tableSize = (view.getUint16(22, true) || view.getUint32(36, true)) * sector;
  const isBootSector =
    bytes[510] === 0x55 &&
    bytes[511] === 0xaa &&
    [512, 1024, 2048, 4096].includes(sector) &&
    sectorsPerCluster > 0 &&
    (sectorsPerCluster & (sectorsPerCluster - 1)) === 0 &&
    reserved > 0 &&
    (tables === 1 || tables === 2) &&
    tableSize > 0;
  if (!isBootSector) throw new DiskImageError('this is no FAT filesystem');
  if (total * sector > disk.size)
    throw new DiskImageError(
      `the FAT filesystem has ${total * sector} bytes, more than the ${disk.size} it is in`,
    );
  const rootPlace = reserved * sector + tables * tableSize;
  const rootLength = Math.ceil((rootEntries * entryLength) / sector) * sector;
  const clusterSize = sectorsPerCluster * sector;
  const dataPlace = rootPlace + rootLength;
  const clusters = Math.floor((total * sector - dataPlace) / clusterSize);
  if (clusters < 1) throw new DiskImageError('the FAT filesystem has no room for files');
  const kind = isFat32 ? 'fat32' : clusters <= mostClusters.fat12 ? 'fat12' : 'fat16';
  const bits = { fat12: 12, fat16: 16, fat32: 32 }[kind];
  if (((clusters + 2) * bits) / 8 > tableSize || clusters > mostClusters[kind])
    throw new DiskImageError('the allocation table of the FAT filesystem is too small for it');
  return {
    kind,
    clusterSize,
    clusters,
    tablePlace: reserved * sector,
    tableSize,
    dataPlace,
    root: isFat32 ? { cluster: view.getUint32(44, true) } : { place: rootPlace, length: rootLength },
    volumeId: view.getUint32(isFat32 ? 67 : 39, true),
  };
}
