import { crc32c } from './crc32c.ts';
import { blockSize, extentHeaderSize, extentMagic, extentSize } from './ext4-format.ts';
import type { Extent } from './layout.ts';

/** Extents, or blocks of extents, that the inode itself has room for. */
const inInode = 4;
const inBlock = (blockSize - extentHeaderSize - 4) / extentSize;

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
 * The tree of a file's extents, as wide as can be. Gives the 60 bytes that go into the inode and hands over each other
 * block, with its checksum.
 * @param blocks where the tree's blocks are, as many as `extentTreeBlocks` says
 * @param seed of the inode's checksums
 */
export function encodeExtents(
  extents: readonly Extent[],
  blocks: readonly number[],
  seed: number,
  write: (block: number, bytes: Uint8Array) => void,
): Uint8Array {
  let places: readonly Place[] = extents;
  let depth = 0;
  let next = 0;
  while (places.length > inInode) {
    const above: Place[] = [];
    for (let from = 0; from < places.length; from += inBlock) {
      const inside = places.slice(from, from + inBlock);
      const bytes = Buffer.alloc(blockSize);
      encodeNode(bytes, inside, depth, inBlock);
      const tail = blockSize - 4;
      bytes.writeUInt32LE(crc32c(seed, bytes, 0, tail), tail);
      const block = blocks[next++]!;
      write(block, bytes);
      above.push({ logical: inside[0]!.logical, physical: block });
    }
    places = above;
    depth++;
  }
  const root = Buffer.alloc(extentHeaderSize + inInode * extentSize);
  encodeNode(root, places, depth, inInode);
  return root;
}

type Place = Extent | { readonly logical: number; readonly physical: number; readonly length?: undefined };

function encodeNode(bytes: Buffer, places: readonly Place[], depth: number, most: number): void {
  bytes.writeUInt16LE(extentMagic, 0);
  bytes.writeUInt16LE(places.length, 2);
  bytes.writeUInt16LE(most, 4);
  bytes.writeUInt16LE(depth, 6);
  for (const [index, { logical, physical, length }] of places.entries()) {
    const at = extentHeaderSize + index * extentSize;
    const high = Math.floor(physical / 2 ** 32);
    bytes.writeUInt32LE(logical, at);
    if (length !== undefined) {
      bytes.writeUInt16LE(length, at + 4);
      bytes.writeUInt16LE(high, at + 6);
      bytes.writeUInt32LE(physical % 2 ** 32, at + 8);
    } else {
      bytes.writeUInt32LE(physical % 2 ** 32, at + 4);
      bytes.writeUInt16LE(high, at + 8);
    }
  }
}
