import { DiskImageError } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { extentHeaderSize, extentMagic, extentSize, inodeFlags, longestExtent } from '../ext4-format.ts';
import type { BlockSource } from './block-source.ts';
import type { Inode } from './inode-decode.ts';

/** A piece of a file: neighbouring blocks on disk, or a hole when there is no `physical`. */
export interface Mapped {
  readonly physical?: number;
  /** Blocks, at least one. */
  readonly length: number;
}

/** Beyond the last block that a file can have. */
const endOfFiles = 2 ** 32;

/** Where a block of a file is, and what follows it. Each call takes a few steps, whatever the image says. */
export async function mapBlock(source: BlockSource, inode: Inode, logical: number): Promise<Mapped> {
  const mapped = await (inode.flags & inodeFlags.extents
    ? mapByExtents(source, inode, logical)
    : mapByPointers(source, inode, logical));
  if (mapped.physical !== undefined) source.check(mapped.physical, mapped.length);
  return mapped;
}

async function mapByExtents(source: BlockSource, inode: Inode, logical: number): Promise<Mapped> {
  let node = extentNode(inode.data, inode.number);
  let end = endOfFiles;
  for (;;) {
    const { here, next } = nearest(node, logical);
    end = Math.min(end, next);
    if (here === undefined) return { length: end - logical };
    if (node.depth === 0) {
      const { start, length, isWritten, first } = leafAt(node, here, inode.number);
      const inside = logical - first;
      if (inside >= length) return { length: end - logical };
      const left = Math.min(length - inside, end - logical);
      return isWritten ? { physical: start + inside, length: left } : { length: left };
    }
    node = await childNode(source, inode.number, node, here);
  }
}

export interface ExtentNode {
  readonly view: DataView;
  readonly count: number;
  /** 0 for leaves. */
  readonly depth: number;
}

/** @throws DiskImageError when the bytes are no node of an extent tree */
export function extentNode(bytes: Uint8Array, inode: number, expectedDepth?: number): ExtentNode {
  const view = viewOf(bytes);
  const count = view.getUint16(2, true);
  const depth = view.getUint16(6, true);
  const room = Math.floor((bytes.length - extentHeaderSize) / extentSize);
  if (view.getUint16(0, true) !== extentMagic || count > room || depth > 5)
    throw new DiskImageError(`the extents of inode ${inode} are damaged`);
  if (expectedDepth !== undefined && depth !== expectedDepth)
    throw new DiskImageError(`the extent tree of inode ${inode} is damaged: its levels do not agree`);
  return { view, count, depth };
}

export async function childNode(
  source: BlockSource,
  inode: number,
  { view, depth }: ExtentNode,
  at: number,
): Promise<ExtentNode> {
  return extentNode(await source.read(childBlock(view, at)), inode, depth - 1);
}

export function childBlock(view: DataView, at: number): number {
  return view.getUint32(at + 4, true) + view.getUint16(at + 8, true) * 2 ** 32;
}

/** An extent in a leaf. @throws DiskImageError when it has no length */
export function leafAt({ view }: ExtentNode, at: number, inode: number) {
  const raw = view.getUint16(at + 4, true);
  if (raw === 0) throw new DiskImageError(`an extent of inode ${inode} is empty`);
  return {
    first: view.getUint32(at, true),
    length: raw > longestExtent ? raw - longestExtent : raw,
    isWritten: raw <= longestExtent,
    start: view.getUint32(at + 8, true) + view.getUint16(at + 6, true) * 2 ** 32,
  };
}

/** The last place that starts at or before a block, and where the next one starts. Holds for any order of places. */
function nearest({ view, count }: ExtentNode, logical: number): { here?: number; next: number } {
  let here: number | undefined;
  let best = -1;
  let next = endOfFiles;
  for (let index = 0; index < count; index++) {
    const at = extentHeaderSize + index * extentSize;
    const first = view.getUint32(at, true);
    if (first > logical) next = Math.min(next, first);
    else if (first > best) {
      best = first;
      here = at;
    }
  }
  return here === undefined ? { next } : { here, next };
}

/** The map of ext2 and ext3: 12 blocks, then a block of pointers, one of such blocks, and one of those. */
async function mapByPointers(source: BlockSource, inode: Inode, logical: number): Promise<Mapped> {
  const perBlock = source.blockSize / 4;
  const root = viewOf(inode.data);
  if (logical < 12) return runOf(root, logical, 12);
  let index = logical - 12;
  for (let level = 1; level <= 3; level++) {
    const reach = perBlock ** level;
    if (index < reach) return descend(source, root.getUint32((11 + level) * 4, true), level, index);
    index -= reach;
  }
  return { length: endOfFiles - Math.min(logical, endOfFiles - 1) };
}

async function descend(source: BlockSource, top: number, levels: number, index: number): Promise<Mapped> {
  const perBlock = source.blockSize / 4;
  let block = top;
  let rest = index;
  for (let level = levels; level >= 1; level--) {
    const reach = perBlock ** level;
    if (block === 0) return { length: reach - rest };
    const view = viewOf(await source.read(block));
    if (level === 1) return runOf(view, rest, perBlock);
    const below = reach / perBlock;
    block = view.getUint32(Math.floor(rest / below) * 4, true);
    rest %= below;
  }
  throw new RangeError('a map has at least one level');
}

/** How far pointers go on in the same way: to neighbours, or to nothing. */
function runOf(view: DataView, index: number, count: number): Mapped {
  const first = view.getUint32(index * 4, true);
  let length = 1;
  while (index + length < count) {
    if (view.getUint32((index + length) * 4, true) !== (first === 0 ? 0 : first + length)) break;
    length++;
  }
  return first === 0 ? { length } : { physical: first, length };
}
