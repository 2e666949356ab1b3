import type { DiskReader } from '../disk-reader.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import type { Kind } from './ext4-format.ts';
import type { Ext4Layout } from './layout.ts';
import { openImage } from './reader/ext4-image.ts';
import type { ImageContent } from './reader/file-content.ts';

/**
 * An ext2, ext3 or ext4 filesystem, opened for reading only. Paths are as in TreeEntry; a leading `/` does no harm.
 * Every method throws DiskImageError for what contradicts the format, and for a path that leads to nothing.
 */
export interface Ext4Filesystem {
  readonly info: Ext4Info;
  /** What a path leads to; symlinks on the way are followed, the last one only with `follow`. `undefined` when there is nothing. */
  stat(path: string, options?: { readonly follow?: boolean }): Promise<Ext4Stat | undefined>;
  /** The names in a directory, sorted, without `.` and `..`. Symlinks are followed. */
  list(path: string): Promise<readonly Ext4Name[]>;
  /** All of a file, symlinks followed. @throws DiskImageError when it has more than `limit` bytes (default 64 MiB) */
  readFile(path: string, options?: { readonly limit?: number }): Promise<Uint8Array>;
  readLink(path: string): Promise<string>;
  /** Extended attributes by full name, of a symlink itself. ACLs have the form that system calls give. */
  xattrs(path: string): Promise<ReadonlyMap<string, Uint8Array>>;
  /** A file to read from piece by piece, symlinks followed. */
  content(path: string): Promise<ImageContent>;
  /** Everything in a directory, and itself, as a tree: parents first, each directory's names in order. */
  entries(root?: string): AsyncGenerator<TreeEntry<ImageContent>>;
  /**
   * Where everything is, for the next version's `previous`. With `contents` the start of every file is read too, so
   * that files are known again under another name.
   * @throws DiskImageError when blocks are not of 4 KiB, as the writer's are
   */
  layout(options?: { readonly contents?: boolean }): Promise<Ext4Layout>;
}

export interface Ext4Info {
  readonly uuid: string;
  readonly label: string;
  readonly hashSeed: string;
  /** Bytes. */
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
  readonly kind: Kind;
}

export interface Ext4Stat {
  readonly inode: number;
  readonly kind: Kind;
  /** Permission bits with set-user-id, set-group-id and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes. */
  readonly size: number;
  /** Space taken, in units of 512 bytes. */
  readonly sectors: number;
  readonly links: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
  readonly major?: number;
  readonly minor?: number;
}

/**
 * Opens the filesystem that fills a disk or a partition, as mke2fs and the kernel make them: blocks of 1 to 64 KiB, any
 * set of features but external journals. Checksums are not verified, but nothing in an image is taken on trust: sizes
 * are bounded, nothing is followed in circles. The reader stays the caller's to close.
 * @throws DiskImageError when there is no such filesystem, or one that cannot be read
 */
export function readExt4(reader: DiskReader): Promise<Ext4Filesystem> {
  return openImage(reader);
}
