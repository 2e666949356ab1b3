/**
 * One file of a tree that is to become a filesystem, or was read from one. Paths are relative to the tree's root, with
 * `/` between names and none at the ends; the root itself is the empty path. A name is bytes on Linux: paths hold one
 * character a byte (latin1), so that none is lost and plain comparison sorts as bytes do.
 */
export type TreeEntry<Content = FileContent> =
  | (EntryBase & { readonly kind: 'directory' | 'fifo' | 'socket' })
  | (EntryBase & { readonly kind: 'file'; readonly size: number; readonly content: Content })
  | (EntryBase & { readonly kind: 'symlink'; readonly target: string })
  | (EntryBase & { readonly kind: 'character' | 'block'; readonly major: number; readonly minor: number })
  | HardLink;

interface EntryBase {
  readonly path: string;
  /** Permission bits with set-user-id, set-group-id and sticky: `07777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970. */
  readonly mtime: number;
  /** Extended attributes by full name (`security.capability`, `user.x`). */
  readonly xattrs?: ReadonlyMap<string, Uint8Array>;
}

/** Another name of a file that comes earlier in the tree. */
export interface HardLink {
  readonly kind: 'link';
  readonly path: string;
  readonly to: string;
}

/** What is in a file. Reading is synchronous: a tree has tens of thousands of small ones. */
export interface FileContent {
  /** Makes the content readable until the returned handle is closed. */
  open(): OpenContent;
}

export interface OpenContent {
  /** Fills `into` from `position` on. Returns how many bytes there were; fewer only at the end. */
  read(into: Uint8Array, position: number): number;
  /** Areas that are not holes, in order; the whole file when nothing is known. Bytes. */
  ranges?(): Iterable<{ readonly start: number; readonly length: number }>;
  close(): void;
}
