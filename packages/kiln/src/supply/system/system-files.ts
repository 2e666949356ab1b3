/**
 * The files of one system, wherever they are: a folder, a tree that is about to be written, the filesystem of an
 * image, a machine. What stands in them is told by the readers of this room; how they are had is the business of
 * whoever makes one.
 *
 * Paths are as in a tree of @kiln/diskimage: relative to the root, `/` between names and none at the ends, one
 * character a byte (latin1), so that no name is lost.
 */
export interface SystemFiles {
  /** Every file by path. Folders come before what is in them, and names in the order of their bytes. */
  readonly entries: ReadonlyMap<string, SystemEntry>;
  /**
   * The content of a regular file, or its first bytes. Links are not followed: `followPath` does that.
   * @param limit bytes; all of it when left out
   */
  read(path: string, limit?: number): Promise<Uint8Array>;
}

/** What is known of a file without reading it. */
export type SystemEntry =
  | (Attributes & { readonly kind: 'directory' | 'fifo' | 'socket' })
  | (Attributes & { readonly kind: 'file'; readonly size: number })
  | (Attributes & { readonly kind: 'symlink'; readonly target: string })
  | (Attributes & { readonly kind: 'character' | 'block'; readonly major: number; readonly minor: number })
  /** Another name of a regular file or special file; `to` is the path of the first. */
  | { readonly kind: 'link'; readonly to: string };

interface Attributes {
  /** Permission bits with set-user-id, set-group-id and sticky: `07777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
}
