import type { Allocator } from './allocator.ts';
import { longestExtent } from './ext4-format.ts';
import type { Extent, FileLayout } from './layout.ts';

/**
 * Takes for a file those of its previous blocks that it still needs and that nothing else has. Layouts are only
 * advice: whatever is impossible in one is left out.
 * @param blocks how many the file has now
 * @param resized it has grown or shrunk since
 */
export function keepExtents(
  previous: FileLayout,
  blocks: number,
  resized: boolean,
  allocator: Allocator,
): Extent[] {
  const kept: Extent[] = [];
  let next = 0;
  for (const { logical, physical, length } of previous.extents) {
    if (!isCount(logical) || !isCount(physical) || !isCount(length) || logical < next) continue;
    const wanted = Math.min(length, blocks - logical, longestExtent);
    if (wanted <= 0 || !allocator.reserve(physical, wanted)) continue;
    kept.push({ logical, physical, length: wanted });
    next = logical + wanted;
  }
  if (resized && isScattered(kept, blocks)) {
    for (const { physical, length } of kept) allocator.release(physical, length);
    return [];
  }
  return kept;
}

/** Takes single blocks of previous ones, at most so many. */
export function keepBlocks(previous: readonly number[], most: number, allocator: Allocator): number[] {
  const kept: number[] = [];
  for (const block of previous)
    if (kept.length < most && isCount(block) && block > 0 && allocator.reserve(block, 1)) kept.push(block);
  return kept;
}

/** A file that grows from version to version would end up in pieces: after some it is better to put it together again. */
function isScattered(extents: readonly Extent[], blocks: number): boolean {
  let breaks = 0;
  for (let index = 1; index < extents.length; index++) {
    const before = extents[index - 1]!;
    const here = extents[index]!;
    if (before.logical + before.length === here.logical && before.physical + before.length !== here.physical)
      breaks++;
  }
  return breaks > 3 + blocks / 2048;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
