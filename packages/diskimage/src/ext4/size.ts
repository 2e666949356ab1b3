import type { TreeEntry } from '../tree/tree-entry.ts';

/**
 * Bytes that a filesystem needs for this tree with so much left free for its users, rounded up to 1 MiB. Holes and
 * blocks of zeros are counted as data, since nothing is read.
 */
export function ext4SizeFor(
  _entries: Iterable<TreeEntry>,
  _options: { readonly free?: number; readonly journal?: boolean; readonly reservedPercent?: number } = {},
): number {
  throw new Error('not yet');
}
