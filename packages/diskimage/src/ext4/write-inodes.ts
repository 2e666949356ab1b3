import { blockSize, fileTypes, inodeFlags, inodeNumbers, inodeSize, mostLinks } from './ext4-format.ts';
import type { Geometry } from './geometry.ts';
import { deviceData, encodeInode, type InodeFields } from './inode-encode.ts';
import type { Extent } from './layout.ts';
import { hasExtents, type PlacedTree } from './place-tree.ts';
import { doubleIndirect, resizeInodeBlocks, resizeInodeSize } from './resize-inode.ts';
import type { Node } from './tree-nodes.ts';

export interface InodesToWrite {
  readonly nodes: readonly Node[];
  readonly geometry: Geometry;
  readonly placed: PlacedTree;
  readonly time: number;
  readonly clampMtime: number;
  readonly checksumSeed: number;
  readonly write: (block: number, bytes: Uint8Array) => void;
}

/** Writes the inode tables. Returns what the superblock repeats of the journal's inode, when there is a journal. */
export function writeInodes(
  work: InodesToWrite,
): { readonly data: Uint8Array; readonly size: number } | undefined {
  const { geometry, placed, checksumSeed } = work;
  const journal = placed.journal.length > 0 ? journalInode(work) : undefined;
  const all: (Node | InodeFields)[] = [...work.nodes, resizeInode(work), ...(journal ? [journal] : [])];
  all.sort((a, b) => numberOf(a) - numberOf(b));
  const { inodesPerGroup } = geometry;
  for (let from = 0; from < all.length; ) {
    const group = Math.floor((numberOf(all[from]!) - 1) / inodesPerGroup);
    const first = group * inodesPerGroup + 1;
    let to = from;
    while (to < all.length && numberOf(all[to]!) < first + inodesPerGroup) to++;
    const last = numberOf(all[to - 1]!) - first;
    const table = Buffer.alloc(Math.ceil(((last + 1) * inodeSize) / blockSize) * blockSize);
    for (const inode of all.slice(from, to)) {
      const fields = 'number' in inode ? inode : nodeFields(inode, work);
      encodeInode(table, (fields.number - first) * inodeSize, fields, checksumSeed);
    }
    work.write(geometry.inodeTables[group]!, table);
    from = to;
  }
  return journal && { data: journal.data, size: journal.size };
}

function numberOf(inode: Node | InodeFields): number {
  return 'number' in inode ? inode.number : inode.inode;
}

function nodeFields(node: Node, { placed, clampMtime }: InodesToWrite): InodeFields {
  const { entry } = node;
  let flags = 0;
  let data: Uint8Array = new Uint8Array();
  if (hasExtents(node)) {
    flags = inodeFlags.extents | (node.leaves ? inodeFlags.indexed : 0);
    data = placed.roots.get(node)!;
  } else if (entry.kind === 'symlink') data = Buffer.from(entry.target, 'latin1');
  else if (entry.kind === 'character' || entry.kind === 'block') data = deviceData(entry.major, entry.minor);
  const inInodeXattrs = placed.inodeXattrs.get(node);
  return {
    number: node.inode,
    mode: fileTypes[entry.kind] | (entry.mode & 0o7777),
    uid: entry.uid,
    gid: entry.gid,
    size: node.size,
    // A directory that has more folders than can be counted says 1.
    links: node.links > mostLinks ? 1 : node.links,
    blocks: blocksOf(node.extents) + node.treeBlocks.length + (node.attributeBlock === 0 ? 0 : 1),
    flags,
    time: Math.min(entry.mtime, clampMtime),
    data,
    attributeBlock: node.attributeBlock,
    ...(inInodeXattrs ? { inInodeXattrs } : {}),
  };
}

function journalInode({ placed, time }: InodesToWrite): InodeFields {
  const blocks = blocksOf(placed.journal);
  return {
    ...ownInode(inodeNumbers.journal, time),
    size: blocks * blockSize,
    blocks: blocks + placed.journalTree.length,
    flags: inodeFlags.extents,
    data: placed.roots.get('journal')!,
  };
}

function resizeInode({ geometry, time }: InodesToWrite): InodeFields {
  const data = Buffer.alloc(60);
  data.writeUInt32LE(geometry.resizeBlock, doubleIndirect * 4);
  return {
    ...ownInode(inodeNumbers.resize, time),
    size: resizeInodeSize,
    blocks: resizeInodeBlocks(geometry),
    flags: 0,
    data,
  };
}

function ownInode(number: number, time: number) {
  return { number, mode: fileTypes.file | 0o600, uid: 0, gid: 0, links: 1, time, attributeBlock: 0 };
}

function blocksOf(extents: readonly Extent[]): number {
  let blocks = 0;
  for (const { length } of extents) blocks += length;
  return blocks;
}
