import type { DiskReader } from '../disk-reader.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import type { Ext4Layout } from './layout.ts';

/** What can be read of an image's file. Reading is asynchronous, as everything of images is. */
export interface ImageContent {
  /** Fills `into` from `position` on; holes are zeros. Returns how many bytes there were; fewer only at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
}

/** An ext2, ext3 or ext4 filesystem, opened for reading only. Paths are as in TreeEntry. Every method throws DiskImageError for what contradicts the format. */
export interface Ext4Filesystem {
  readonly info: Ext4Info;
  /** What a path leads to; symlinks on the way are followed, the last one with `follow` (default). `undefined` when there is nothing. */
  stat(path: string, options?: { readonly follow?: boolean }): Promise<Ext4Stat | undefined>;
  /** The names in a directory, sorted, without `.` and `..`. */
  list(path: string): Promise<readonly Ext4Name[]>;
  /** All of a file, up to `limit` bytes (default 64 MiB). @throws DiskImageError for a larger one, or what is no file */
  readFile(path: string, options?: { readonly limit?: number }): Promise<Uint8Array>;
  readLink(path: string): Promise<string>;
  xattrs(path: string): Promise<ReadonlyMap<string, Uint8Array>>;
  content(path: string): Promise<ImageContent>;
  /** Everything below (and with) `root`, parents first, each directory's names in order. */
  entries(root?: string): AsyncIterable<TreeEntry<ImageContent>>;
  /** Where everything is, for the next version's `previous`. With `contents` every file is read for its CRC-32. */
  layout(options?: { readonly contents?: boolean }): Promise<Ext4Layout>;
}

export interface Ext4Info {
  readonly uuid: string;
  readonly label: string;
  readonly hashSeed: string;
  readonly blockSize: number;
  readonly blocks: number;
  readonly freeBlocks: number;
  readonly inodes: number;
  readonly freeInodes: number;
  /** Names of features as dumpe2fs gives them. */
  readonly features: readonly string[];
  /** Was not unmounted: what its journal holds is read as if it had been written. */
  readonly needsRecovery: boolean;
}

export interface Ext4Name {
  readonly name: string;
  readonly inode: number;
  readonly kind: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';
}

export interface Ext4Stat {
  readonly inode: number;
  readonly kind: Ext4Name['kind'];
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Units of 512 bytes. */
  readonly sectors: number;
  readonly links: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
  readonly major?: number;
  readonly minor?: number;
}

/** Opens the filesystem that fills a disk or partition. @throws DiskImageError when it is none that can be read */
export function readExt4(_reader: DiskReader): Promise<Ext4Filesystem> {
  throw new Error('not yet');
}
