import { blockSize, fileTypes, inodeFlags, inodeNumbers, inodeSize, mostLinks } from './ext4-format.ts';
import { type ExtentRoot, encodeExtentRoot } from './extent-tree.ts';
import type { Geometry } from './geometry.ts';
import { deviceData, type InodeFields, InodeTable } from './inode-encode.ts';
import type { Extent } from './layout.ts';
import { doubleIndirect, resizeInodeBlocks, resizeInodeSize } from './resize-inode.ts';
import type { Node } from './tree-nodes.ts';

export interface InodesToWrite {
  /** By inode number. */
  readonly nodes: readonly Node[];
  readonly geometry: Geometry;
  readonly journal: JournalInode | undefined;
  readonly time: number;
  readonly clampMtime: number;
  readonly checksumSeed: number;
  readonly write: (block: number, bytes: Uint8Array) => void;
}

export interface JournalInode {
  readonly blocks: number;
  readonly treeBlocks: number;
  readonly root: ExtentRoot;
}

/** Writes the inode tables, as far as they are used. */
export function writeInodes(work: InodesToWrite): void {
  const { geometry, nodes, journal, checksumSeed, clampMtime, time } = work;
  const { inodesPerGroup } = geometry;
  for (let from = 0; from < nodes.length; ) {
    const group = Math.floor((nodes[from]!.inode - 1) / inodesPerGroup);
    const first = group * inodesPerGroup + 1;
    let to = from;
    while (to < nodes.length && nodes[to]!.inode < first + inodesPerGroup) to++;
    const used = (nodes[to - 1]!.inode - first + 1) * inodeSize;
    const table = new InodeTable(Math.ceil(used / blockSize) * blockSize);
    for (; from < to; from++) {
      const fields = nodeFields(nodes[from]!, clampMtime);
      table.put((fields.number - first) * inodeSize, fields, checksumSeed);
    }
    if (group === 0) {
      // Their numbers are below that of lost+found, so that the table has room for them.
      const own = [resizeInode(geometry, time), ...(journal ? [journalInode(journal, time)] : [])];
      for (const fields of own) table.put((fields.number - 1) * inodeSize, fields, checksumSeed);
    }
    work.write(geometry.inodeTables[group]!, table.bytes);
  }
}

/** What the superblock repeats of the journal's inode. */
export function journalCopy({ blocks, root }: JournalInode) {
  const data = new Uint8Array(60);
  encodeExtentRoot(new DataView(data.buffer), 0, root);
  return { data, size: blocks * blockSize };
}

function nodeFields(node: Node, clampMtime: number): InodeFields {
  const { entry, root } = node;
  let flags = 0;
  let data: Uint8Array | undefined;
  if (root) flags = node.plan?.index ? inodeFlags.extents | inodeFlags.indexed : inodeFlags.extents;
  else if (entry.kind === 'symlink') data = Buffer.from(entry.target, 'latin1');
  else if (entry.kind === 'character' || entry.kind === 'block') data = deviceData(entry.major, entry.minor);
  return {
    number: node.inode,
    mode: fileTypes[entry.kind] | (entry.mode & 0o7777),
    uid: entry.uid,
    gid: entry.gid,
    size: node.size,
    // A directory that has more folders than can be counted says 1.
    links: node.links > mostLinks ? 1 : node.links,
    blocks: countBlocks(node.extents) + node.treeBlocks.length + (node.attributeBlock === 0 ? 0 : 1),
    flags,
    time: Math.min(entry.mtime, clampMtime),
    root,
    data,
    attributeBlock: node.attributeBlock,
    xattrs: node.xattrs?.inInode,
  };
}

function journalInode({ blocks, treeBlocks, root }: JournalInode, time: number): InodeFields {
  return {
    ...ownInode(inodeNumbers.journal, time),
    size: blocks * blockSize,
    blocks: blocks + treeBlocks,
    flags: inodeFlags.extents,
    root,
    data: undefined,
  };
}

function resizeInode(geometry: Geometry, time: number): InodeFields {
  const data = new Uint8Array(60);
  new DataView(data.buffer).setUint32(doubleIndirect * 4, geometry.resizeBlock, true);
  return {
    ...ownInode(inodeNumbers.resize, time),
    size: resizeInodeSize,
    blocks: resizeInodeBlocks(geometry),
    flags: 0,
    root: undefined,
    data,
  };
}

function ownInode(number: number, time: number) {
  const mode = fileTypes.file | 0o600;
  return { number, mode, uid: 0, gid: 0, links: 1, time, attributeBlock: 0, xattrs: undefined };
}

function countBlocks(extents: readonly Extent[]): number {
  let blocks = 0;
  for (let index = 0; index < extents.length; index++) blocks += extents[index]!.length;
  return blocks;
}
