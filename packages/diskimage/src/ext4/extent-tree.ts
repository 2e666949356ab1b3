import { crc32c } from './crc32c.ts';
import { blockSize, extentHeaderSize, extentMagic, extentSize } from './ext4-format.ts';
import type { Extent } from './layout.ts';

/** Extents, or blocks of extents, that the inode itself has room for. */
const inInode = 4;
const inBlock = (blockSize - extentHeaderSize - 4) / extentSize;

/** What of a file's extents is in its inode: themselves, or the blocks at the top of their tree. */
export interface ExtentRoot {
  readonly depth: number;
  readonly places: readonly Place[];
}

type Place = Extent | { readonly logical: number; readonly physical: number; readonly length?: undefined };

/** How many blocks the tree of so many extents takes beside the inode. */
export function extentTreeBlocks(extents: number): number {
  let blocks = 0;
  for (let places = extents; places > inInode; ) {
    places = Math.ceil(places / inBlock);
    blocks += places;
  }
  return blocks;
}

/**
 * Builds the tree of a file's extents, as wide as can be, and hands over its blocks, with their checksums.
 * @param blocks where they are, as many as `extentTreeBlocks` says
 * @param seed of the inode's checksums
 */
export function buildExtents(
  extents: readonly Extent[],
  blocks: readonly number[],
  seed: number,
  write: (block: number, bytes: Uint8Array) => void,
): ExtentRoot {
  let places: readonly Place[] = extents;
  let depth = 0;
  let next = 0;
  while (places.length > inInode) {
    const above: Place[] = [];
    for (let from = 0; from < places.length; from += inBlock) {
      const inside = places.slice(from, from + inBlock);
      const bytes = new Uint8Array(blockSize);
      const view = new DataView(bytes.buffer);
      encodeNode(view, 0, inside, depth, inBlock);
      const tail = blockSize - 4;
      view.setUint32(tail, crc32c(seed, bytes, 0, tail), true);
      const block = blocks[next++]!;
      write(block, bytes);
      above.push({ logical: inside[0]!.logical, physical: block });
    }
    places = above;
    depth++;
  }
  return { depth, places };
}

/** Writes what goes into an inode, 60 bytes, from an offset on. */
export function encodeExtentRoot(view: DataView, at: number, { depth, places }: ExtentRoot): void {
  encodeNode(view, at, places, depth, inInode);
}

function encodeNode(
  view: DataView,
  start: number,
  places: readonly Place[],
  depth: number,
  most: number,
): void {
  view.setUint16(start, extentMagic, true);
  view.setUint16(start + 2, places.length, true);
  view.setUint16(start + 4, most, true);
  view.setUint16(start + 6, depth, true);
  let at = start + extentHeaderSize;
  for (const { logical, physical, length } of places) {
    const high = Math.floor(physical / 2 ** 32);
    view.setUint32(at, logical, true);
    if (length !== undefined) {
      view.setUint16(at + 4, length, true);
      view.setUint16(at + 6, high, true);
      view.setUint32(at + 8, physical, true);
    } else {
      view.setUint32(at + 4, physical, true);
      view.setUint16(at + 8, high, true);
    }
    at += extentSize;
  }
}
