import { type Allocator, unitBlocks } from './allocator.ts';
import { keepExtents } from './kept-blocks.ts';
import type { Extent } from './layout.ts';
import { addExtent, DensePlaces, UnitPlaces } from './placer.ts';

/** The previous journal if it was as large and its place is free. Only its first block is ever written. */
export function keepJournal(
  previous: readonly Extent[],
  blocks: number,
  allocator: Allocator,
): Extent[] | undefined {
  const kept = keepExtents({ inode: 0, extents: previous, treeBlocks: [] }, blocks, false, allocator);
  let next = 0;
  for (const { logical, length } of kept) next = logical === next ? next + length : Number.NaN;
  if (next === blocks) return kept;
  for (const { physical, length } of kept) allocator.release(physical, length);
  return undefined;
}

export function placeJournal(blocks: number, allocator: Allocator): Extent[] {
  const extents: Extent[] = [];
  const units = new UnitPlaces(allocator, new DensePlaces(allocator));
  for (let logical = 0; logical < blocks; logical += unitBlocks) {
    const last = extents.at(-1);
    let at = logical;
    units.place(
      unitBlocks,
      last && last.physical + last.length,
      (blocks - logical) / unitBlocks,
      (start, length) => {
        addExtent(extents, at, start, length);
        at += length;
      },
    );
  }
  return extents;
}
