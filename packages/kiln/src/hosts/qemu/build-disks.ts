import { join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';
import type { QemuResult } from '../../plan/qemu-source.ts';
import type { LocalImage } from '../../sources/image-resolver.ts';
import { convertDisk, createDisk, createOverlay, resizeDisk } from './disks.ts';

/** A disk that a build's machine writes to. */
export interface BuildDisk {
  readonly path: string;
  /** Name of the file that people get. */
  readonly name: string;
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
  /** The disks are stacks of layers: all of them qcow2, and each stands on the layer named here, if any. */
  readonly layers?: { readonly from?: readonly string[] };
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
  const { result, folder, image, layers, signal } = make;
  const names = [
    result.machineName,
    ...result.additionalDiskSizes.map((_size, at) => `${result.machineName}-${at + 1}`),
  ];
  if (layers?.from)
    return Promise.all(names.map((name, at) => makeLayer(folder, name, layers.from![at]!, signal)));
  const disks: BuildDisk[] = [await makeFirstDisk(make, names[0]!)];
  for (const [at, size] of result.additionalDiskSizes.entries()) {
    const name = names[at + 1]!;
    disks.push(await makeBlankDisk(make, name, size));
  }
  if (image) await growDisk(make, disks[0]!, image);
  return disks;
}

async function makeLayer(
  folder: string,
  name: string,
  below: string,
  signal: AbortSignal,
): Promise<BuildDisk> {
  const path = join(folder, name);
  await createOverlay(path, below, 'qcow2', undefined, { signal });
  return { path, name, format: 'qcow2', layered: true };
}

async function makeBlankDisk(make: MakeDisks, name: string, size: number): Promise<BuildDisk> {
  const { result, folder, layers, signal } = make;
  const path = join(folder, name);
  const format = layers ? 'qcow2' : result.format;
  // Arguments that the template has for its own format mean nothing to another one.
  const args = format === result.format ? result.imgArgs.create : [];
  await createDisk(path, format, size, { args, signal });
  return { path, name, format, layered: false };
}

async function makeFirstDisk(make: MakeDisks, name: string): Promise<BuildDisk> {
  const { result, folder, image, exactFormat, signal } = make;
  const { imgArgs } = result;
  const path = join(folder, name);
  if (!image) return makeBlankDisk(make, name, result.diskSize ?? defaultDiskSize);
  if (exactFormat && result.format === 'raw') {
    await convertDisk({ from: image.path, fromFormat: image.format, to: path, format: 'raw', signal });
    return { path, name, format: 'raw', layered: false };
  }
  const args = result.useBackingFile ? imgArgs.create : [];
  await createOverlay(path, image.path, qemuFormat(image), undefined, { args, signal });
  return { path, name, format: 'qcow2', layered: true };
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
