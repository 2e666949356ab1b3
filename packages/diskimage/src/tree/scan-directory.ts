import type { TreeEntry } from './tree-entry.ts';

export interface ScanOptions {
  /** Leaves out an entry, and all that is below it. */
  readonly exclude?: (path: string) => boolean;
  /** Changes an entry on its way (owner, mode, times), or leaves out this one alone. Hard links come as such. */
  readonly map?: (entry: TreeEntry) => TreeEntry | undefined;
  /** Which extended attributes are the tree's own. Default: capabilities, ACLs and `user.*`, but for overlayfs's. */
  readonly keepXattr?: (name: string) => boolean;
}

/**
 * The files of a local directory, sorted, with owners as this process sees them. Stays on `root`'s filesystem's
 * view: nothing is followed. Extended attributes are read by `getfattr`, or, where that is missing, by `tar`.
 */
export function scanDirectory(_root: string, _options: ScanOptions = {}): Promise<TreeEntry[]> {
  throw new Error('not yet');
}
