import { crc32 } from 'node:zlib';
import { DiskImageError } from '../read.ts';
import { type Allocator, unitBlocks } from './allocator.ts';
import type { BlockWriter } from './block-writer.ts';
import { encodeDirectory } from './directory-encode.ts';
import { type DirectoryPlan, type HashSeed, planDirectory } from './directory-plan.ts';
import { blockSize, fastSymlinkLimit, inodeNumbers } from './ext4-format.ts';
import { encodeExtents, extentTreeBlocks } from './extent-tree.ts';
import { FilesystemFullError } from './filesystem-full.ts';
import { inodeChecksumSeed } from './inode-encode.ts';
import { keepBlocks, keepExtents } from './kept-blocks.ts';
import type { Extent, FileLayout } from './layout.ts';
import { addExtent, DensePlaces, UnitPlaces } from './placer.ts';
import { type Node, shown } from './tree-nodes.ts';
import { writeFile } from './write-file.ts';
import { encodeXattrs, sealXattrBlock } from './xattr-encode.ts';

export interface TreeToPlace {
  readonly nodes: readonly Node[];
  readonly matches: ReadonlyMap<Node, FileLayout>;
  readonly previousJournal: readonly Extent[];
  readonly journalBlocks: number;
  readonly allocator: Allocator;
  readonly writer: BlockWriter;
  readonly checksumSeed: number;
  readonly hashSeed: HashSeed;
}

export interface PlacedTree {
  readonly journal: readonly Extent[];
  readonly journalTree: readonly number[];
  readonly inodeXattrs: ReadonlyMap<Node, Uint8Array>;
  /** What goes into an inode whose data has extents: their tree's root. */
  readonly roots: ReadonlyMap<Node | 'journal', Uint8Array>;
}

/**
 * Gives all that has content its blocks and writes it: journal, directories, symlinks and attributes first, then
 * large files and then small ones. With a previous layout everything gets first what it had.
 */
export function placeTree(tree: TreeToPlace): PlacedTree {
  const { nodes, matches, allocator, writer, checksumSeed } = tree;
  const meta = new DensePlaces(allocator);
  const plans = new Map<Node, DirectoryPlan>();
  for (const node of nodes) {
    if (!node.children) continue;
    const plan = planFor(node, tree.hashSeed, matches.get(node));
    plans.set(node, plan);
    node.size = plan.blocks * blockSize;
    if (plan.index) node.leaves = [...plan.index.table];
  }

  // Before anything new gets blocks, all that is still there takes its own.
  const keptJournal = keepJournal(tree);
  const kept = new Map<Node, Extent[]>();
  const keptTrees = new Map<Node, number[]>();
  const xattrBlocks = new Map<Node, Buffer>();
  const inodeXattrs = new Map<Node, Uint8Array>();
  for (const node of nodes) {
    const { inBlock, inInode } = xattrsOf(node);
    if (inBlock) xattrBlocks.set(node, inBlock);
    if (inInode) inodeXattrs.set(node, inInode);
    const previous = matches.get(node);
    if (!previous) continue;
    const blocks = dataBlocks(node);
    const resized = previous.content !== undefined && previous.content.size !== node.size;
    if (blocks > 0) kept.set(node, keepExtents(previous, blocks, resized, allocator));
    if (previous.treeBlocks.length > 0)
      keptTrees.set(node, keepBlocks(previous.treeBlocks, previous.treeBlocks.length, allocator));
    if (inBlock && previous.attributeBlock !== undefined)
      node.attributeBlock = keepBlocks([previous.attributeBlock], 1, allocator)[0] ?? 0;
  }

  const journal = keptJournal ?? placeJournal(tree);
  for (const node of nodes) {
    const plan = plans.get(node);
    const isLongLink = node.entry.kind === 'symlink' && dataBlocks(node) > 0;
    if (!plan && !isLongLink) continue;
    node.extents = placeAll(dataBlocks(node), kept.get(node) ?? [], meta);
    const bytes = plan
      ? encodeDirectory(node, plan, inodeChecksumSeed(node.inode, checksumSeed))
      : symlinkBlock(node);
    for (const { logical, physical, length } of node.extents)
      writer.put(physical, bytes.subarray(logical * blockSize, (logical + length) * blockSize));
  }
  for (const [node, block] of xattrBlocks) {
    if (node.attributeBlock === 0) node.attributeBlock = oneBlock(meta);
    sealXattrBlock(block, node.attributeBlock, checksumSeed);
    writer.put(node.attributeBlock, block);
  }

  writeFiles(tree, kept);

  const roots = new Map<Node | 'journal', Uint8Array>();
  const write = (block: number, bytes: Uint8Array) => writer.put(block, bytes);
  for (const node of nodes) {
    const own = keptTrees.get(node) ?? [];
    const needed = extentTreeBlocks(node.extents.length);
    for (const block of own.splice(needed)) allocator.release(block, 1);
    while (own.length < needed) own.push(oneBlock(meta));
    node.treeBlocks = own;
    if (hasExtents(node))
      roots.set(node, encodeExtents(node.extents, own, inodeChecksumSeed(node.inode, checksumSeed), write));
  }
  const journalTree = Array.from({ length: extentTreeBlocks(journal.length) }, () => oneBlock(meta));
  const journalSeed = inodeChecksumSeed(inodeNumbers.journal, checksumSeed);
  roots.set('journal', encodeExtents(journal, journalTree, journalSeed, write));
  return { journal, journalTree, inodeXattrs, roots };
}

