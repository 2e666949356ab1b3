import {
  blockSize,
  blocksPerGroup,
  descriptorsPerBlock,
  groupsPerFlex,
  inodesPerBlock,
} from './ext4-format.ts';
import { FilesystemFullError } from './filesystem-full.ts';
import type { Ext4Layout } from './layout.ts';

/**
 * Where the filesystem's own tables are. Everything follows from four numbers, and where a group has its tables does
 * not depend on how many groups come after it: a larger version of the filesystem has them at the same places.
 */
export interface Geometry {
  readonly blocks: number;
  readonly groups: number;
  readonly inodesPerGroup: number;
  /** Blocks of one group's inode table. */
  readonly tableBlocks: number;
  /** Blocks of group descriptors in use. */
  readonly descriptorBlocks: number;
  /** The same with those kept for growth (resize_inode), behind every copy of the superblock. */
  readonly descriptorArea: number;
  /** The resize inode's own block, behind the first bitmaps. */
  readonly resizeBlock: number;
  /** First blocks, by group. */
  readonly blockBitmaps: readonly number[];
  readonly inodeBitmaps: readonly number[];
  readonly inodeTables: readonly number[];
}

export interface GeometryWish {
  /** Bytes. */
  readonly size: number;
  readonly bytesPerInode: number;
  /** Inodes that the tree needs, reserved ones included. */
  readonly inodesNeeded: number;
  readonly previous?: Pick<Ext4Layout, 'inodesPerGroup' | 'descriptorBlocks'>;
}

const mostBlocks = 2 ** 32 - 1;
/** Blocks that a last group must have beside its overhead to be worth it, as mke2fs sees it. */
const worthwhile = 50;

/** @throws RangeError for a size that no filesystem can have @throws FilesystemFullError when inodes do not suffice */
export function planGeometry(wish: GeometryWish): Geometry {
  const wanted = Math.floor(wish.size / blockSize);
  if (!Number.isSafeInteger(wish.size) || wanted < 64 || wanted > mostBlocks)
    throw new RangeError(`an ext4 filesystem of ${wish.size} bytes is not possible: 256 KiB to 16 TiB`);
  const area = descriptorAreaOf(Math.ceil(wanted / blocksPerGroup), wish.previous?.descriptorBlocks);
  const blocks = withoutScrap(wanted, area);
  const groups = Math.ceil(blocks / blocksPerGroup);
  const inodesPerGroup = inodesPerGroupOf(blocks, groups, wish);
  const tableBlocks = inodesPerGroup / inodesPerBlock;
  return {
    blocks,
    groups,
    inodesPerGroup,
    tableBlocks,
    descriptorBlocks: Math.ceil(groups / descriptorsPerBlock),
    descriptorArea: area,
    resizeBlock: 1 + area + 2 * groupsPerFlex,
    ...placeTables(blocks, groups, tableBlocks, area),
  };
}

/** Whether a group has a copy of superblock and descriptors (sparse_super): 0, 1 and powers of 3, 5 and 7. */
export function hasSuperblock(group: number): boolean {
  if (group <= 1) return true;
  for (const base of [3, 5, 7]) {
    let power = base;
    while (power < group) power *= base;
    if (power === group) return true;
  }
  return false;
}

/** Blocks at a group's start that hold the superblock and descriptors. */
export function copyBlocks(group: number, descriptorArea: number): number {
  return hasSuperblock(group) ? 1 + descriptorArea : 0;
}

/** How many blocks a group has: fewer in the last. */
export function groupLength(blocks: number, group: number): number {
  return Math.min(blocksPerGroup, blocks - group * blocksPerGroup);
}

/**
 * Room to grow 1024-fold, as mke2fs gives, up to 2 TiB: beyond that the kernel grows filesystems in another way.
 * Rounded to a power of two so that filesystems of nearly the same size agree.
 */
function descriptorAreaOf(groups: number, previous: number | undefined): number {
  const used = Math.ceil(groups / descriptorsPerBlock);
  if (previous !== undefined && Number.isInteger(previous) && previous >= used && previous <= used + 1023)
    return previous;
  const grown = 2 ** Math.ceil(Math.log2(groups * 16));
  return Math.max(Math.min(grown, 256), Math.min(used * 2, used + 1023));
}

function withoutScrap(blocks: number, area: number): number {
  const scrap = blocks % blocksPerGroup;
  const group = Math.floor(blocks / blocksPerGroup);
  return group > 0 && scrap < copyBlocks(group, area) + worthwhile ? blocks - scrap : blocks;
}

function inodesPerGroupOf(blocks: number, groups: number, wish: GeometryWish): number {
  const most = blocksPerGroup;
  const { inodesNeeded: needed, previous } = wish;
  if (previous) {
    const kept = previous.inodesPerGroup;
    if (Number.isInteger(kept) && kept > 0 && kept <= most && kept % inodesPerBlock === 0)
      if (kept * groups >= needed) return kept;
  }
  if (needed > most * groups) throw new FilesystemFullError('inodes', needed - most * groups);
  const span = Math.min(blocks, blocksPerGroup) * blockSize;
  for (let ratio = wish.bytesPerInode; ; ratio /= 2) {
    const perGroup = Math.ceil(span / ratio / inodesPerBlock) * inodesPerBlock;
    if (perGroup >= most) return most;
    // A fifth more than the tree has, so that its machine can make files too.
    if (perGroup * groups >= needed * 1.2) return Math.max(perGroup, inodesPerBlock);
  }
}

/**
 * Sixteen groups have their bitmaps and tables together at the start of the first (flex_bg). Bitmaps have room for
 * all sixteen even when there are fewer.
 */
function placeTables(
  blocks: number,
  groups: number,
  tableBlocks: number,
  area: number,
): Pick<Geometry, 'blockBitmaps' | 'inodeBitmaps' | 'inodeTables'> {
  const blockBitmaps: number[] = [];
  const inodeBitmaps: number[] = [];
  const inodeTables: number[] = [];
  for (let first = 0; first < groups; first += groupsPerFlex) {
    const start = first * blocksPerGroup + copyBlocks(first, area);
    let next = start + 2 * groupsPerFlex + (first === 0 ? 1 : 0);
    for (let group = first; group < Math.min(first + groupsPerFlex, groups); group++) {
      blockBitmaps.push(start + group - first);
      inodeBitmaps.push(start + groupsPerFlex + group - first);
      next = behindCopies(next, tableBlocks, area);
      inodeTables.push(next);
      next += tableBlocks;
      if (next > blocks) throw new FilesystemFullError('blocks', next - blocks);
    }
  }
  return { blockBitmaps, inodeBitmaps, inodeTables };
}

/** The first place from `start` on where so many blocks meet no copy of the superblock. */
function behindCopies(start: number, length: number, area: number): number {
  const nextGroup = Math.floor(start / blocksPerGroup) + 1;
  const copy = copyBlocks(nextGroup, area);
  return copy > 0 && start + length > nextGroup * blocksPerGroup ? nextGroup * blocksPerGroup + copy : start;
}
