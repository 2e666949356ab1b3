import { blockSize, blocksPerGroup } from './ext4-format.ts';
import { type Geometry, hasSuperblock } from './geometry.ts';

const pointers = blockSize / 4;
/** Of an inode without extents: the block of blocks of pointers. */
export const doubleIndirect = 13;

/** What inode 7 says it holds: as far as such pointers reach. */
export const resizeInodeSize = (pointers * pointers + pointers + 12) * blockSize;

/** Blocks for group descriptors that are not used yet. */
export function reservedBlocks(geometry: Geometry): number {
  return geometry.descriptorArea - geometry.descriptorBlocks;
}

/** How many blocks belong to the resize inode: the one of pointers and all reserved ones with their copies. */
export function resizeInodeBlocks(geometry: Geometry): number {
  return 1 + reservedBlocks(geometry) * (1 + copies(geometry).length);
}

/**
 * Its blocks that are not zeros: each reserved block behind the first superblock lists its copies, and one block
 * lists those, at places that follow from their numbers (ext2fs_create_resize_inode describes it).
 */
export function encodeResizeInode(
  geometry: Geometry,
  write: (block: number, bytes: Uint8Array) => void,
): void {
  const { descriptorBlocks, descriptorArea } = geometry;
  const groups = copies(geometry);
  const top = Buffer.alloc(blockSize);
  for (let offset = descriptorBlocks; offset < descriptorArea; offset++) {
    const block = 1 + offset;
    top.writeUInt32LE(block, (offset % pointers) * 4);
    const list = Buffer.alloc(blockSize);
    for (const [index, group] of groups.entries())
      list.writeUInt32LE(group * blocksPerGroup + block, index * 4);
    write(block, list);
  }
  write(geometry.resizeBlock, top);
}

function copies({ groups }: Geometry): number[] {
  const found: number[] = [];
  for (let group = 1; group < groups; group++) if (hasSuperblock(group)) found.push(group);
  return found;
}
