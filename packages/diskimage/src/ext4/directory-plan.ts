import { directoryHash } from './directory-hash.ts';
import { blockSize } from './ext4-format.ts';
import type { Child } from './tree-nodes.ts';

/** Where a directory's entries go in its blocks. */
export type DirectoryPlan = { readonly blocks: number; readonly index?: DirectoryIndex };

/** A directory of several blocks: the first is the root of the index, others are leaves or further index. */
export interface DirectoryIndex {
  /** By lowest hash. */
  readonly leaves: readonly Leaf[];
  /** Between root and leaves, when there are more than the root has room for. By lowest hash. */
  readonly nodes?: readonly IndexNode[];
  /** What each block from the second on is: see FileLayout.leaves. */
  readonly table: readonly number[];
}

export interface Leaf {
  /** Lowest hash in it; odd when names of the same hash go on from the leaf before. */
  readonly hash: number;
  readonly block: number;
  readonly children: readonly Child[];
}

export interface IndexNode {
  readonly hash: number;
  readonly block: number;
  readonly leaves: readonly Leaf[];
}

export type HashSeed = readonly [number, number, number, number];

/** At the end of every block of entries: a checksum that looks like an unused entry. */
export const entryTailSize = 12;
const leafRoom = blockSize - entryTailSize;
/** `.` and `..` */
const dotsSize = 24;
/** Each place is 8 bytes, behind what else is in such a block; the last one is the checksum's. */
export const rootPlaces = (blockSize - 32) / 8 - 1;
export const nodePlaces = (blockSize - 8) / 8 - 1;

/** Bytes of an entry with its name. */
export function entryLength(name: string): number {
  return 8 + ((name.length + 3) & ~3);
}

/**
 * A directory that fits into a block is a list by name. A larger one has leaves whose bounds are halves of halves of
 * all hashes, cut where a leaf would overflow: so they follow from the names alone, and one more name changes one
 * leaf. Given those of the version before, they stay where they are and the halves of the overflowing ones come last.
 */
export function planDirectory(
  children: readonly Child[],
  seed: HashSeed,
  previous?: readonly number[],
): DirectoryPlan {
  let size = dotsSize;
  for (const { name } of children) size += entryLength(name);
  if (size <= leafRoom) return { blocks: 1 };
  const names = hashNames(children, seed);
  const index = (previous && growIndex(names, previous)) ?? newIndex(names);
  return { blocks: 1 + index.table.length, index };
}

interface HashedNames {
  readonly children: readonly Child[];
  readonly hashes: readonly number[];
  /** Bytes of all entries in front of each, and of all at the end. */
  readonly offsets: readonly number[];
}

interface Range {
  readonly hash: number;
  readonly from: number;
  readonly to: number;
}

function hashNames(children: readonly Child[], seed: HashSeed): HashedNames {
  const hashed = children.map((child) => ({ child, hash: directoryHash(child.name, seed) }));
  // Children are sorted by name and sorting is stable, so that equal hashes have an order too.
  hashed.sort((a, b) => a.hash - b.hash);
  const offsets = [0];
  for (const { child } of hashed) offsets.push(offsets.at(-1)! + entryLength(child.name));
  return { children: hashed.map(({ child }) => child), hashes: hashed.map(({ hash }) => hash), offsets };
}

function newIndex(names: HashedNames): DirectoryIndex {
  const ranges = splitRange(names, { hash: 0, from: 0, to: names.hashes.length }, 0, 2 ** 32);
  const groups = groupLeaves(ranges.length);
  const table = [...ranges.map(({ hash }) => hash), ...groups.map(() => -1)];
  return assemble(
    names,
    ranges,
    ranges.map((_, index) => index + 1),
    groups,
    table,
  );
}

