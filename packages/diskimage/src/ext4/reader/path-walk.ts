import { DiskImageError } from '../../read.ts';
import { inodeNumbers } from '../ext4-format.ts';
import { shown } from '../tree-nodes.ts';
import type { Inode } from './inode-decode.ts';

/** As many as the kernel follows for one path. */
const mostSymlinks = 40;

export interface PathSource {
  inode(number: number): Promise<Inode>;
  /** The inode's number, or undefined. */
  lookUp(directory: Inode, name: string): Promise<number | undefined>;
  target(symlink: Inode): Promise<string>;
}

/**
 * Follows a path from the root, over symlinks, `.` and `..`; nothing leads out of the filesystem.
 * @param follow whether a symlink at the end is followed too
 * @returns undefined when there is nothing there
 * @throws DiskImageError when more symlinks follow each other than can be meant
 */
export async function walkPath(
  source: PathSource,
  path: string,
  follow: boolean,
): Promise<Inode | undefined> {
  /** From the root down to where the walk is. */
  let above = [await source.inode(inodeNumbers.root)];
  let parts = path.split('/').reverse();
  let symlinks = 0;
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    const here = above.at(-1)!;
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (above.length > 1) above.pop();
      continue;
    }
    if (here.kind !== 'directory') return undefined;
    const number = await source.lookUp(here, part);
    if (number === undefined) return undefined;
    const found = await source.inode(number);
    const isLast = parts.every((rest) => rest === '');
    if (found.kind !== 'symlink' || (isLast && !follow)) {
      above.push(found);
      continue;
    }
    if (++symlinks > mostSymlinks)
      throw new DiskImageError(`${shown(path)} leads over more than ${mostSymlinks} symlinks`);
    const target = await source.target(found);
    if (target.startsWith('/')) above = [above[0]!];
    parts = [...parts, ...target.split('/').reverse()];
  }
  return above.at(-1);
}
