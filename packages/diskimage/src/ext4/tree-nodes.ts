import { DiskImageError } from '../read.ts';
import type { HardLink, TreeEntry } from '../tree/tree-entry.ts';
import { inodeNumbers, longestName, longestSymlink, mostLinks } from './ext4-format.ts';
import type { Extent } from './layout.ts';

/** One inode on its way into the filesystem. What is filled in later is marked so. */
export interface Node {
  /** The first of its paths in the order of the tree. */
  readonly path: string;
  readonly entry: Exclude<TreeEntry, HardLink>;
  /** Of directories, sorted by name. */
  readonly children: Child[] | undefined;
  /** The directory that the path is in; the root's is the root. */
  readonly parent: Node | undefined;
  links: number;
  /** Filled in by number-inodes.ts. */
  inode: number;
  /** Filled in as blocks are given out, in logical order. */
  extents: Extent[];
  treeBlocks: number[];
  attributeBlock: number;
  /** Bytes in its blocks: those of the directory's entries, the symlink's target or the file. */
  size: number;
  /** A directory with an index: see FileLayout.leaves. */
  leaves?: number[];
  /** CRC-32 of a file's first bytes: see FileLayout.content. */
  head?: number;
}

export interface Child {
  readonly name: string;
  readonly node: Node;
}

/** What stands for the root and for lost+found when no entry describes them. */
export interface TreeDefaults {
  readonly mtime: number;
}

/**
 * The tree as inodes, in canonical order: parents before what is in them, each directory's names sorted as bytes.
 * The order of the entries makes no difference.
 * @throws DiskImageError when the tree contradicts itself or has what ext4 cannot hold
 */
export function treeNodes(entries: Iterable<TreeEntry>, defaults: TreeDefaults): Node[] {
  const byPath = new Map<string, TreeEntry>();
  for (const entry of entries) {
    if (byPath.has(entry.path)) throw new DiskImageError(`${shown(entry.path)} is in the tree twice`);
    byPath.set(entry.path, entry);
  }
  for (const [path, mode] of [
    ['', 0o755],
    ['lost+found', 0o700],
  ] as const)
    if (!byPath.has(path))
      byPath.set(path, { kind: 'directory', path, mode, uid: 0, gid: 0, mtime: defaults.mtime });

  if (byPath.get('')!.kind !== 'directory') throw new DiskImageError('the root of the tree is no directory');
  const names = namesByDirectory(byPath);
  const nodes: Node[] = [];
  const bySource = new Map<TreeEntry, Node>();
  visit('', undefined);
  if (bySource.get(byPath.get('lost+found')!)!.entry.kind !== 'directory')
    throw new DiskImageError('"lost+found" is no directory, and e2fsck needs one of that name');
  return nodes;

  /** Depth first, with its own stack: a path may have thousands of parts. */
  function visit(rootPath: string, above: Node | undefined): void {
    const stack: { path: string; parent: Node | undefined; name: string }[] = [
      { path: rootPath, parent: above, name: '' },
    ];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { path, parent, name } = next;
      const source = sourceOf(byPath, path);
      let node = bySource.get(source);
      if (node) {
        if (node.entry.kind === 'directory')
          throw new DiskImageError(`${shown(path)} is a second name of the directory ${shown(node.path)}`);
        if (++node.links > mostLinks)
          throw new DiskImageError(`${shown(node.path)} has more than ${mostLinks} names`);
      } else {
        node = newNode(path, source, parent);
        bySource.set(source, node);
        nodes.push(node);
        if (parent && node.children) parent.links++;
      }
      if (parent) parent.children!.push({ name, node });
      if (node.children) {
        const inside = names.get(path);
        if (inside) {
          inside.sort();
          for (let index = inside.length - 1; index >= 0; index--) {
            const child = inside[index]!;
            stack.push({ path: path === '' ? child : `${path}/${child}`, parent: node, name: child });
          }
        }
      }
    }
  }
}

/** A path as messages show it: quoted, with what is no printable ASCII escaped. */
export function shown(path: string): string {
  return path === '' ? 'the root of the tree' : JSON.stringify(path).replace(/[^ -~]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function namesByDirectory(byPath: ReadonlyMap<string, TreeEntry>): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const path of byPath.keys()) {
    if (path === '') continue;
    const slash = path.lastIndexOf('/');
    const directory = slash < 0 ? '' : path.slice(0, slash);
    const name = slash < 0 ? path : path.slice(slash + 1);
    checkName(path, name);
    const known = names.get(directory);
    if (known) {
      known.push(name);
      continue;
    }
    const parent = byPath.get(directory);
    if (!parent) throw new DiskImageError(`${shown(path)} is in a directory that the tree does not have`);
    if (parent.kind !== 'directory')
      throw new DiskImageError(`${shown(path)} is in ${shown(directory)}, which is no directory`);
    names.set(directory, [name]);
  }
  return names;
}

function checkName(path: string, name: string): void {
  if (name === '' || name === '.' || name === '..' || path[0] === '/')
    throw new DiskImageError(`${shown(path)} has a part that is empty or made of dots`);
  if (name.length > longestName)
    throw new DiskImageError(`${shown(path)} has a part longer than ${longestName} bytes`);
  if (notBytes.test(name))
    throw new DiskImageError(`${shown(path)} has a character that is no byte, or is 0`);
}

const notBytes = /[^\x01-\xff]/;

/** The entry that describes what is at a path: hard links are followed. */
function sourceOf(byPath: ReadonlyMap<string, TreeEntry>, path: string): Exclude<TreeEntry, HardLink> {
  let entry = byPath.get(path)!;
  for (let hops = 0; entry.kind === 'link'; hops++) {
    const to = byPath.get(entry.to);
    if (!to)
      throw new DiskImageError(`${shown(path)} links to ${shown(entry.to)}, which the tree does not have`);
    if (hops > byPath.size) throw new DiskImageError(`${shown(path)} links to itself`);
    entry = to;
  }
  return entry;
}

function newNode(path: string, entry: Exclude<TreeEntry, HardLink>, parent: Node | undefined): Node {
  if (entry.kind === 'file' && !(Number.isSafeInteger(entry.size) && entry.size >= 0))
    throw new DiskImageError(`${shown(path)} has an impossible size (${entry.size})`);
  if (entry.kind === 'symlink' && !isTarget(entry.target))
    throw new DiskImageError(`the symlink ${shown(path)} has an empty target, or one over 4095 bytes`);
  for (const id of [entry.uid, entry.gid])
    if (!(Number.isInteger(id) && id >= 0 && id <= 0xffffffff))
      throw new DiskImageError(`${shown(path)} has an impossible owner (${id})`);
  if (!Number.isFinite(entry.mtime))
    throw new DiskImageError(`${shown(path)} has an impossible time (${entry.mtime})`);
  const isDirectory = entry.kind === 'directory';
  return {
    path,
    entry,
    parent,
    children: isDirectory ? [] : undefined,
    links: isDirectory ? 2 : 1,
    inode: path === '' ? inodeNumbers.root : path === 'lost+found' ? inodeNumbers.firstFree : 0,
    extents: [],
    treeBlocks: [],
    attributeBlock: 0,
    size: entry.kind === 'file' ? entry.size : entry.kind === 'symlink' ? entry.target.length : 0,
  };
}

function isTarget(target: string): boolean {
  return target !== '' && target.length <= longestSymlink && !notBytes.test(target);
}
