import type { Ext4Layout } from './layout.ts';

/** What an ext4 filesystem is to be, apart from its files. Everything that ends up in the image is in here: no clock, no chance. */
export interface Ext4Options {
  /**
   * Bytes that the filesystem may take, as large as its partition. Blocks are 4 KiB. A last group too small to be
   * worth its overhead is left out, as mke2fs does. At most 16 TiB.
   */
  readonly size: number;
  /** Checksums of all metadata depend on it: versions that are to share blocks must share the UUID. */
  readonly uuid: string;
  /** Seed of the hashes that sort large directories, in the form of a UUID. Must be the same in versions that are to share blocks. */
  readonly hashSeed: string;
  /** At most 16 bytes of UTF-8. */
  readonly label?: string;
  /** Seconds since 1970: every time of the superblock, and of what no entry describes (the root without one, lost+found). */
  readonly time: number;
  /** Times of files later than this become it (SOURCE_DATE_EPOCH). Seconds since 1970. */
  readonly clampMtime?: number;
  /** Share of the blocks that only root may fill. Default 5. */
  readonly reservedPercent?: number;
  /** Default true. The journal's size follows from the filesystem's, as with mke2fs; below 8 MiB there is none. */
  readonly journal?: boolean;
  /**
   * One inode for so many bytes; default 16384. Made smaller by itself when the tree has more files than that gives.
   * With a previous layout its number of inodes stays, as long as it suffices.
   */
  readonly bytesPerInode?: number;
  /**
   * Where the version before had its files. What is still there under the same path (or, when that is gone, with the
   * same content) keeps its inode and blocks.
   */
  readonly previous?: Ext4Layout;
}

export interface Ext4Result {
  /** Where everything is: the next version's `previous`. */
  readonly layout: Ext4Layout;
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly inodes: number;
  readonly freeInodes: number;
}
