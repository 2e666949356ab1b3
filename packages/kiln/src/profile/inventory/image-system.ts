import { dirname } from 'node:path';
import { backingWithin } from '@kiln/diskimage';
import type { ImageRecord } from '../../store/image-record.ts';
import type { Store } from '../../store/store.ts';
import { openDiskSystem } from '../../supply/system/disk-files.ts';
import type { SystemFiles } from '../../supply/system/system-files.ts';
import { imageAccess } from './image-access.ts';
import type { ExaminedSystem } from './survey.ts';
import { treeSystem } from './tree-system.ts';

/** A system on a disk, with all of its files. Whoever opens it closes its `system`. */
export interface ImageSystem {
  readonly system: ExaminedSystem;
  readonly files: SystemFiles;
}

/**
 * Opens the system on a disk without mounting it.
 * @throws KilnError `file-missing`, `file-unsafe`, `unsupported`
 */
export async function openDiskImage(path: string, description: string): Promise<ImageSystem> {
  return open(path, description, dirname(path));
}

/** The same for an image of a store. */
export async function openStoredImage(
  store: Store,
  image: ImageRecord,
  description: string,
): Promise<ImageSystem> {
  return open(store.diskPath(image), description, store.layout.layers, 'qcow2');
}

async function open(
  path: string,
  description: string,
  folder: string,
  format?: 'qcow2',
): Promise<ImageSystem> {
  const { files, gaps, close } = await openDiskSystem(path, {
    openBacking: backingWithin(folder),
    ...(format === undefined ? {} : { format }),
  });
  // What the system does not mount, such as the EFI partition, is no part of it.
  const own = gaps.filter((gap) => !gap.endsWith('/etc/fstab does not mount it'));
  return { files, system: treeSystem(imageAccess(files, own, close), description) };
}
