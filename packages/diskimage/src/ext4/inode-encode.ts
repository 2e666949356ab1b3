import { crc32c, crc32cOfNumber } from './crc32c.ts';
import { inodeSize } from './ext4-format.ts';
import { inodeXattrOffset } from './xattr-encode.ts';

/** The fields of an inode that differ between inodes. All of its times are the same. */
export interface InodeFields {
  readonly number: number;
  /** Type and permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly links: number;
  /** All blocks it takes, of 4 KiB. */
  readonly blocks: number;
  readonly flags: number;
  readonly time: number;
  /** 60 bytes at most: extents, block numbers, device number or the target of a symlink. */
  readonly data: Uint8Array;
  readonly attributeBlock: number;
  readonly inInodeXattrs?: Uint8Array;
}

/** Writes an inode into its zeroed place in a table. */
export function encodeInode(table: Buffer, at: number, fields: InodeFields, checksumSeed: number): void {
  const { size, time } = fields;
  const sectors = fields.blocks * 8;
  const [seconds, epoch] = timeFields(time);
  table.writeUInt16LE(fields.mode, at);
  table.writeUInt16LE(fields.uid & 0xffff, at + 2);
  table.writeUInt32LE(size % 2 ** 32, at + 4);
  for (const offset of [8, 12, 16, 144]) table.writeInt32LE(seconds, at + offset); // access, change, modification, birth
  table.writeUInt16LE(fields.gid & 0xffff, at + 24);
  table.writeUInt16LE(fields.links, at + 26);
  table.writeUInt32LE(sectors % 2 ** 32, at + 28);
  table.writeUInt32LE(fields.flags, at + 32);
  table.set(fields.data, at + 40);
  table.writeUInt32LE(fields.attributeBlock, at + 104);
  table.writeUInt32LE(Math.floor(size / 2 ** 32), at + 108);
  table.writeUInt16LE(Math.floor(sectors / 2 ** 32), at + 116);
  table.writeUInt16LE(fields.uid >>> 16, at + 120);
  table.writeUInt16LE(fields.gid >>> 16, at + 122);
  table.writeUInt16LE(32, at + 128); // how many bytes of fields follow the first 128
  for (const offset of [132, 136, 140, 148]) table.writeUInt32LE(epoch, at + offset);
  if (fields.inInodeXattrs) table.set(fields.inInodeXattrs, at + inodeXattrOffset);
  sealInode(table, at, fields.number, checksumSeed);
}

/** What an inode's own metadata (directory blocks, extent blocks) is checksummed with. The generation is always 0. */
export function inodeChecksumSeed(number: number, checksumSeed: number): number {
  return crc32cOfNumber(crc32cOfNumber(checksumSeed, number), 0);
}

function sealInode(table: Buffer, at: number, number: number, checksumSeed: number): void {
  const sum = crc32c(inodeChecksumSeed(number, checksumSeed), table, at, at + inodeSize);
  table.writeUInt16LE(sum & 0xffff, at + 124);
  table.writeUInt16LE(sum >>> 16, at + 130);
}

/** Seconds in 32 bits, and two more bits for years after 2038. Times out of range become the nearest possible. */
function timeFields(time: number): [seconds: number, epoch: number] {
  const possible = Math.max(-(2 ** 31), Math.min(Math.floor(time), 2 ** 34 - 2 ** 31 - 1));
  const seconds = possible | 0;
  return [seconds, ((possible - seconds) / 2 ** 32) & 3];
}

/** Writes the number of a device: the short form that old kernels read where it fits, else the long one. */
export function deviceData(major: number, minor: number): Uint8Array {
  const data = Buffer.alloc(8);
  if (major < 256 && minor < 256) data.writeUInt32LE((major << 8) | minor, 0);
  else data.writeUInt32LE(((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0, 4);
  return data;
}
