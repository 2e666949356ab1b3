import { DiskImageError, safeNumber } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { uuidText } from '../../uuid.ts';
import { compatible, incompatible, readOnlyCompatible, superblockMagic } from '../ext4-format.ts';
import { featureNames } from './feature-names.ts';

/** What a superblock says, checked so far that nothing computed from it can be absurd. */
export interface Superblock {
  readonly blockSize: number;
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly inodes: number;
  readonly freeInodes: number;
  readonly firstDataBlock: number;
  readonly blocksPerGroup: number;
  readonly inodesPerGroup: number;
  readonly groups: number;
  readonly inodeSize: number;
  readonly descriptorSize: number;
  readonly reservedDescriptors: number;
  /** Groups from this one on have their descriptors among them; undefined: all are behind the superblock. */
  readonly firstMetaGroup?: number;
  readonly sparseSuper: boolean;
  readonly hasFileTypes: boolean;
  readonly hasLargeDirectories: boolean;
  readonly hasHugeFiles: boolean;
  /** The journal's inode when there is something in it to replay. */
  readonly dirtyJournal?: number;
  readonly journalInode: number;
  readonly uuid: string;
  readonly hashSeed: string;
  readonly label: string;
  readonly features: readonly string[];
}

const known =
  incompatible.filetype |
  incompatible.recover |
  incompatible.metaBg |
  incompatible.extents |
  incompatible.bit64 |
  incompatible.mmp |
  incompatible.flexBg |
  incompatible.eaInode |
  incompatible.checksumSeed |
  incompatible.largeDir |
  incompatible.inlineData |
  incompatible.encrypt |
  incompatible.casefold;

/** @param bytes the 1024 bytes of the superblock @throws DiskImageError when it is none, or one that cannot be read */
export function decodeSuperblock(bytes: Uint8Array): Superblock {
  const view = viewOf(bytes);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  if (u16(56) !== superblockMagic) throw new DiskImageError('there is no ext2, ext3 or ext4 filesystem');
  const need = u32(96);
  const unknown = (need & ~known) >>> 0;
  if (unknown !== 0)
    throw new DiskImageError(
      `the filesystem has features that are not read: ${featureNames({ incompatible: unknown }).join(', ')}`,
    );
  const has64Bits = (need & incompatible.bit64) !== 0;
  const wide = (low: number, high: number, what: string) =>
    has64Bits ? safeNumber((BigInt(u32(high)) << 32n) | BigInt(u32(low)), what) : u32(low);

  const blockSize = 2 ** (10 + u32(24));
  check(u32(24) <= 6, `blocks of 2^${10 + u32(24)} bytes`);
  const blocks = wide(4, 0x150, 'the number of blocks');
  const firstDataBlock = u32(20);
  const blocksPerGroup = u32(32);
  const inodesPerGroup = u32(40);
  const inodes = u32(0);
  check(blocks > firstDataBlock && blocks <= 2 ** 48, `${blocks} blocks`);
  check(firstDataBlock === (blockSize === 1024 ? 1 : 0), `its first block at ${firstDataBlock}`);
  const clusterSize =
    (u32(100) & readOnlyCompatible.bigalloc) !== 0 ? 2 ** (10 + Math.min(u32(28), 20)) : blockSize;
  const mostPerGroup = 8 * blockSize * Math.max(1, clusterSize / blockSize);
  check(blocksPerGroup > 0 && blocksPerGroup <= mostPerGroup, `${blocksPerGroup} blocks a group`);
  check(inodesPerGroup > 0 && inodesPerGroup <= 8 * blockSize, `${inodesPerGroup} inodes a group`);
  const groups = Math.ceil((blocks - firstDataBlock) / blocksPerGroup);
  check(inodes > 0 && inodes <= groups * inodesPerGroup, `${inodes} inodes in ${groups} groups`);
  const inodeSize = u32(76) === 0 ? 128 : u16(88);
  check(
    isPowerOfTwo(inodeSize) && inodeSize >= 128 && inodeSize <= blockSize,
    `inodes of ${inodeSize} bytes`,
  );
  const descriptorSize = has64Bits ? u16(254) : 32;
  check(
    isPowerOfTwo(descriptorSize) && descriptorSize >= 32 && descriptorSize <= 1024,
    `group descriptors of ${descriptorSize} bytes`,
  );

  const journalInode = (u32(92) & compatible.hasJournal) !== 0 ? u32(224) : 0;
  const isDirty = (need & incompatible.recover) !== 0 && journalInode !== 0;
  return {
    blockSize,
    blocks,
    freeBlocks: wide(12, 0x158, 'the number of free blocks'),
    inodes,
    freeInodes: u32(16),
    firstDataBlock,
    blocksPerGroup,
    inodesPerGroup,
    groups,
    inodeSize,
    descriptorSize,
    reservedDescriptors: u16(206),
    ...((need & incompatible.metaBg) !== 0 ? { firstMetaGroup: u32(260) } : {}),
    sparseSuper: (u32(100) & readOnlyCompatible.sparseSuper) !== 0,
    hasFileTypes: (need & incompatible.filetype) !== 0,
    hasLargeDirectories: (need & incompatible.largeDir) !== 0,
    hasHugeFiles: (u32(100) & readOnlyCompatible.hugeFile) !== 0,
    ...(isDirty ? { dirtyJournal: journalInode } : {}),
    journalInode,
    uuid: uuidText(bytes.subarray(104, 120)),
    hashSeed: uuidText(bytes.subarray(236, 252)),
    label: Buffer.from(bytes.subarray(120, 136)).toString('utf8').replace(/\0.*$/s, ''),
    features: featureNames({ compatible: u32(92), incompatible: need, readOnly: u32(100) }),
  };
}

function check(isTrue: boolean, what: string): void {
  if (!isTrue) throw new DiskImageError(`the superblock is damaged: it says ${what}`);
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0;
}
