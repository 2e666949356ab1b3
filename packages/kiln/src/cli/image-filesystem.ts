import { dirname } from 'node:path';
import {
  backingWithin,
  DiskImageError,
  type DiskReader,
  type Ext4Filesystem,
  type FatFilesystem,
  openDisk,
  type Partition,
  partitionDisk,
  readExt4,
  readFat,
  readPartitions,
} from '@kiln/diskimage';
import { KilnError } from '../base/errors.ts';
import { openStore } from '../store/store.ts';
import { identifyFilesystem } from '../supply/system/identify-filesystem.ts';
import { homeOf } from './actions/machine-targets.ts';
import type { CliContext } from './context.ts';
import { readSystemWord } from './system-word.ts';

/** A part of a disk image: a partition, or all of it. */
export interface ImagePart {
  /** Undefined for a disk without a partition table. */
  readonly partition: Partition | undefined;
  readonly disk: DiskReader;
  readonly filesystem: ImageFilesystem | undefined;
  /** What is in it, for people. */
  readonly what: string;
}

export type ImageFilesystem =
  | { readonly kind: 'ext'; readonly files: Ext4Filesystem }
  | { readonly kind: 'fat'; readonly files: FatFilesystem };

export interface OpenImage {
  /** For people. */
  readonly description: string;
  readonly parts: readonly ImagePart[];
  close(): Promise<void>;
}

/**
 * Opens a disk image, of the store or a file, without mounting anything.
 * @throws KilnError `not-found`, `file-missing`, `file-unsafe` for a damaged one, `bad-usage` for what is no image
 */
export async function openImage(word: string, context: CliContext): Promise<OpenImage> {
  const { path, description, folder, format } = await locate(word, context);
  const disk = await readable(description, () =>
    openDisk(path, { openBacking: backingWithin(folder), ...(format === undefined ? {} : { format }) }),
  );
  try {
    const parts = await readable(description, () => partsOf(disk));
    return { description, parts, close: () => disk.close() };
  } catch (error) {
    await disk.close();
    throw error;
  }
}

async function locate(word: string, context: CliContext) {
  const meant = await readSystemWord(word, context);
  if (meant.kind === 'disk')
    return { path: meant.path, description: meant.shown, folder: dirname(meant.path) };
  if (meant.kind === 'image') {
    const store = openStore(homeOf(context));
    const image = await store.getImage(meant.reference);
    const path = store.diskPath(image);
    return {
      path,
      description: `the image ${meant.reference}`,
      folder: store.layout.layers,
      format: 'qcow2' as const,
    };
  }
  throw new KilnError('bad-usage', `"${word}" is no disk image`, {
    hint: 'name an image of the store, or the file of one',
  });
}

async function partsOf(disk: DiskReader): Promise<ImagePart[]> {
  const table = await readPartitions(disk);
  if (!table) return [{ partition: undefined, disk, ...(await filesystemOf(disk)) }];
  const parts: ImagePart[] = [];
  for (const partition of table.partitions) {
    const part = partitionDisk(disk, partition);
    parts.push({ partition, disk: part, ...(await filesystemOf(part)) });
  }
  return parts;
}

async function filesystemOf(disk: DiskReader): Promise<Pick<ImagePart, 'filesystem' | 'what'>> {
  const found = await identifyFilesystem(disk);
  if (found.kind === 'unreadable') return { filesystem: undefined, what: found.what };
  if (found.kind === 'none') return { filesystem: undefined, what: 'no filesystem' };
  const label = found.volumeLabel === '' ? '' : ` "${found.volumeLabel}"`;
  const head = Buffer.alloc(2);
  if (disk.size >= 0x43a) await disk.read(head, 0x438);
  if (head.readUInt16LE(0) === 0xef53) {
    return { filesystem: { kind: 'ext', files: await readExt4(disk) }, what: `ext filesystem${label}` };
  }
  return { filesystem: { kind: 'fat', files: await readFat(disk) }, what: `FAT filesystem${label}` };
}

/**
 * The part that is meant: by the number of its partition, else the one with a system in it, else the only one with files.
 * @throws KilnError `not-found`, `unsupported` where it cannot be read, `bad-usage` where several are possible
 */
export async function choosePart(
  { description, parts }: OpenImage,
  number: number | undefined,
): Promise<ImagePart & { readonly filesystem: ImageFilesystem }> {
  if (number !== undefined) {
    const part = parts.find((one) => one.partition?.number === number);
    const numbers = parts.flatMap(({ partition }) => (partition ? [partition.number] : []));
    if (!part) {
      throw new KilnError('not-found', `${description} has no partition ${number}`, {
        hint:
          numbers.length > 0
            ? `it has ${numbers.join(', ')}`
            : 'it is not partitioned: leave --partition out',
      });
    }
    if (part.filesystem) return { ...part, filesystem: part.filesystem };
    throw new KilnError('unsupported', `partition ${number} of ${description} cannot be read: ${part.what}`);
  }
  const withFiles = parts.flatMap((part) =>
    part.filesystem ? [{ ...part, filesystem: part.filesystem }] : [],
  );
  for (const part of withFiles) {
    if (part.filesystem.kind === 'ext' && (await part.filesystem.files.stat('etc'))?.kind === 'directory')
      return part;
  }
  const [only, ...more] = withFiles;
  if (only && more.length === 0) return only;
  if (!only) {
    throw new KilnError(
      'unsupported',
      `${description} has nothing in it that can be read: ${parts.map(({ what }) => what).join('; ') || 'it is empty'}`,
      {
        hint: 'ext2, ext3, ext4 and FAT filesystems can be read',
      },
    );
  }
  throw new KilnError('bad-usage', `${description} has several filesystems; say which`, {
    hint: `--partition ${withFiles.map(({ partition }) => partition?.number).join(' or ')}; --partitions lists them`,
  });
}

/** Turns what the readers say of damaged images into an error for people. */
export async function readable<T>(description: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof DiskImageError)) throw error;
    throw new KilnError('file-unsafe', `${description} cannot be read: ${error.message}`, { cause: error });
  }
}

/** A path as filesystems have it: one character a byte. */
export function imagePath(path: string): string {
  return Buffer.from(path.replace(/^\/+|\/+$/g, ''), 'utf8').toString('latin1');
}

/** A name of a filesystem as text. */
export function nameText(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8');
}
