import { dirname } from 'node:path';
import {
  backingWithin,
  DiskImageError,
  type Ext4Filesystem,
  openDisk,
  partitionDisk,
  readExt4,
  readPartitions,
} from '@kiln/diskimage';
import { argumentsByGrub } from './bootstrap/guest-files.ts';
import { rootPartition } from './bootstrap/system-layout.ts';
import type { LocalImage } from './image-resolver.ts';

/** What a boot loader reads from a disk. */
export interface BootFiles {
  readonly kernel: Uint8Array;
  readonly initrd: Uint8Array;
  /** What the kernel is told. */
  readonly arguments: string;
}

/**
 * What the boot loader of an image would start, read from its disk as it is. Undefined unless that is certain: the image
 * is one of Kiln's own, or was built on one, and has the configuration of GRUB that those begin with.
 * @throws Error of the file system when the image cannot be read
 */
export async function readBootFiles(
  image: Pick<LocalImage, 'path' | 'format' | 'seeded'>,
): Promise<BootFiles | undefined> {
  const { path, format, seeded } = image;
  if (!seeded || format !== 'qcow2') return undefined;
  try {
    const disk = await openDisk(path, { openBacking: backingWithin(dirname(path)), format });
    try {
      const table = await readPartitions(disk);
      const root = table?.partitions.find(({ number }) => number === rootPartition);
      return root && (await bootFilesOf(await readExt4(partitionDisk(disk, root))));
    } finally {
      await disk.close();
    }
  } catch (error) {
    if (error instanceof DiskImageError) return undefined;
    throw error;
  }
}

async function bootFilesOf(files: Ext4Filesystem): Promise<BootFiles | undefined> {
  const configuration = await files.stat('boot/grub/grub.cfg', { follow: true });
  if (configuration?.kind !== 'file') return undefined;
  const words = argumentsByGrub(Buffer.from(await files.readFile('boot/grub/grub.cfg')).toString());
  if (words === undefined) return undefined;
  // As the configuration has it.
  const at = (await files.stat('vmlinuz', { follow: true })) ? '' : 'boot/';
  const limit = 512 << 20;
  const [kernel, initrd] = [
    await files.readFile(`${at}vmlinuz`, { limit }),
    await files.readFile(`${at}initrd.img`, { limit }),
  ];
  return { kernel, initrd, arguments: words };
}
