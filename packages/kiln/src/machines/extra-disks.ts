import { exists } from '../base/files.ts';
import { createDisk, createOverlay } from '../hosts/qemu/disks.ts';
import type { MachineDisk } from '../plan/machine-spec.ts';
import type { LocalImage } from '../sources/image-resolver.ts';
import { layerPath, storeLayout } from '../store/home.ts';
import { extraDiskPath } from './devices.ts';
import type { MachineFiles } from './machine-record.ts';

/**
 * Makes the disks that are the machine's own and that are not there yet: empty ones, and layers on images.
 * @param home `$KILN_HOME`
 * @throws KilnError `disk-full`, `tool-missing`
 */
export async function makeExtraDisks(
  home: string,
  files: Pick<MachineFiles, 'folder'>,
  disks: readonly MachineDisk[],
): Promise<void> {
  for (const disk of disks) {
    if (disk.kind !== 'disk') continue;
    const path = extraDiskPath(files, disk.name);
    if (await exists(path)) continue;
    if (disk.image === undefined) await createDisk(path, 'qcow2', disk.size);
    else await createOverlay(path, layerPath(storeLayout(home), disk.image), 'qcow2');
  }
}

/** The disks that a machine has of its image beside the first one. */
export function disksOfImage({ moreDisks = [] }: Pick<LocalImage, 'moreDisks'>): readonly MachineDisk[] {
  return moreDisks.map(({ digest, virtualSize }, at) => ({
    kind: 'disk',
    name: `box-disk-${at + 2}`,
    size: virtualSize,
    image: digest,
  }));
}

/** Those of a machine's disks that its image has brought. */
export function broughtDisks(disks: readonly MachineDisk[] = []): readonly MachineDisk[] {
  return disks.filter((disk) => imagesOf([disk]).length > 0);
}

/** Ids of the images that disks begin as. */
export function imagesOf(disks: readonly MachineDisk[] = []): readonly string[] {
  return disks.flatMap((disk) => (disk.kind === 'disk' && disk.image !== undefined ? [disk.image] : []));
}
