import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';
import type { QemuResult } from '../../plan/qemu-source.ts';
import type { LocalImage } from '../../sources/image-resolver.ts';
import { convertDisk, createDisk, createOverlay, resizeDisk } from './disks.ts';

/** A disk that a build's machine writes to. */
export interface BuildDisk {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  /** It is only a layer: the source image is still read from where it lies. */
  readonly layered: boolean;
}

export interface MakeDisks {
  readonly result: QemuResult;
  /** Folder for the disks. */
  readonly folder: string;
  /** What the first disk starts as; undefined for a blank one. */
  readonly image?: LocalImage;
  /**
   * The template attaches the disk itself and names its format, so the working disk must have that format from the
   * start.
   */
  readonly exactFormat: boolean;
  readonly signal: AbortSignal;
}

/** Packer's size for a disk when the template does not give one: 40960 MiB. */
export const defaultDiskSize = 40960 * 2 ** 20;

/**
 * Makes the machine's disks: `machineName`, then `machineName-1` and so on. The first is a layer over the source
 * image and takes no time to make, however large the image is.
 * @throws KilnError `unsupported` when the disk would be smaller than the image, `tool-failed`, `disk-full`
 */
export async function makeDisks(make: MakeDisks): Promise<readonly BuildDisk[]> {
  const { result, folder, image, signal } = make;
  const first = join(folder, result.machineName);
  const disks: BuildDisk[] = [await makeFirstDisk(make, first)];
  for (const [at, size] of result.additionalDiskSizes.entries()) {
    const path = join(folder, `${result.machineName}-${at + 1}`);
    await createDisk(path, result.format, size, { args: result.imgArgs.create, signal });
    disks.push({ path, format: result.format, layered: false });
  }
  if (image) await growDisk(make, disks[0]!, image);
  return disks;
}

async function makeFirstDisk(make: MakeDisks, path: string): Promise<BuildDisk> {
  const { result, image, exactFormat, signal } = make;
  const { imgArgs } = result;
  if (!image) {
    await createDisk(path, result.format, result.diskSize ?? defaultDiskSize, {
      args: imgArgs.create,
      signal,
    });
    return { path, format: result.format, layered: false };
  }
  if (exactFormat && result.format === 'raw') {
    await convertDisk({ from: image.path, fromFormat: image.format, to: path, format: 'raw', signal });
    return { path, format: 'raw', layered: false };
  }
  const args = result.useBackingFile ? imgArgs.create : [];
  await createOverlay(path, image.path, qemuFormat(image), undefined, { args, signal });
  return { path, format: 'qcow2', layered: true };
}

async function growDisk(make: MakeDisks, disk: BuildDisk, image: LocalImage): Promise<void> {
  const { result, signal } = make;
  const wanted = result.diskSize;
  if (wanted === undefined || wanted === image.virtualSize) return;
  const args = result.imgArgs.resize;
  if (wanted < image.virtualSize && !args.includes('--shrink')) {
    throw new KilnError(
      'unsupported',
      `disk_size is ${formatSize(wanted)}, but the image already holds a disk of ${formatSize(image.virtualSize)}`,
      { hint: 'a disk can only grow: ask for at least the size of the image, or set skip_resize_disk' },
    );
  }
  await resizeDisk(disk.path, disk.format, wanted, { args, signal });
}

/** An ISO image is a disk like any other to QEMU. */
function qemuFormat(image: LocalImage): string {
  return image.format === 'iso' ? 'raw' : image.format;
}
