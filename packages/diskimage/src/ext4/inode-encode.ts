import { crc32c, crc32cOfNumber } from './crc32c.ts';
import { inodeSize } from './ext4-format.ts';
import { type ExtentRoot, encodeExtentRoot } from './extent-tree.ts';
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
  /** What is in its 60 bytes: extents, or else block numbers, a device number or the target of a symlink. */
  readonly root: ExtentRoot | undefined;
  readonly data: Uint8Array | undefined;
  readonly attributeBlock: number;
  readonly xattrs: Uint8Array | undefined;
}

/** An inode table in the making. */
export class InodeTable {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Writes an inode, with its checksum, into a place that is zero. */
  put(at: number, fields: InodeFields, checksumSeed: number): void {
    const view = this.#view;
    const { size, uid, gid, root } = fields;
    const sectors = fields.blocks * 8;
    view.setUint16(at, fields.mode, true);
    view.setUint16(at + 2, uid & 0xffff, true);
    view.setUint32(at + 4, size, true);
    this.#putTimes(at, fields.time);
    view.setUint16(at + 24, gid & 0xffff, true);
    view.setUint16(at + 26, fields.links, true);
    view.setUint32(at + 28, sectors, true);
    view.setUint32(at + 32, fields.flags, true);
    if (root) encodeExtentRoot(view, at + dataOffset, root);
    else if (fields.data) this.bytes.set(fields.data, at + dataOffset);
    view.setUint32(at + 104, fields.attributeBlock, true);
    view.setUint32(at + 108, Math.floor(size / 2 ** 32), true);
    view.setUint16(at + 116, Math.floor(sectors / 2 ** 32), true);
    view.setUint16(at + 120, uid >>> 16, true);
    view.setUint16(at + 122, gid >>> 16, true);
    view.setUint16(at + 128, 32, true); // how many bytes of fields follow the first 128
    if (fields.xattrs) this.bytes.set(fields.xattrs, at + inodeXattrOffset);
    const sum = crc32c(inodeChecksumSeed(fields.number, checksumSeed), this.bytes, at, at + inodeSize);
    view.setUint16(at + 124, sum & 0xffff, true);
    view.setUint16(at + 130, sum >>> 16, true);
  }

  /** Access, change, modification and birth. Times out of range become the nearest possible. */
  #putTimes(at: number, time: number): void {
    const possible = Math.max(-(2 ** 31), Math.min(Math.floor(time), 2 ** 34 - 2 ** 31 - 1));
    const seconds = possible | 0;
    const view = this.#view;
    view.setInt32(at + 8, seconds, true);
    view.setInt32(at + 12, seconds, true);
    view.setInt32(at + 16, seconds, true);
    view.setInt32(at + 144, seconds, true);
    if (seconds === possible) return;
    // Two more bits for years after 2038.
    const epoch = ((possible - seconds) / 2 ** 32) & 3;
    for (const offset of [132, 136, 140, 148]) view.setUint32(at + offset, epoch, true);
  }
}

/** Where an inode has the 60 bytes that say where its data is, or are it. */
export const dataOffset = 40;

/** What an inode's own metadata (directory blocks, extent blocks) is checksummed with. The generation is always 0. */
export function inodeChecksumSeed(number: number, checksumSeed: number): number {
  return crc32cOfNumber(crc32cOfNumber(checksumSeed, number), 0);
}

/** Writes the number of a device: the short form that old kernels read where it fits, else the long one. */
export function deviceData(major: number, minor: number): Uint8Array {
  const data = new Uint8Array(8);
  const view = new DataView(data.buffer);
  if (major < 256 && minor < 256) view.setUint32(0, (major << 8) | minor, true);
  else view.setUint32(4, (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12), true);
  return data;
}