/** @returns undefined when the previous leaves are of no use */
function growIndex(names: HashedNames, previous: readonly number[]): DirectoryIndex | undefined {
  const blockOf = new Map<number, number>();
  const nodeBlocks: number[] = [];
  for (const [index, hash] of previous.entries()) {
    if (hash === -1) nodeBlocks.push(index + 1);
    else if (!Number.isInteger(hash) || hash < 0 || hash >= 2 ** 32 || hash % 2 !== 0 || blockOf.has(hash))
      return undefined;
    else blockOf.set(hash, index + 1);
  }
  if (!blockOf.has(0)) return undefined;
  const total = names.offsets.at(-1)!;
  if (total < blockOf.size * leafRoom * 0.35) return undefined;

  const starts = [...blockOf.keys()].sort((a, b) => a - b);
  const ranges: Range[] = [];
  for (const [index, low] of starts.entries()) {
    const high = starts[index + 1] ?? 2 ** 32;
    const from = lowerBound(names.hashes, low);
    const to = lowerBound(names.hashes, high);
    ranges.push(...splitRange(names, { hash: low, from, to }, low, high));
  }
  const table = [...previous];
  const blocks = ranges.map(({ hash }) => {
    const known = hash % 2 === 0 ? blockOf.get(hash) : undefined;
    return known ?? table.push(hash);
  });
  const groups = groupLeaves(ranges.length);
  if (groups.length < nodeBlocks.length) return undefined;
  while (nodeBlocks.length < groups.length) nodeBlocks.push(table.push(-1));
  return assemble(names, ranges, blocks, groups, table);
}

/** Cuts a range of hashes in halves until what is in each fits into a leaf. */
function splitRange(names: HashedNames, range: Range, low: number, high: number): Range[] {
  const { hash, from, to } = range;
  const { hashes, offsets } = names;
  if (offsets[to]! - offsets[from]! <= leafRoom) return [range];
  if (high - low <= 2) return sameHash(names, range);
  const middle = low + Math.floor((high - low) / 4) * 2;
  const cut = lowerBound(hashes, middle, from, to);
  // An empty half gets no leaf: the other one answers for it.
  if (cut === from) return splitRange(names, range, middle, high);
  if (cut === to) return splitRange(names, range, low, middle);
  return [
    ...splitRange(names, { hash, from, to: cut }, low, middle),
    ...splitRange(names, { hash: middle, from: cut, to }, middle, high),
  ];
}

/** Names that all have one hash, more than a leaf holds: an odd bound says that the leaf before must be asked too. */
function sameHash({ hashes, offsets }: HashedNames, { hash, from, to }: Range): Range[] {
  const ranges: Range[] = [];
  for (let start = from; start < to; ) {
    let end = start + 1;
    while (end < to && offsets[end + 1]! - offsets[start]! <= leafRoom) end++;
    ranges.push({ hash: start === from ? hash : (hashes[start]! | 1) >>> 0, from: start, to: end });
    start = end;
  }
  return ranges;
}

/** Numbers of leaves in each node between root and leaves; none when the root has room for all. */
function groupLeaves(count: number): number[] {
  if (count <= rootPlaces) return [];
  const nodes = Math.ceil(count / (nodePlaces * 0.75));
  if (nodes > rootPlaces) throw new RangeError(`a directory of ${count} blocks is larger than ext4 allows`);
  return Array.from(
    { length: nodes },
    (_, index) => Math.floor(((index + 1) * count) / nodes) - Math.floor((index * count) / nodes),
  );
}

function assemble(
  names: HashedNames,
  ranges: readonly Range[],
  blocks: readonly number[],
  groups: readonly number[],
  table: readonly number[],
): DirectoryIndex {
  const leaves = ranges.map(({ hash, from, to }, index) => ({
    hash,
    block: blocks[index]!,
    children: names.children.slice(from, to),
  }));
  if (groups.length === 0) return { leaves, table };
  const nodeBlocks = table.flatMap((hash, index) => (hash === -1 ? [index + 1] : []));
  let next = 0;
  const nodes = groups.map((length, index) => {
    const inside = leaves.slice(next, next + length);
    next += length;
    return { hash: inside[0]!.hash, block: nodeBlocks[index]!, leaves: inside };
  });
  return { leaves, nodes, table };
}

function lowerBound(sorted: readonly number[], value: number, from = 0, to = sorted.length): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
