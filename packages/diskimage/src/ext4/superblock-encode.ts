import { crc32c, crc32cStart } from './crc32c.ts';
import {
  blockSize,
  blocksPerGroup,
  compatible,
  descriptorSize,
  incompatible,
  inodeNumbers,
  inodeSize,
  readOnlyCompatible,
  superblockMagic,
  superblockSize,
} from './ext4-format.ts';
import type { Geometry } from './geometry.ts';

export interface SuperblockFields {
  readonly geometry: Geometry;
  readonly uuid: Uint8Array;
  readonly hashSeed: Uint8Array;
  readonly label: Uint8Array;
  readonly time: number;
  readonly reservedBlocks: number;
  readonly freeBlocks: number;
  readonly freeInodes: number;
  /** Blocks that no file can ever have. */
  readonly overhead: number;
  readonly reservedDescriptors: number;
  /** The journal's block map and size, which the superblock repeats. */
  readonly journal?: { readonly data: Uint8Array; readonly size: number };
}

/** A superblock, as the copy in the given group has it. */
export function encodeSuperblock(fields: SuperblockFields, group: number): Buffer {
  const { geometry, journal, time } = fields;
  const bytes = Buffer.alloc(superblockSize);
  const put16 = (at: number, value: number) => bytes.writeUInt16LE(value, at);
  const put32 = (at: number, value: number) => bytes.writeUInt32LE(value % 2 ** 32, at);
  put32(0, geometry.groups * geometry.inodesPerGroup);
  putSplit(bytes, geometry.blocks, 4, 0x150);
  putSplit(bytes, fields.reservedBlocks, 8, 0x154);
  putSplit(bytes, fields.freeBlocks, 12, 0x158);
  put32(16, fields.freeInodes);
  put32(24, Math.log2(blockSize / 1024));
  put32(28, Math.log2(blockSize / 1024)); // clusters are blocks
  put32(32, blocksPerGroup);
  put32(36, blocksPerGroup);
  put32(40, geometry.inodesPerGroup);
  put16(54, 0xffff); // no check after so many mounts
  put16(56, superblockMagic);
  put16(58, 1); // clean
  put16(60, 1); // go on after errors
  put32(76, 1); // inodes of dynamic size
  put32(84, inodeNumbers.firstFree);
  put16(88, inodeSize);
  put16(90, group % 2 ** 16);
  const { dirIndex, extAttr, hasJournal, resizeInode } = compatible;
  put32(92, extAttr | resizeInode | dirIndex | (journal ? hasJournal : 0));
  const { filetype, extents, bit64, flexBg } = incompatible;
  put32(96, filetype | extents | bit64 | flexBg);
  const { sparseSuper, largeFile, hugeFile, dirNlink, extraIsize, metadataChecksums } = readOnlyCompatible;
  put32(100, sparseSuper | largeFile | hugeFile | dirNlink | extraIsize | metadataChecksums);
  bytes.set(fields.uuid, 104);
  bytes.set(fields.label, 120);
  put16(206, fields.reservedDescriptors);
  bytes.set(fields.hashSeed, 236);
  bytes[252] = 1; // half MD4
  put16(254, descriptorSize);
  put32(256, 0x4 | 0x8); // mount with user.* and ACLs
  if (journal) {
    put32(224, inodeNumbers.journal);
    bytes[253] = 1; // there is a copy of the journal's inode:
    bytes.set(journal.data, 268);
    putSplit(bytes, journal.size, 332, 328);
  }
  put16(348, 32); // bytes that every inode has beyond the first 128, and should have
  put16(350, 32);
  put32(352, 1); // names are hashed as signed bytes
  bytes[372] = 4; // 2 to that many groups have their tables together
  bytes[373] = 1; // checksums are CRC-32C
  put32(584, fields.overhead);
  // When it was last written, made, checked; each with the bits that 32 have no room for.
  for (const [at, high] of [
    [48, 628],
    [264, 630],
    [64, 631],
  ] as const) {
    put32(at, time);
    bytes[high] = Math.floor(time / 2 ** 32);
  }
  put32(1020, crc32c(crc32cStart, bytes, 0, 1020));
  return bytes;
}

function putSplit(bytes: Buffer, value: number, low: number, high: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, low);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), high);
}
