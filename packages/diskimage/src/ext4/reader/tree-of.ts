import { DiskImageError } from '../../read.ts';
import type { HardLink, TreeEntry } from '../../tree/tree-entry.ts';
import { deviceOf } from './device-of.ts';
import { readDirectory } from './directory-decode.ts';
import type { Ext4Image } from './ext4-image.ts';
import { contentOf, type ImageContent } from './file-content.ts';
import type { Inode } from './inode-decode.ts';

/** Longer than any path that a system call takes; what is beyond is made to fill memory. */
const longestPath = 16 * 1024;

export interface TreeItem {
  readonly entry: TreeEntry<ImageContent>;
  /** Undefined for a further name of a file that came before. */
  readonly inode?: Inode;
}

/**
 * A directory and all that is below it. Every directory, and every block of one, can come only once: a damaged image
 * ends with an error, and is not gone through forever.
 */
export async function* treeOf(image: Ext4Image, root: Inode): AsyncGenerator<TreeItem> {
  const blocks = new Set<number>();
  const directories = new Set<number>();
  const linked = new Map<number, string>();
  const waiting: { readonly path: string; readonly number: number }[] = [{ path: '', number: root.number }];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const { path, number } = next;
    const first = linked.get(number);
    if (first !== undefined) {
      yield { entry: { kind: 'link', path, to: first } };
      continue;
    }
    const inode = await image.inode(number);
    if (inode.kind === 'directory') {
      if (directories.has(number)) throw new DiskImageError(`the directory of inode ${number} has two names`);
      directories.add(number);
    } else if (inode.links > 1) linked.set(number, path);
    yield { entry: await entryOf(image, path, inode), inode };
    if (inode.kind !== 'directory') continue;
    const names = await namesOf(image, inode, blocks);
    for (const { name, number: child } of names.reverse())
      waiting.push({ path: joined(path, name), number: child });
  }
}

async function namesOf(image: Ext4Image, directory: Inode, blocks: Set<number>) {
  const numbers = new Map<string, number>();
  for await (const { name, inode } of readDirectory(image.source, image.superblock, directory, blocks)) {
    if (numbers.has(name))
      throw new DiskImageError(`the directory of inode ${directory.number} has a name twice`);
    numbers.set(name, inode);
  }
  return [...numbers.keys()].sort().map((name) => ({ name, number: numbers.get(name)! }));
}

function joined(path: string, name: string): string {
  const whole = path === '' ? name : `${path}/${name}`;
  if (whole.length > longestPath) throw new DiskImageError(`a path has more than ${longestPath} bytes`);
  return whole;
}

async function entryOf(
  image: Ext4Image,
  path: string,
  inode: Inode,
): Promise<Exclude<TreeEntry<ImageContent>, HardLink>> {
  const { kind, mode, uid, gid, mtime } = inode;
  const xattrs = await image.xattrsOf(inode);
  const base = { path, mode, uid, gid, mtime, ...(xattrs.size > 0 ? { xattrs } : {}) };
  switch (kind) {
    case 'file':
      return { kind, ...base, size: inode.size, content: contentLater(image, inode) };
    case 'symlink':
      return { kind, ...base, target: await image.target(inode) };
    case 'character':
    case 'block':
      return { kind, ...base, ...deviceOf(inode) };
    default:
      return { kind, ...base };
  }
}

/** An encrypted file is part of the tree too; only reading it fails. */
function contentLater(image: Ext4Image, inode: Inode): ImageContent {
  return { read: async (into, position) => contentOf(image.source, inode).read(into, position) };
}
