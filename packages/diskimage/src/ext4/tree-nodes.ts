import { DiskImageError } from '../read.ts';
import type { HardLink, TreeEntry } from '../tree/tree-entry.ts';
import type { DirectoryPlan } from './directory-plan.ts';
import { inodeNumbers, longestName, longestSymlink, mostLinks } from './ext4-format.ts';
import type { ExtentRoot } from './extent-tree.ts';
import type { Extent } from './layout.ts';
import type { EncodedXattrs } from './xattr-encode.ts';

/** One inode on its way into the filesystem. What is not read-only is filled in on that way. */
export interface Node {
  /** The first of its paths in the order of the tree. */
  readonly path: string;
  readonly entry: Exclude<TreeEntry, HardLink>;
  /** Of directories, sorted by name. */
  readonly children: Child[] | undefined;
  /** The directory that the path is in; the root has none. */
  readonly parent: Node | undefined;
  links: number;
  /** Filled in by number-inodes.ts, but for those that have numbers of their own. */
  inode: number;
  /** Bytes of its data: a directory's blocks, a symlink's target, a file. */
  size: number;
  /** How a directory is laid out in its blocks. */
  plan: DirectoryPlan | undefined;
  xattrs: EncodedXattrs | undefined;
  /** Blocks of the version before, taken for it again, in logical order. */
  kept: readonly Extent[];
  /** Its blocks in logical order, as they are given out. */
  extents: Extent[];
  treeBlocks: number[];
  /** 0: none. */
  attributeBlock: number;
  /** What of its extents is in the inode. */
  root: ExtentRoot | undefined;
  /** CRC-32 of a file's first bytes: see FileLayout.content. */
  head: number | undefined;
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
  let count = 0;
  for (const entry of entries) {
    byPath.set(entry.path, entry);
    if (byPath.size !== ++count) throw new DiskImageError(`${shown(entry.path)} is in the tree twice`);
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
  /** What hard links stand for, and the nodes of that. */
  const sources = new Set<TreeEntry>();
  const linked = new Map<TreeEntry, Node>();
  for (const entry of byPath.values()) if (entry.kind === 'link') sources.add(sourceOf(byPath, entry));
  visit();
  if (byPath.get('lost+found')!.kind !== 'directory')
    throw new DiskImageError('"lost+found" is no directory, and e2fsck needs one of that name');
  return nodes;

  /** Depth first, with its own stack: a path may have thousands of parts. */
  function visit(): void {
    const stack: Visit[] = [{ name: '', entry: byPath.get('')!, parent: undefined }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { name, entry, parent } = next;
      const { path } = entry;
      const source = sourceOf(byPath, entry);
      let node = sources.has(source) ? linked.get(source) : undefined;
      if (node) {
        if (node.children)
          throw new DiskImageError(`${shown(path)} is a second name of the directory ${shown(node.path)}`);
        if (++node.links > mostLinks)
          throw new DiskImageError(`${shown(node.path)} has more than ${mostLinks} names`);
      } else {
        node = newNode(path, source, parent);
        nodes.push(node);
        if (sources.has(source)) linked.set(source, node);
        if (parent && node.children) parent.links++;
      }
      parent?.children?.push({ name, node });
      const inside = node.children && names.get(path);
      if (!inside) continue;
      if (!isSorted(inside)) inside.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (let index = inside.length - 1; index >= 0; index--)
        stack.push({ name: inside[index]!.name, entry: inside[index]!.entry, parent: node });
    }
  }
}

interface Name {
  readonly name: string;
  readonly entry: TreeEntry;
}

interface Visit extends Name {
  readonly parent: Node | undefined;
}

function isSorted(names: readonly Name[]): boolean {
  for (let index = 1; index < names.length; index++)
    if (names[index - 1]!.name > names[index]!.name) return false;
  return true;
}

/** A path as messages show it: quoted, with what is no printable ASCII escaped. */
export function shown(path: string): string {
  return path === '' ? 'the root of the tree' : JSON.stringify(path).replace(/[^ -~]/g, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

function namesByDirectory(byPath: ReadonlyMap<string, TreeEntry>): Map<string, Name[]> {
  const names = new Map<string, Name[]>();
  let directory = '';
  let known: Name[] | undefined;
  for (const [path, entry] of byPath) {
    if (path === '') continue;
    const slash = path.lastIndexOf('/');
    const name = path.slice(slash + 1);
    checkName(path, name);
    // Mostly it is in the same directory as the one before.
    if (!known || Math.max(slash, 0) !== directory.length || !path.startsWith(directory)) {
      directory = slash < 0 ? '' : path.slice(0, slash);
      known = names.get(directory) ?? newDirectory(byPath, path, directory);
      names.set(directory, known);
    }
    known.push({ name, entry });
  }
  return names;
}

function newDirectory(byPath: ReadonlyMap<string, TreeEntry>, path: string, directory: string): Name[] {
  const parent = byPath.get(directory);
  if (!parent) throw new DiskImageError(`${shown(path)} is in a directory that the tree does not have`);
  if (parent.kind !== 'directory')
    throw new DiskImageError(`${shown(path)} is in ${shown(directory)}, which is no directory`);
  return [];
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

/** The entry that describes what a hard link stands for; of others themselves. */
function sourceOf(byPath: ReadonlyMap<string, TreeEntry>, named: TreeEntry): Exclude<TreeEntry, HardLink> {
  let entry = named;
  for (let hops = 0; entry.kind === 'link'; hops++) {
    const to = byPath.get(entry.to);
    if (!to)
      throw new DiskImageError(
        `${shown(named.path)} links to ${shown(entry.to)}, which the tree does not have`,
      );
    if (hops > byPath.size) throw new DiskImageError(`${shown(named.path)} links to itself`);
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
    size: entry.kind === 'file' ? entry.size : entry.kind === 'symlink' ? entry.target.length : 0,
    plan: undefined,
    xattrs: undefined,
    kept: [],
    extents: [],
    treeBlocks: [],
    attributeBlock: 0,
    root: undefined,
    head: undefined,
  };
}

function isTarget(target: string): boolean {
  return target !== '' && target.length <= longestSymlink && !notBytes.test(target);
}
