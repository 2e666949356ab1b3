import { createHash } from 'node:crypto';
import {
  backingWithin,
  type DiskReader,
  openDisk,
  writeOva,
  writeQcow2,
  writeRaw,
  writeVhd,
  writeVmdk,
} from '@kiln/diskimage';
import { cancelled } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { qemuImg } from './qemu-img.ts';
import type { Run } from './run.ts';

/** Formats of disks that are written for other programs. */
export const diskFileFormats = ['qcow2', 'raw', 'vmdk', 'vhd', 'vhd-fixed', 'vhdx', 'vdi', 'ova'] as const;
export type DiskFileFormat = (typeof diskFileFormats)[number];

export interface DiskToWrite {
  /** A disk that Kiln made, or has found safe to open, with all layers it stands on. */
  readonly from: { readonly path: string; readonly format: string };
  readonly to: string;
  readonly format: DiskFileFormat;
  readonly compress: boolean;
  /** The name of what is in it: for appliances, and what identifies the disk. */
  readonly name: string;
  /** What the file says of when it was made, in seconds since 1970. */
  readonly time: number;
  readonly run: Run;
  readonly signal?: AbortSignal;
  /** Part that is done, 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/** Why a format cannot be compressed inside; undefined when it can. */
export function compressionFault(format: DiskFileFormat): string | undefined {
  if (format === 'qcow2' || format === 'vmdk' || format === 'ova') return undefined;
  return `a ${format} disk cannot be compressed inside`;
}

/**
 * Writes a disk as one file that stands on nothing. What Kiln writes itself depends on the disk, the name and the time
 * alone; other formats are qemu-img's.
 * @throws KilnError `tool-missing`, `tool-failed`, `disk-full`, `cancelled`; DiskImageError for a damaged disk
 */
export async function writeDiskFile(write: DiskToWrite): Promise<void> {
  const { from, format, compress } = write;
  const isReadable = ['raw', 'qcow2', 'vpc', 'vmdk'].includes(from.format);
  const isOurs = format !== 'vhdx' && format !== 'vdi' && (format !== 'vmdk' || compress);
  if (!isReadable || !isOurs) return convert(write);
  const disk = await openDisk(from.path, {
    format: from.format as 'raw' | 'qcow2' | 'vpc' | 'vmdk',
    openBacking: backingWithin('/'),
  });
  try {
    await writeOwn(write, disk);
  } catch (error) {
    if (write.signal?.aborted) throw cancelled();
    throw error;
  } finally {
    await disk.close();
  }
}

async function writeOwn(write: DiskToWrite, disk: DiskReader): Promise<void> {
  const { to, format, compress, name, time, signal, onProgress } = write;
  const options = {
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (done: number, total: number) => onProgress(total === 0 ? 1 : done / total),
    }),
  };
  const uuid = uuidOf(`${name} ${disk.size}`);
  switch (format) {
    case 'raw':
      await writeRaw(disk, to, options);
      break;
    case 'qcow2':
      await writeQcow2(disk, to, { ...options, ...(compress && { compression: { kind: 'deflate' } }) });
      break;
    case 'vhd':
      await writeVhd(disk, to, { ...options, kind: 'dynamic', uuid, time });
      break;
    case 'vhd-fixed':
      await writeVhd(disk, to, { ...options, kind: 'fixed', uuid, time });
      break;
    case 'vmdk':
      await writeVmdk(disk, to, { ...options, uuid });
      break;
    case 'ova':
      await writeOva(disk, to, { ...options, name, uuid, time });
      break;
    case 'vhdx':
    case 'vdi':
      throw new KilnError('internal', `${format} is not written here`);
  }
}

/** qemu-img's words for what it writes. */
function conversionOf(format: DiskFileFormat, compress: boolean): readonly string[] {
  switch (format) {
    case 'qcow2':
      return ['-O', 'qcow2', ...(compress ? ['-c'] : [])];
    case 'vmdk':
      return ['-O', 'vmdk', ...(compress ? ['-o', 'subformat=streamOptimized'] : [])];
    case 'vhd':
      // Without force_size the disk grows to the next size that cylinders, heads and sectors can name.
      return ['-O', 'vpc', '-o', 'subformat=dynamic,force_size=on'];
    case 'vhd-fixed':
      return ['-O', 'vpc', '-o', 'subformat=fixed,force_size=on'];
    case 'vhdx':
      return ['-O', 'vhdx', '-o', 'subformat=dynamic'];
    case 'raw':
    case 'vdi':
      return ['-O', format];
    case 'ova':
      throw new KilnError('unsupported', 'an OVA is made of raw, qcow2, vhd and vmdk disks only');
  }
}

async function convert({ from, to, format, compress, run, signal, onProgress }: DiskToWrite): Promise<void> {
  // Compressed extents can only be written in order.
  const parallel = compress ? [] : ['-W', '-m', '8'];
  await qemuImg(
    'convert',
    ['-f', from.format, ...conversionOf(format, compress), ...parallel, from.path, to],
    to,
    {
      run,
      ...(signal && { signal }),
      ...(onProgress && { onProgress }),
    },
  );
}

/** The same for the same name, as RFC 9562 has it for names of one's own (version 8). */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`kiln disk ${name}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
