/**
 * Numbers of the ext4 format that its writer and its reader share. Specified by the Linux kernel's
 * Documentation/filesystems/ext4 and, for ext2's and ext3's part, by e2fsprogs' ext2_fs.h.
 */

export const superblockOffset = 1024;
export const superblockSize = 1024;
export const superblockMagic = 0xef53;

/** What our own filesystems use; the reader takes all sizes. */
export const blockSize = 4096;
export const blocksPerGroup = blockSize * 8;
export const inodeSize = 256;
export const inodesPerBlock = blockSize / inodeSize;
export const descriptorSize = 64;
export const descriptorsPerBlock = blockSize / descriptorSize;
export const groupsPerFlex = 16;

export const inodeNumbers = { badBlocks: 1, root: 2, resize: 7, journal: 8, firstFree: 11 } as const;

export const compatible = { hasJournal: 0x4, extAttr: 0x8, resizeInode: 0x10, dirIndex: 0x20 } as const;
export const incompatible = {
  compression: 0x1,
  filetype: 0x2,
  recover: 0x4,
  journalDevice: 0x8,
  metaBg: 0x10,
  extents: 0x40,
  bit64: 0x80,
  mmp: 0x100,
  flexBg: 0x200,
  eaInode: 0x400,
  dirData: 0x1000,
  checksumSeed: 0x2000,
  largeDir: 0x4000,
  inlineData: 0x8000,
  encrypt: 0x10000,
  casefold: 0x20000,
} as const;
export const readOnlyCompatible = {
  sparseSuper: 0x1,
  largeFile: 0x2,
  hugeFile: 0x8,
  groupChecksums: 0x10,
  dirNlink: 0x20,
  extraIsize: 0x40,
  bigalloc: 0x200,
  metadataChecksums: 0x400,
} as const;

export const groupFlags = { inodesUnused: 0x1, blocksUnused: 0x2, tableZeroed: 0x4 } as const;

export const inodeFlags = {
  encrypted: 0x800,
  indexed: 0x1000,
  hugeFile: 0x40000,
  extents: 0x80000,
  eaInode: 0x200000,
  inlineData: 0x10000000,
} as const;

export const fileTypeMask = 0o170000;
export const fileTypes = {
  fifo: 0o010000,
  character: 0o020000,
  directory: 0o040000,
  block: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  socket: 0o140000,
} as const;
export type Kind = keyof typeof fileTypes;

/** The type byte of a directory's entry. */
export const entryTypes: Readonly<Record<Kind, number>> = {
  file: 1,
  directory: 2,
  character: 3,
  block: 4,
  fifo: 5,
  socket: 6,
  symlink: 7,
};

export const extentMagic = 0xf30a;
export const extentHeaderSize = 12;
export const extentSize = 12;
/** A longer one is split; reading, a length above it means that the blocks were never written. */
export const longestExtent = 32768;

/** Names up to here, with the string's end, are in the inode instead of its block numbers. */
export const fastSymlinkLimit = 60;
export const longestName = 255;
export const longestSymlink = 4095;
/** More names than this no file can have; a directory with more folders says it has 1 (dir_nlink). */
export const mostLinks = 65000;

export const xattrMagic = 0xea020000;
/** What names of extended attributes start with, by the number that stands for it. ACLs are whole names. */
export const xattrPrefixes: readonly (readonly [index: number, prefix: string])[] = [
  [2, 'system.posix_acl_access'],
  [3, 'system.posix_acl_default'],
  [1, 'user.'],
  [4, 'trusted.'],
  [6, 'security.'],
  [7, 'system.'],
];

export const journalMagic = 0xc03b3998;
