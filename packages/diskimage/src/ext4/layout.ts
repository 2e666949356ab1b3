/**
 * Where a filesystem has its files: what the next version needs to leave everything in its place. It is only advice:
 * a wrong layout makes versions share less, never a wrong filesystem.
 */
export interface Ext4Layout {
  /** All of the filesystem's blocks, of 4 KiB. */
  readonly blocks: number;
  readonly inodesPerGroup: number;
  /** Blocks for group descriptors, those kept for growth included. */
  readonly descriptorBlocks: number;
  readonly journal: readonly Extent[];
  /** By path (as in TreeEntry); of a file with several names the first one in the order of the tree. */
  readonly files: ReadonlyMap<string, FileLayout>;
}

export interface FileLayout {
  readonly inode: number;
  /** Data of files, entries of directories, targets of long symlinks. */
  readonly extents: readonly Extent[];
  /** Blocks of the extent tree that lie outside of the inode. */
  readonly treeBlocks: readonly number[];
  readonly attributeBlock?: number | undefined;
  /** Indexed directories: for each block from the second on the lowest hash in it, or -1 for one of the index. */
  readonly leaves?: readonly number[] | undefined;
  /**
   * Files with data: size and CRC-32 of the first 4 KiB, to find them again under another name. Read from an image
   * the sum is known only when asked for.
   */
  readonly content?: { readonly size: number; readonly head?: number | undefined } | undefined;
}

/** Neighbouring blocks of a file that are neighbours on disk too. Blocks. */
export interface Extent {
  readonly logical: number;
  readonly physical: number;
  readonly length: number;
}
