import type { TreeEntry } from '../tree/tree-entry.ts';
import type { BlockTarget } from './block-target.ts';
import type { Ext4Options, Ext4Result } from './options.ts';

/**
 * Writes an ext4 filesystem with the features that Debian 12's mke2fs gives one. The bytes follow from the tree, the
 * options and nothing else: entries may come in any order. Files are opened one after the other, read once and
 * closed. Blocks of zeros are never written, and become holes of their files (but for swap files).
 *
 * Format: the Linux kernel's Documentation/filesystems/ext4.
 * @throws RangeError for options that no filesystem can have
 * @throws DiskImageError when the tree contradicts itself, or a file is shorter than it was said to be
 * @throws FilesystemFullError when the tree does not fit into `size`
 */
export function writeExt4(
  _target: BlockTarget,
  _entries: Iterable<TreeEntry>,
  _options: Ext4Options,
): Ext4Result {
  throw new Error('not yet');
}
