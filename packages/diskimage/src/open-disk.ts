import { detectFormatOf, headLength, tailLength } from './detect-format.ts';
import type { DiskReader } from './disk-reader.ts';
import { openQcow2 } from './qcow2/qcow2-reader.ts';
import { openRaw } from './raw/raw-reader.ts';
import { DiskImageError } from './read.ts';
import { openVhd } from './vhd/vhd-reader.ts';
import { openVmdk } from './vmdk/vmdk-reader.ts';

export type ReadableFormat = 'raw' | 'qcow2' | 'vpc' | 'vmdk';

export interface OpenDiskOptions {
  /**
   * What the file is. Left out, its bytes tell; but then a raw disk whose owner wrote another format's header to it is
   * taken for that format.
   */
  readonly format?: ReadableFormat;
  /** Opens the file that an image stands on. Left out, such images are refused: the name may be an attacker's. */
  readonly openBacking?: OpenBacking;
}

/** A file that an image says it stands on. */
export interface BackingReference {
  /** As written in the image; a relative one counts from the folder of `from`. */
  readonly name: string;
  /** QEMU's word for its format, when the image says. */
  readonly format?: string;
  /** Path of the file that names it. */
  readonly from: string;
  /** 1 for the file below the first one, and so on. */
  readonly depth: number;
}

/** @throws DiskImageError when the file must not be opened */
export type OpenBacking = (backing: BackingReference) => Promise<DiskReader>;

/**
 * Opens a disk image of any format that this package reads. Closing the disk closes its files.
 * @throws DiskImageError when the format is not read here, or the file is damaged; Node's own errors when it cannot be opened
 */
export async function openDisk(path: string, options: OpenDiskOptions = {}): Promise<DiskReader> {
  return openDiskAt(path, options, 0);
}

/** How deep images may stand on each other; a cycle ends here too. */
const deepestChain = 64;

/** @param depth how many images there are above */
export async function openDiskAt(
  path: string,
  { format, openBacking }: OpenDiskOptions,
  depth: number,
): Promise<DiskReader> {
  if (depth > deepestChain)
    throw new DiskImageError(`more than ${deepestChain} images stand on each other, or in a circle`);
  const file = await openRaw(path);
  try {
    switch (format ?? (await formatOf(file))) {
      case 'qcow2':
        return await openQcow2(file, {
          ...(openBacking && {
            openBacking: (name, backingFormat) =>
              openBacking({
                name,
                from: path,
                depth: depth + 1,
                ...(backingFormat !== undefined && { format: backingFormat }),
              }),
          }),
        });
      case 'vpc':
        return await openVhd(file);
      case 'vmdk':
        return await openVmdk(file);
      default:
        return file;
    }
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function formatOf(file: DiskReader): Promise<ReadableFormat> {
  const head = new Uint8Array(Math.min(file.size, headLength));
  const tail = new Uint8Array(Math.min(file.size, tailLength));
  await file.read(head, 0);
  await file.read(tail, file.size - tail.length);
  const format = detectFormatOf(head, tail);
  if (format === 'iso') return 'raw';
  if (format === 'qcow' || format === 'qed' || format === 'vhdx' || format === 'vdi')
    throw new DiskImageError(
      `disks of the format ${format} are not read here; make a qcow2 of it first (\`qemu-img convert -O qcow2\`)`,
    );
  return format;
}
