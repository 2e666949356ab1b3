import type { TreeEntry } from '../tree/tree-entry.ts';
import { unitBlocks } from './allocator.ts';
import { entryLength } from './directory-plan.ts';
import { blockSize, blocksPerGroup, fastSymlinkLimit, inodeNumbers } from './ext4-format.ts';
import { FilesystemFullError } from './filesystem-full.ts';
import { copyBlocks, planGeometry } from './geometry.ts';
import { journalBlocks } from './journal.ts';
import type { Ext4Options } from './options.ts';

export interface SizeWish extends Pick<Ext4Options, 'journal' | 'reservedPercent' | 'bytesPerInode'> {
  /** Bytes that anybody may still fill, beside those reserved for root. Default 0. */
  readonly free?: number;
}

/**
 * Bytes of a filesystem in which this tree has room, and so much more, rounded up to 1 MiB. Nothing is read: holes
 * and zeros count as data. Large files are given whole pieces of 64 KiB.
 */
export function ext4SizeFor(entries: Iterable<TreeEntry>, wish: SizeWish = {}): number {
  const { free = 0, journal = true, reservedPercent = 5, bytesPerInode = 16384 } = wish;
  const { blocks, inodes } = countTree(entries);
  const wanted = blocks + Math.ceil(free / blockSize);
  const fits = (size: number) => {
    const geometry = planGeometry({ size, bytesPerInode, inodesNeeded: inodes });
    let overhead =
      geometry.groups * (2 + geometry.tableBlocks) + (journal ? journalBlocks(geometry.blocks) : 0);
    for (let group = 0; group < geometry.groups; group++)
      overhead += copyBlocks(group, geometry.descriptorArea);
    const reserved = Math.floor((geometry.blocks * reservedPercent) / 100);
    return geometry.blocks - overhead - reserved >= wanted;
  };
  // Steps are coarse first, since tables grow with the whole.
  const step = 1024 * 1024;
  let size = Math.max(8 * step, Math.ceil((wanted * blockSize) / step) * step);
  while (!tries(fits, size)) size += Math.max(step, Math.ceil(size / 64 / step) * step);
  while (size > 8 * step && tries(fits, size - step)) size -= step;
  return size;
}

/** Whether a size is enough; tables that do not fit are another way of being too small. */
function tries(fits: (size: number) => boolean, size: number): boolean {
  try {
    return fits(size);
  } catch (error) {
    if (error instanceof FilesystemFullError) return false;
    throw error;
  }
}

function countTree(entries: Iterable<TreeEntry>): { readonly blocks: number; readonly inodes: number } {
  let blocks = 0;
  let inodes: number = inodeNumbers.firstFree + 2;
  const names = new Map<string, number>();
  for (const entry of entries) {
    const slash = entry.path.lastIndexOf('/');
    const directory = slash < 0 ? '' : entry.path.slice(0, slash);
    names.set(directory, (names.get(directory) ?? 0) + entryLength(entry.path.slice(slash + 1)));
    if (entry.kind === 'link') continue;
    inodes++;
    if (entry.kind === 'directory') names.set(entry.path, names.get(entry.path) ?? 0);
    if (entry.kind === 'file') blocks += fileBlocks(entry.size);
    if (entry.kind === 'symlink' && entry.target.length >= fastSymlinkLimit) blocks++;
    if (entry.xattrs && entry.xattrs.size > 0) blocks++;
  }
  // Leaves of an index are at least half full, nearly always.
  for (const bytes of names.values())
    blocks += bytes < blockSize - 36 ? 1 : 2 + Math.ceil((bytes / blockSize) * 2);
  // Room that units leave where groups, directories and small files begin.
  return { blocks: Math.ceil(blocks * 1.01) + 8 * unitBlocks, inodes };
}

function fileBlocks(size: number): number {
  const blocks = Math.ceil(size / blockSize);
  if (blocks < unitBlocks) return blocks;
  // Extents of a file this large may need blocks of their own.
  return Math.ceil(blocks / unitBlocks) * unitBlocks + Math.floor(blocks / blocksPerGroup);
}
