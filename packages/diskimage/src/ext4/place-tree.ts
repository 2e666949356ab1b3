import type { Allocator } from './allocator.ts';
import type { BlockWriter } from './block-writer.ts';
import { encodeDirectory } from './directory-encode.ts';
import { blockSize, inodeNumbers } from './ext4-format.ts';
import { buildExtents, extentTreeBlocks } from './extent-tree.ts';
import { inodeChecksumSeed } from './inode-encode.ts';
import { keepBlocks, keepExtents } from './kept-blocks.ts';
import type { Ext4Layout, Extent, FileLayout } from './layout.ts';
import { placeFiles } from './place-files.ts';
import { keepJournal, placeJournal } from './place-journal.ts';
import { addExtent, DensePlaces } from './placer.ts';
import { dataBlocks } from './prepare-nodes.ts';
import type { Node } from './tree-nodes.ts';
import type { JournalInode } from './write-inodes.ts';
import { sealXattrBlock } from './xattr-encode.ts';

export interface TreeToPlace {
  readonly nodes: readonly Node[];
  readonly previous: Ext4Layout | undefined;
  readonly matches: ReadonlyMap<Node, FileLayout>;
  readonly journalBlocks: number;
  readonly allocator: Allocator;
  readonly writer: BlockWriter;
  readonly checksumSeed: number;
}

export interface PlacedJournal {
  readonly extents: readonly Extent[];
  readonly inode: JournalInode;
}

/**
 * Gives all that has content its blocks and writes it: journal, directories, symlinks and attributes first, then
 * files. With a previous layout everything gets first what it had.
 */
export function placeTree(tree: TreeToPlace): PlacedJournal | undefined {
  const { nodes, allocator, writer, journalBlocks, checksumSeed } = tree;
  const meta = new DensePlaces(allocator);
  const write = (block: number, bytes: Uint8Array) => writer.put(block, bytes);

  // Before anything new gets blocks, all that is still there takes its own.
  const kept = tree.previous && keepJournal(tree.previous.journal, journalBlocks, allocator);
  for (const [node, previous] of tree.matches) keepNode(node, previous, allocator);

  const journal = kept ?? placeJournal(journalBlocks, allocator);
  for (const node of nodes)
    if (node.plan || (node.entry.kind === 'symlink' && dataBlocks(node) > 0))
      placeMetadata(node, meta, writer, checksumSeed);
  for (const node of nodes) {
    const block = node.xattrs?.inBlock;
    if (!block) continue;
    if (node.attributeBlock === 0) node.attributeBlock = oneBlock(meta);
    sealXattrBlock(block, node.attributeBlock, checksumSeed);
    writer.put(node.attributeBlock, block);
  }

  placeFiles(nodes, tree.matches, allocator, writer);

  for (const node of nodes) {
    const needed = extentTreeBlocks(node.extents.length);
    if (needed !== node.treeBlocks.length) {
      for (const block of node.treeBlocks.splice(needed)) allocator.release(block, 1);
      while (node.treeBlocks.length < needed) node.treeBlocks.push(oneBlock(meta));
    }
    if (hasExtents(node))
      node.root =
        needed === 0
          ? { depth: 0, places: node.extents }
          : buildExtents(node.extents, node.treeBlocks, inodeChecksumSeed(node.inode, checksumSeed), write);
  }
  if (journalBlocks === 0) return undefined;
  const treeBlocks = Array.from({ length: extentTreeBlocks(journal.length) }, () => oneBlock(meta));
  const seed = inodeChecksumSeed(inodeNumbers.journal, checksumSeed);
  const root = buildExtents(journal, treeBlocks, seed, write);
  return { extents: journal, inode: { blocks: journalBlocks, treeBlocks: treeBlocks.length, root } };
}

function keepNode(node: Node, previous: FileLayout, allocator: Allocator): void {
  const blocks = dataBlocks(node);
  const resized = previous.content !== undefined && previous.content.size !== node.size;
  if (blocks > 0) node.kept = keepExtents(previous, blocks, resized, allocator);
  node.treeBlocks = keepBlocks(previous.treeBlocks, previous.treeBlocks.length, allocator);
  if (node.xattrs?.inBlock && previous.attributeBlock !== undefined)
    node.attributeBlock = keepBlocks([previous.attributeBlock], 1, allocator)[0] ?? 0;
}

/** Whether an inode's data is blocks that extents list: not so for short symlinks and what has no data. */
function hasExtents(node: Node): boolean {
  const { kind } = node.entry;
  return kind === 'file' || kind === 'directory' || (kind === 'symlink' && dataBlocks(node) > 0);
}

/** A directory, or the target of a long symlink. */
function placeMetadata(node: Node, places: DensePlaces, writer: BlockWriter, checksumSeed: number): void {
  const blocks = dataBlocks(node);
  node.extents = placeAll(blocks, node.kept, places);
  const bytes = scratchOf(writer, blocks);
  if (node.plan) encodeDirectory(bytes, node, node.plan, inodeChecksumSeed(node.inode, checksumSeed));
  else if (node.entry.kind === 'symlink') bytes.set(Buffer.from(node.entry.target, 'latin1'));
  const isInWriter = bytes.buffer === writer.buffer.buffer;
  for (const { logical, physical, length } of node.extents)
    if (isInWriter) writer.assign(physical, length);
    else writer.put(physical, bytes.subarray(logical * blockSize, (logical + length) * blockSize));
}

/** Zeros to build blocks in: where the writer collects what it writes, unless they are too many. */
function scratchOf(writer: BlockWriter, blocks: number): Uint8Array {
  const size = blocks * blockSize;
  if (size > writer.buffer.length) return new Uint8Array(size);
  const at = writer.room(size);
  return writer.buffer.subarray(at, at + size).fill(0);
}

/** Places for all blocks from the first to the last, where nothing is kept. */
function placeAll(blocks: number, kept: readonly Extent[], places: DensePlaces): Extent[] {
  const extents: Extent[] = [];
  let next = 0;
  const fillTo = (end: number) => {
    places.place(end - next, (start, length) => {
      addExtent(extents, next, start, length);
      next += length;
    });
  };
  for (const { logical, physical, length } of kept) {
    fillTo(logical);
    addExtent(extents, logical, physical, length);
    next = logical + length;
  }
  fillTo(blocks);
  return extents;
}

function oneBlock(places: DensePlaces): number {
  let block = 0;
  places.place(1, (start) => {
    block = start;
  });
  return block;
}