/** Whether an inode's data is blocks that extents list: not so for short symlinks and what has no data. */
export function hasExtents(node: Node): boolean {
  const { kind } = node.entry;
  return kind === 'file' || kind === 'directory' || (kind === 'symlink' && dataBlocks(node) > 0);
}

function dataBlocks(node: Node): number {
  if (node.entry.kind === 'symlink' && node.size < fastSymlinkLimit) return 0;
  return Math.ceil(node.size / blockSize);
}

function planFor(node: Node, hashSeed: HashSeed, previous: FileLayout | undefined): DirectoryPlan {
  // Four blocks of room, as mke2fs gives it.
  if (node.inode === inodeNumbers.firstFree && node.children!.length === 0) return { blocks: 4 };
  return planDirectory(node.children!, hashSeed, previous?.leaves);
}

function xattrsOf({ entry, path }: Node) {
  if (!entry.xattrs || entry.xattrs.size === 0) return {};
  try {
    return encodeXattrs(entry.xattrs);
  } catch (error) {
    if (error instanceof DiskImageError) throw new DiskImageError(`${shown(path)} ${error.message}`);
    throw error;
  }
}

/** The previous journal if it was as large and its place is free. Only its first block is ever written. */
function keepJournal({ previousJournal, journalBlocks, allocator }: TreeToPlace): Extent[] | undefined {
  if (journalBlocks === 0) return [];
  const all = { inode: 0, extents: previousJournal, treeBlocks: [] };
  const kept = keepExtents(all, journalBlocks, false, allocator);
  let next = 0;
  for (const { logical, length } of kept) next = logical === next ? next + length : Number.NaN;
  if (next === journalBlocks) return kept;
  for (const { physical, length } of kept) allocator.release(physical, length);
  return undefined;
}

function placeJournal({ journalBlocks, allocator }: TreeToPlace): Extent[] {
  const extents: Extent[] = [];
  const units = new UnitPlaces(allocator, new DensePlaces(allocator));
  for (let logical = 0; logical < journalBlocks; logical += unitBlocks) {
    const last = extents.at(-1);
    const after = last && last.physical + last.length;
    let at = logical;
    units.place(unitBlocks, after, (journalBlocks - logical) / unitBlocks, (start, length) => {
      addExtent(extents, at, start, length);
      at += length;
    });
  }
  return extents;
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

function symlinkBlock(node: Node): Buffer {
  const bytes = Buffer.alloc(blockSize);
  if (node.entry.kind === 'symlink') bytes.write(node.entry.target, 0, 'latin1');
  return bytes;
}

/** Large files first: small ones change more often, and then move nothing behind them. */
function writeFiles(tree: TreeToPlace, kept: ReadonlyMap<Node, Extent[]>): void {
  const dense = new DensePlaces(tree.allocator);
  const units = new UnitPlaces(tree.allocator, dense);
  const places = { allocator: tree.allocator, dense, units };
  const files = tree.nodes.filter(({ entry, size }) => entry.kind === 'file' && size > 0);
  const isLarge = ({ size }: Node) => size >= unitBlocks * blockSize;
  const inOrder = [...files.filter(isLarge), ...files.filter((node) => !isLarge(node))];
  for (const [index, node] of inOrder.entries()) {
    if (node.entry.kind !== 'file') continue;
    if (!isLarge(node) && !tree.matches.has(node) && startsUnit(node.path)) dense.startUnit();
    try {
      writeFile(node, node.entry.content, kept.get(node) ?? [], tree.writer, places);
    } catch (error) {
      if (!(error instanceof FilesystemFullError)) throw error;
      const left = inOrder.slice(index + 1).reduce((sum, later) => sum + dataBlocks(later), error.missing);
      throw new FilesystemFullError('blocks', left);
    }
  }
}

/**
 * Now and then a small file starts a unit, chosen by its name: so that behind a file that is new in one version the
 * units of both are the same again.
 */
function startsUnit(path: string): boolean {
  return crc32(Buffer.from(path, 'latin1')) % 64 === 0;
}
