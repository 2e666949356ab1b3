import { DiskImageError } from '../read.ts';
import type { FileContent, TreeEntry } from '../tree/tree-entry.ts';
import { fatAttributes, longNameEntries } from './directory-entries.ts';
import { entryLength } from './fat-geometry.ts';
import { type ShortName, ShortNames } from './short-names.ts';

export interface FatFile {
  readonly kind: 'file';
  readonly name: string;
  readonly mtime: number;
  readonly size: number;
  readonly content: FileContent;
}

export interface FatDirectory {
  readonly kind: 'directory';
  readonly name: string;
  mtime: number;
  readonly children: Map<string, FatFile | FatDirectory>;
}

/**
 * Puts the entries of a tree into directories, those in between made where the tree has none. Modes, owners and extended
 * attributes have no place in FAT.
 * @param time of directories that the tree does not have @param clampMtime the latest that any may have. Seconds since 1970
 * @throws DiskImageError when a name or kind cannot be in a FAT filesystem, or two names are the same but for case
 */
export function fatTree(entries: Iterable<TreeEntry>, time: number, clampMtime: number): FatDirectory {
  const root = newDirectory('', time);
  for (const entry of entries) {
    const path = Buffer.from(entry.path, 'latin1').toString('utf8');
    if (entry.kind !== 'file' && entry.kind !== 'directory')
      throw new DiskImageError(`"${path}" is neither file nor directory; FAT has nothing else`);
    const mtime = Math.min(entry.mtime, clampMtime);
    if (path === '') continue;
    const names = path.split('/');
    const name = names.pop()!;
    const parent = names.reduce((directory, step) => enter(directory, step, path, time), root);
    if (entry.kind === 'file') {
      const size = checkSize(entry.size, path);
      add(parent, { kind: 'file', name, mtime, size, content: entry.content }, path);
    } else {
      enter(parent, name, path, time).mtime = mtime;
    }
  }
  return root;
}

function newDirectory(name: string, mtime: number): FatDirectory {
  return { kind: 'directory', name, mtime, children: new Map() };
}

function enter(parent: FatDirectory, name: string, path: string, mtime: number): FatDirectory {
  const there = parent.children.get(foldCase(name));
  if (there?.name === name && there.kind === 'directory') return there;
  const made = newDirectory(name, mtime);
  add(parent, made, path);
  return made;
}

function add(parent: FatDirectory, child: FatFile | FatDirectory, path: string): void {
  checkName(child.name, path);
  const key = foldCase(child.name);
  const there = parent.children.get(key);
  if (there)
    throw new DiskImageError(`"${path}" and "${there.name}" are one name in FAT, which ignores case`);
  parent.children.set(key, child);
}

function foldCase(name: string): string {
  return name.toUpperCase();
}

function checkName(name: string, path: string): void {
  const isPossible =
    name.length >= 1 &&
    name.length <= 255 &&
    name !== '.' &&
    name !== '..' &&
    !/["*/:<>?\\|\x00-\x1f\x7f]/.test(name) &&
    !/[. ]$/.test(name) &&
    name.isWellFormed() &&
    !name.includes('\ufffd');
  if (!isPossible) throw new DiskImageError(`"${path}" has a name that FAT cannot hold`);
}

function checkSize(size: number, path: string): number {
  if (size > 0xffffffff)
    throw new DiskImageError(`"${path}" has ${size} bytes; a file in FAT has 4 GiB at most`);
  return size;
}

/** What a directory lists, sorted by name, with short names given. */
export interface Listed {
  readonly child: FatFile | FatDirectory;
  readonly short: ShortName;
  readonly longName: string | undefined;
}

export function listDirectory({ children }: FatDirectory): Listed[] {
  const sorted = [...children.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new ShortNames(sorted.map(({ name }) => name));
  return sorted.map((child) => {
    const { short, isWhole } = names.assign(child.name);
    return { child, short, longName: isWhole ? undefined : child.name };
  });
}

/** Bytes that the entries of a directory take, without `.` and `..` or a label. */
export function listedLength(listed: readonly Listed[]): number {
  const entries = listed.map(({ longName }) => 1 + (longName === undefined ? 0 : longNameEntries(longName)));
  return entries.reduce((sum, count) => sum + count, 0) * entryLength;
}

export function attributesOf(child: FatFile | FatDirectory): number {
  return child.kind === 'directory' ? fatAttributes.directory : fatAttributes.archive;
}
