import type { Ext4Name, FatName } from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';
import { showName } from '../../profile/inventory/byte-names.ts';
import type { CommandInput } from '../command.ts';
import type { imageLsOptions } from '../commands/image-files.ts';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import {
  choosePart,
  type ImageFilesystem,
  type ImagePart,
  imagePath,
  nameText,
  openImage,
  readable,
} from '../image-filesystem.ts';
import { textTable } from '../text-table.ts';

/** One file as it is shown. FAT knows neither modes nor owners. */
interface ListedFile {
  /** Relative to the folder that was asked for. */
  readonly name: string;
  readonly kind: string;
  readonly mode?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly size: number;
  /** ISO 8601. */
  readonly time: string;
  readonly target?: string;
}

/** More than that nobody reads, and a damaged image may have without end. */
const mostFiles = 1_000_000;

export async function run(
  { options, args }: CommandInput<typeof imageLsOptions>,
  context: CliContext,
): Promise<number> {
  const { stdout } = context;
  const [word, path = '/'] = args as [string, string?];
  const image = await openImage(word, context);
  try {
    if (options.partitions) {
      if (options.json) stdout.line(JSON.stringify(image.parts.map(partJson), null, 2));
      else stdout.write(textTable(image.parts.map(partRow)));
      return exitCodes.ok;
    }
    const { filesystem } = await choosePart(image, options.partition);
    const files = await readable(image.description, () =>
      listFiles(filesystem, path, {
        recursive: options.recursive,
        details: options.long || options.json,
        image: image.description,
      }),
    );
    if (options.json) stdout.line(JSON.stringify(files, null, 2));
    else if (options.long) stdout.write(textTable(files.map(longRow)));
    else
      for (const { name, kind } of files) stdout.line(`${showName(name)}${kind === 'directory' ? '/' : ''}`);
    return exitCodes.ok;
  } finally {
    await image.close();
  }
}

interface Listing {
  readonly recursive: boolean;
  readonly details: boolean;
  readonly image: string;
}

async function listFiles(filesystem: ImageFilesystem, path: string, listing: Listing): Promise<ListedFile[]> {
  const start = imagePath(path);
  const found = await statOf(filesystem, start, true);
  if (!found)
    throw new KilnError('not-found', `there is no ${path} in ${listing.image}`, {
      hint: 'list the folder above it',
    });
  if (found.kind !== 'directory')
    return [await fileOf(filesystem, start, path.slice(path.lastIndexOf('/') + 1), found.kind, true)];
  const files: ListedFile[] = [];
  const visit = async (folder: string, prefix: string): Promise<void> => {
    const names: readonly (Ext4Name | FatName)[] = await filesystem.files.list(folder);
    for (const { name, kind } of names) {
      if (files.length >= mostFiles)
        throw new KilnError('unsupported', `there are more than ${mostFiles} files`, {
          hint: 'list a folder of it',
        });
      const inner = folder === '' ? name : `${folder}/${name}`;
      const shown = `${prefix}${nameText(name)}`;
      files.push(await fileOf(filesystem, inner, shown, kind, listing.details));
      if (listing.recursive && kind === 'directory') await visit(inner, `${shown}/`);
    }
  };
  await visit(start, '');
  return files;
}

async function fileOf(
  filesystem: ImageFilesystem,
  path: string,
  name: string,
  kind: string,
  details: boolean,
): Promise<ListedFile> {
  if (!details) return { name, kind, size: 0, time: '' };
  if (filesystem.kind === 'fat') {
    const stat = await filesystem.files.stat(path);
    return { name, kind, size: stat?.size ?? 0, time: timeText(stat?.mtime ?? 0) };
  }
  const stat = await filesystem.files.stat(path);
  if (!stat) return { name, kind, size: 0, time: '' };
  const target = kind === 'symlink' ? nameText(await filesystem.files.readLink(path)) : undefined;
  return {
    ...{
      name,
      kind,
      mode: stat.mode.toString(8).padStart(4, '0'),
      uid: stat.uid,
      gid: stat.gid,
      size: stat.size,
    },
    time: timeText(stat.mtime),
    ...(target === undefined ? {} : { target }),
  };
}

function statOf(filesystem: ImageFilesystem, path: string, follow: boolean) {
  return filesystem.kind === 'ext' ? filesystem.files.stat(path, { follow }) : filesystem.files.stat(path);
}

function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000', '');
}

const letters: Readonly<Record<string, string>> = {
  ...{ file: '-', directory: 'd', symlink: 'l', character: 'c', block: 'b', fifo: 'p', socket: 's' },
};

function longRow({ name, kind, mode, uid, gid, size, time, target }: ListedFile): string[] {
  const owner = uid === undefined ? '-' : `${uid}:${gid}`;
  const shown = `${showName(name)}${target === undefined ? '' : ` -> ${showName(target)}`}`;
  return [`${letters[kind] ?? '?'}${mode ?? ''}`, owner, String(size), time, shown];
}

function partRow({ partition, disk, what }: ImagePart): string[] {
  if (!partition) return ['-', '0', formatSize(disk.size), '', what];
  return [
    String(partition.number),
    String(partition.start),
    formatSize(partition.length),
    partition.name,
    what,
  ];
}

function partJson({ partition, disk, what }: ImagePart): object {
  if (!partition) return { start: 0, length: disk.size, what };
  const { number, start, length, type, uuid, name } = partition;
  return { number, start, length, type, uuid, name, what };
}
