import {
  DiskImageError,
  type DiskReader,
  type ImageContent,
  type OpenDiskOptions,
  openDisk,
  partitionDisk,
  readPartitions,
  type TreeEntry,
} from '@kiln/diskimage';
import { KilnError } from '../../base/errors.ts';
import { parseFstab } from './fstab.ts';
import { identifyFilesystem, type ReadFilesystem } from './identify-filesystem.ts';
import type { SystemEntry, SystemFiles } from './system-files.ts';

/** The system on a disk, as its own /etc/fstab puts it together. */
export interface DiskSystem {
  readonly files: SystemFiles;
  /** What is on the disk and not among the files, as sentences. */
  readonly gaps: readonly string[];
  close(): Promise<void>;
}

/**
 * Opens the system on a disk image without mounting anything: the filesystem that has /etc, and those that its fstab
 * mounts into it.
 * @throws KilnError `unsupported` when no filesystem with a system can be read here, `file-unsafe` for a damaged disk
 */
export async function openDiskSystem(path: string, options: OpenDiskOptions = {}): Promise<DiskSystem> {
  let disk: DiskReader | undefined;
  try {
    disk = await openDisk(path, options);
    const { files, gaps } = await readDisk(disk, path);
    const opened = disk;
    return { files, gaps, close: () => opened.close() };
  } catch (error) {
    await disk?.close();
    if (!(error instanceof DiskImageError)) throw error;
    throw new KilnError('file-unsafe', `${path} cannot be read: ${error.message}`, { cause: error });
  }
}

/** A part of the disk: a partition, or all of it. */
interface Part {
  readonly label: string;
  readonly partUuid?: string;
  readonly found: ReadFilesystem;
}

async function readDisk(disk: DiskReader, path: string): Promise<Pick<DiskSystem, 'files' | 'gaps'>> {
  const parts = await partsOf(disk);
  const gaps = parts.flatMap(({ label, found }) =>
    found.kind === 'unreadable' ? [`${label} is left out: ${found.what}`] : [],
  );
  const readable: MountablePart[] = [];
  for (const { label, partUuid, found } of parts) {
    if (found.kind === 'readable')
      readable.push({ label, partUuid, ...found, entries: await listOf(found.entries()) });
  }
  const root = readable.find(
    ({ entries }) => entries.has('etc') && (entries.has('usr') || entries.has('bin')),
  );
  if (!root) {
    const found = readable.length > 0 ? 'no filesystem of it has /etc and /usr' : 'it has no filesystem';
    throw new KilnError(
      'unsupported',
      `no system can be read in ${path}: ${gaps.length > 0 ? gaps.join('; ') : found}`,
      {
        hint: 'Kiln reads ext2, ext3 and ext4 filesystems, in partitions or on the whole disk',
      },
    );
  }
  const mounted = mountAll(root, readable, await fstabOf(root));
  for (const part of readable)
    if (!mounted.parts.has(part)) gaps.push(`${part.label} is left out: /etc/fstab does not mount it`);
  return { files: filesOf(mounted.entries), gaps };
}

async function partsOf(disk: DiskReader): Promise<Part[]> {
  const table = await readPartitions(disk);
  if (!table) return [{ label: 'the disk', found: await identifyFilesystem(disk) }];
  const parts: Part[] = [];
  for (const partition of table.partitions) {
    const found = await identifyFilesystem(partitionDisk(disk, partition));
    if (found.kind !== 'none')
      parts.push({ label: `partition ${partition.number}`, partUuid: partition.uuid, found });
  }
  return parts;
}

type Entries = Map<string, TreeEntry<ImageContent>>;

interface MountablePart {
  readonly label: string;
  readonly partUuid: string | undefined;
  readonly uuid: string;
  readonly volumeLabel: string;
  readonly entries: Entries;
}

async function listOf(entries: AsyncIterable<TreeEntry<ImageContent>>): Promise<Entries> {
  const found: Entries = new Map();
  for await (const entry of entries) found.set(entry.path, entry);
  return found;
}

async function fstabOf(root: MountablePart): Promise<ReturnType<typeof parseFstab>> {
  const entry = root.entries.get('etc/fstab');
  if (entry?.kind !== 'file') return [];
  return parseFstab(
    Buffer.from(await readContent(entry.content, Math.min(entry.size, 1 << 20))).toString('utf8'),
  );
}

/** Puts filesystems where fstab has them, outer folders first, in place of what is there in the folder. */
function mountAll(
  root: MountablePart,
  parts: readonly MountablePart[],
  mounts: ReturnType<typeof parseFstab>,
): { readonly entries: Entries; readonly parts: ReadonlySet<MountablePart> } {
  const used = new Set([root]);
  const entries: Entries = new Map(root.entries);
  for (const { device, folder } of mounts.toSorted((a, b) => a.folder.length - b.folder.length)) {
    const part = parts.find((one) => !used.has(one) && isDevice(one, device));
    if (!part || folder === '') continue;
    used.add(part);
    for (const path of entries.keys()) if (path.startsWith(`${folder}/`)) entries.delete(path);
    for (const entry of part.entries.values()) {
      const inner = entry.path === '' ? folder : `${folder}/${entry.path}`;
      entries.set(
        inner,
        entry.kind === 'link'
          ? { ...entry, path: inner, to: `${folder}/${entry.to}` }
          : { ...entry, path: inner },
      );
    }
  }
  return { entries, parts: used };
}

function isDevice({ uuid, partUuid, volumeLabel }: MountablePart, device: string): boolean {
  const [kind, value] = [
    device.split('=', 1)[0],
    device.slice(device.indexOf('=') + 1).replace(/^"(.*)"$/, '$1'),
  ];
  if (kind === 'UUID') return value.toLowerCase() === uuid.toLowerCase();
  if (kind === 'PARTUUID') return value.toLowerCase() === partUuid?.toLowerCase();
  if (kind === 'LABEL') return value === volumeLabel;
  const byId = /^\/dev\/disk\/by-(uuid|partuuid|label)\/(.+)$/.exec(device);
  return (
    byId !== null &&
    isDevice({ uuid, partUuid, volumeLabel } as MountablePart, `${byId[1]!.toUpperCase()}=${byId[2]}`)
  );
}

function filesOf(found: Entries): SystemFiles {
  const entries = new Map<string, SystemEntry>([...found].sort(([a], [b]) => compareTreePaths(a, b)));
  return {
    entries,
    async read(path, limit = Number.POSITIVE_INFINITY) {
      const entry = found.get(path);
      if (entry?.kind === 'link') return this.read(entry.to, limit);
      if (entry?.kind !== 'file') throw new TypeError(`${path} is not a file of this disk`);
      return readContent(entry.content, Math.min(entry.size, limit));
    },
  };
}

async function readContent(content: ImageContent, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = await content.read(bytes.subarray(done), done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}

/** Folders before what is in them, names by their bytes: a slash sorts before every other character. */
function compareTreePaths(a: string, b: string): number {
  const [left, right] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
  return left < right ? -1 : left > right ? 1 : 0;
}
