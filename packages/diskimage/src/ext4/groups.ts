import type { Allocator } from './allocator.ts';
import { crc32c, crc32cOfNumber } from './crc32c.ts';
import { blockSize, blocksPerGroup, descriptorSize, groupFlags } from './ext4-format.ts';
import { copyBlocks, type Geometry, groupLength } from './geometry.ts';

export interface GroupTables {
  /** All group descriptors, as they follow each superblock. */
  readonly descriptors: Buffer;
  readonly freeInodes: number;
}

/**
 * Writes the bitmaps of blocks and inodes, and makes the descriptors of all groups. A group in which nothing is used
 * gets no bitmap, which its descriptor says.
 * @param inodes numbers in use, ascending
 * @param directories how many directories each group has
 */
export function writeGroups(
  geometry: Geometry,
  allocator: Allocator,
  inodes: Uint32Array,
  directories: Uint32Array,
  checksumSeed: number,
  write: (block: number, bytes: Uint8Array) => void,
): GroupTables {
  const { groups, inodesPerGroup } = geometry;
  const descriptors = Buffer.alloc(geometry.descriptorBlocks * blockSize);
  let next = 0;
  for (let group = 0; group < groups; group++) {
    const at = group * descriptorSize;
    const blocks = blockBitmap(geometry, allocator, group);
    const freeBlocks = groupLength(geometry.blocks, group) - blocks.used;
    let flags: number = groupFlags.tableZeroed;
    if (blocks.isPlain) flags |= groupFlags.blocksUnused;
    else {
      write(geometry.blockBitmaps[group]!, blocks.bytes);
      put16Split(descriptors, crc32c(checksumSeed, blocks.bytes), at + 24, at + 56);
    }

    const bitmap = Buffer.alloc(blockSize, 0xff).fill(0, 0, inodesPerGroup / 8);
    const firstInode = group * inodesPerGroup + 1;
    let used = 0;
    let last = 0;
    for (; next < inodes.length && inodes[next]! < firstInode + inodesPerGroup; next++) {
      const index = inodes[next]! - firstInode;
      bitmap[index >>> 3]! |= 1 << (index & 7);
      used++;
      last = index + 1;
    }
    if (used === 0) flags |= groupFlags.inodesUnused;
    else {
      write(geometry.inodeBitmaps[group]!, bitmap);
      put16Split(descriptors, crc32c(checksumSeed, bitmap, 0, inodesPerGroup / 8), at + 26, at + 58);
    }

    put32Split(descriptors, geometry.blockBitmaps[group]!, at, at + 32);
    put32Split(descriptors, geometry.inodeBitmaps[group]!, at + 4, at + 36);
    put32Split(descriptors, geometry.inodeTables[group]!, at + 8, at + 40);
    put16Split(descriptors, freeBlocks, at + 12, at + 44);
    put16Split(descriptors, inodesPerGroup - used, at + 14, at + 46);
    put16Split(descriptors, directories[group]!, at + 16, at + 48);
    descriptors.writeUInt16LE(flags, at + 18);
    put16Split(descriptors, inodesPerGroup - last, at + 28, at + 50);
    const sum = crc32c(crc32cOfNumber(checksumSeed, group), descriptors, at, at + descriptorSize);
    descriptors.writeUInt16LE(sum & 0xffff, at + 30);
  }
  return { descriptors, freeInodes: groups * inodesPerGroup - inodes.length };
}

interface BlockBitmap {
  readonly bytes: Uint8Array;
  readonly used: number;
  /** Nothing is used but what follows from the group's number. The last group's bitmap is always written. */
  readonly isPlain: boolean;
}

function blockBitmap(
  { blocks, groups, descriptorArea }: Geometry,
  allocator: Allocator,
  group: number,
): BlockBitmap {
  const length = groupLength(blocks, group);
  const start = (group * blocksPerGroup) / 8;
  const own = allocator.map.subarray(start, start + blockSize);
  let used = 0;
  for (let at = 0; at < own.length; at++) used += bitCounts[own[at]!]!;
  if (own.length === blockSize && length === blocksPerGroup)
    return { bytes: own, used, isPlain: group < groups - 1 && used === copyBlocks(group, descriptorArea) };
  const bytes = new Uint8Array(blockSize).fill(0xff);
  bytes.set(own);
  // The map itself ends with a whole unit, whose surplus blocks count as used.
  return { bytes, used: used - (own.length * 8 - length), isPlain: false };
}

const bitCounts = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let rest = byte; rest > 0; rest >>= 1) count += rest & 1;
  return count;
});

function put16Split(bytes: Buffer, value: number, low: number, high: number): void {
  bytes.writeUInt16LE(value & 0xffff, low);
  bytes.writeUInt16LE(value >>> 16, high);
}

function put32Split(bytes: Buffer, value: number, low: number, high: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, low);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), high);
}
