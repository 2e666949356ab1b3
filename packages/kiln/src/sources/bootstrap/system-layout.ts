import { gptTypes, sectorSize } from '@kiln/diskimage';
import { deriveGuid } from './derive-guid.ts';
import type { Release } from './release.ts';

const mebibyte = 1 << 20;
const sectorsOf = (bytes: number) => bytes / sectorSize;

/** Where the partitions of a system's disk are. Positions in bytes, aligned to 1 MiB but for the boot loader's. */
export interface SystemLayout {
  readonly diskSize: number;
  /** GRUB's core for BIOS machines fills the gap before the first aligned partition. */
  readonly biosBoot: Area;
  readonly efi: Area;
  readonly root: Area;
}

export interface Area {
  readonly start: number;
  readonly size: number;
}

/** Number of the partition that systems of Kiln have their files on. */
export const rootPartition = 3;

/** @param diskSize bytes, a multiple of 1 MiB */
export function systemLayout(diskSize: number): SystemLayout {
  const biosBoot = { start: 34 * sectorSize, size: mebibyte - 34 * sectorSize };
  const efi = { start: mebibyte, size: 16 * mebibyte };
  const rootStart = efi.start + efi.size;
  // The last mebibyte has the second copy of the partition table.
  return { diskSize, biosBoot, efi, root: { start: rootStart, size: diskSize - mebibyte - rootStart } };
}

/** The partition table of a system's disk, in the form that `writeGpt` takes. */
export function systemPartitions(layout: SystemLayout, release: Release) {
  const partition = (name: string, typeGuid: string, { start, size }: Area) => ({
    name,
    typeGuid,
    uniqueGuid: deriveGuid(release, name),
    firstLba: sectorsOf(start),
    lastLba: sectorsOf(start + size) - 1,
  });
  return {
    diskSize: layout.diskSize,
    diskGuid: deriveGuid(release, 'disk'),
    partitions: [
      partition('bios-boot', gptTypes.biosBoot, layout.biosBoot),
      partition('efi', gptTypes.efiSystem, layout.efi),
      partition('root', gptTypes.linuxRootX64, layout.root),
    ],
  };
}
