import { DiskImageError } from '../../read.ts';
import { viewOf } from '../../read-bytes.ts';
import { fileTypeMask, fileTypes, inodeFlags, type Kind } from '../ext4-format.ts';
import type { Ext4Stat } from '../read-ext4.ts';
import type { Superblock } from './superblock-decode.ts';

/** An inode as it is on disk. */
export interface Inode extends Omit<Ext4Stat, 'inode' | 'major' | 'minor'> {
  readonly number: number;
  readonly flags: number;
  readonly attributeBlock: number;
  /** The 60 bytes that say where its data is, or are it. */
  readonly data: Uint8Array;
  /** Extended attributes behind the fields, with their magic number; empty when there is no room for any. */
  readonly attributes: Uint8Array;
}

/** @param bytes all bytes of the inode @throws DiskImageError when it is not in use, or impossible */
export function decodeInode(number: number, bytes: Uint8Array, superblock: Superblock): Inode {
  const view = viewOf(bytes);
  const u16 = (at: number) => view.getUint16(at, true);
  const u32 = (at: number) => view.getUint32(at, true);
  const kind = kindOf(u16(0));
  if (!kind) throw new DiskImageError(`inode ${number} has the impossible type ${u16(0) >>> 12}`);
  const flags = u32(32);
  const extra = bytes.length > 128 ? u16(128) : 0;
  if (extra % 4 !== 0 || 128 + extra > bytes.length)
    throw new DiskImageError(`inode ${number} has ${extra} bytes of further fields, which is impossible`);
  // In directories of older filesystems this field is something else.
  const hasWideSize = kind === 'file' || (kind === 'directory' && superblock.hasLargeDirectories);
  const size = u32(4) + (hasWideSize ? u32(108) * 2 ** 32 : 0);
  if (size > 2 ** 32 * superblock.blockSize)
    throw new DiskImageError(`inode ${number} has an impossible size (${size})`);
  const counted = u32(28) + (superblock.hasHugeFiles ? u16(116) * 2 ** 32 : 0);
  const epoch = extra >= 12 ? u32(136) & 3 : 0;
  return {
    number,
    kind,
    mode: u16(0) & 0o7777,
    uid: u16(2) + u16(120) * 2 ** 16,
    gid: u16(24) + u16(122) * 2 ** 16,
    size,
    sectors: flags & inodeFlags.hugeFile ? counted * (superblock.blockSize / 512) : counted,
    links: u16(26),
    mtime: view.getInt32(16, true) + epoch * 2 ** 32,
    flags,
    attributeBlock: u32(104) + u16(118) * 2 ** 32,
    data: bytes.subarray(40, 100),
    attributes: extra > 0 ? bytes.subarray(128 + extra) : bytes.subarray(bytes.length),
  };
}

function kindOf(mode: number): Kind | undefined {
  return kinds.get(mode & fileTypeMask);
}

const kinds: ReadonlyMap<number, Kind> = new Map(
  Object.entries(fileTypes).map(([kind, type]) => [type, kind as Kind]),
);
