import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { type DiskReader, fatDisk, sectorSize, type TreeEntry } from '@kiln/diskimage';
import { deriveGuid } from './derive-guid.ts';
import type { Release } from './release.ts';
import type { Area } from './system-layout.ts';

/**
 * The EFI system partition: a FAT filesystem with a boot loader where firmware looks for one.
 * @param loader local file, read when the partition is
 * @param time of everything in it, in seconds since 1970
 */
export function efiPartition(
  loader: string,
  { start, size }: Area,
  time: number,
  release: Release,
): DiskReader {
  const attributes = { mode: 0o755, uid: 0, gid: 0, mtime: time };
  const entries: readonly TreeEntry[] = [
    { kind: 'directory', path: 'EFI', ...attributes },
    { kind: 'directory', path: 'EFI/BOOT', ...attributes },
    {
      kind: 'file',
      path: 'EFI/BOOT/BOOTX64.EFI',
      ...attributes,
      size: statSync(loader).size,
      content: {
        open() {
          const file = openSync(loader, 'r');
          return {
            read: (into, position) => readSync(file, into, 0, into.length, position),
            close: () => closeSync(file),
          };
        },
      },
    },
  ];
  return fatDisk(entries, {
    size,
    volumeId: Number.parseInt(deriveGuid(release, 'efi').slice(0, 8), 16),
    label: 'EFI',
    hiddenSectors: start / sectorSize,
    time,
  });
}
