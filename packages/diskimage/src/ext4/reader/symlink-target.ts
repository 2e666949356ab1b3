import { DiskImageError } from '../../read.ts';
import { fastSymlinkLimit, inodeFlags } from '../ext4-format.ts';
import type { BlockSource } from './block-source.ts';
import { contentOf, readWhole } from './file-content.ts';
import type { Inode } from './inode-decode.ts';

/** More than any kernel lets a symlink have. */
const longestTarget = 64 * 1024;

/** @throws DiskImageError when the inode is no symlink, or a damaged one */
export async function symlinkTarget(source: BlockSource, inode: Inode): Promise<string> {
  if (inode.kind !== 'symlink') throw new DiskImageError(`inode ${inode.number} is no symlink`);
  const isInInode = inode.size < fastSymlinkLimit && (inode.flags & inPlaces) === 0;
  const bytes = isInInode
    ? inode.data.subarray(0, inode.size)
    : await readWhole(contentOf(source, inode), inode.size, longestTarget);
  const target = Buffer.from(bytes).toString('latin1');
  if (target === '' || target.includes('\0'))
    throw new DiskImageError(`the symlink of inode ${inode.number} is damaged`);
  return target;
}

const inPlaces = inodeFlags.extents | inodeFlags.inlineData | inodeFlags.encrypted;
