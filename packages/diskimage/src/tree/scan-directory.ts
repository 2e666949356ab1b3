import {
  closeSync,
  constants,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { deviceNumbers } from './device-numbers.ts';
import { readXattrs } from './read-xattrs.ts';
import type { FileContent, OpenContent, TreeEntry } from './tree-entry.ts';

export interface ScanOptions {
  /** Leaves out an entry, and all that is below it. */
  readonly exclude?: (path: string) => boolean;
  /** Changes an entry on its way (owner, mode, times), or leaves out this one alone. Hard links come as such. */
  readonly map?: (entry: TreeEntry) => TreeEntry | undefined;
  /** Which extended attributes are the tree's own. Default: `isTreeXattr`. */
  readonly keepXattr?: (name: string) => boolean;
}

/**
 * What belongs to files rather than to the machine they happen to be on: capabilities, ACLs and `user.*`. Not so
 * labels of SELinux or AppArmor, and what overlayfs notes.
 */
export function isTreeXattr(name: string): boolean {
  if (name.startsWith('user.')) return !name.startsWith('user.overlay.');
  return name === 'security.capability' || name.startsWith('system.posix_acl_');
}

/**
 * The files of a local directory, each directory's names sorted as bytes, with owners as this process sees them.
 * Symlinks are never followed. Of several names for one file the first is the file and the others are links.
 * @throws Error of node:fs when the directory, or something in it, cannot be read
 * @throws DiskImageError when extended attributes cannot be read: see `readXattrs`
 */
export async function scanDirectory(root: string, options: ScanOptions = {}): Promise<TreeEntry[]> {
  // Another process reads the attributes while this one looks at the files.
  const attributes = readXattrs(root, options.keepXattr ?? isTreeXattr);
  // What fails here must not leave that one's failure unhandled.
  attributes.catch(() => {});
  const scan = new Scan(root, options);
  scan.directory('', lstatSync(root));
  const xattrs = await attributes;
  return finish(scan.entries, xattrs, options);
}

/** Kept apart from the walk, which is done before the attributes are known. */
function finish(
  found: readonly TreeEntry[],
  xattrs: ReadonlyMap<string, ReadonlyMap<string, Uint8Array>>,
  { map }: ScanOptions,
): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (const entry of found) {
    const own = entry.kind === 'link' ? undefined : xattrs.get(entry.path);
    const whole = own && entry.kind !== 'link' ? { ...entry, xattrs: own } : entry;
    const mapped = map ? map(whole) : whole;
    if (mapped) entries.push(mapped);
  }
  return entries;
}

class Scan {
  readonly entries: TreeEntry[] = [];
  readonly #root: string;
  readonly #exclude: (path: string) => boolean;
  /** First names of files that have several, by device and inode. */
  readonly #linked = new Map<string, string>();

  constructor(root: string, { exclude }: ScanOptions) {
    this.#root = root;
    this.#exclude = exclude ?? (() => false);
  }

  directory(path: string, stats: Stats): void {
    const { mode, uid, gid } = stats;
    this.entries.push({ kind: 'directory', path, mode: mode & 0o7777, uid, gid, mtime: wholeSeconds(stats) });
    // Names that are no UTF-8 stay what they are this way.
    const names = readdirSync(this.#local(path), { encoding: 'latin1' }).sort();
    for (const name of names) {
      const inside = path === '' ? name : `${path}/${name}`;
      if (this.#exclude(inside)) continue;
      const found = lstatSync(this.#local(inside));
      if (found.isDirectory()) this.directory(inside, found);
      else this.#leaf(inside, found);
    }
  }

  #leaf(path: string, stats: Stats): void {
    if (stats.nlink > 1) {
      const key = `${stats.dev}:${stats.ino}`;
      const first = this.#linked.get(key);
      if (first !== undefined) {
        this.entries.push({ kind: 'link', path, to: first });
        return;
      }
      this.#linked.set(key, path);
    }
    this.entries.push(this.#entry(path, stats));
  }

  #entry(path: string, stats: Stats): TreeEntry {
    const mode = stats.mode & 0o7777;
    const { uid, gid } = stats;
    const mtime = wholeSeconds(stats);
    if (stats.isFile()) {
      const content = new LocalContent(this.#local(path));
      return { kind: 'file', path, mode, uid, gid, mtime, size: stats.size, content };
    }
    if (stats.isSymbolicLink()) {
      const target = readlinkSync(this.#local(path), { encoding: 'latin1' });
      return { kind: 'symlink', path, mode, uid, gid, mtime, target };
    }
    if (stats.isFIFO()) return { kind: 'fifo', path, mode, uid, gid, mtime };
    if (stats.isSocket()) return { kind: 'socket', path, mode, uid, gid, mtime };
    const kind = stats.isCharacterDevice() ? 'character' : 'block';
    return { kind, path, mode, uid, gid, mtime, ...deviceNumbers(stats.rdev) };
  }

  #local(path: string): string | Buffer {
    if (path === '') return this.#root;
    // Text would be encoded as UTF-8 on the way; most paths are the same in both.
    if (!notAscii.test(path)) return `${this.#root}/${path}`;
    return Buffer.concat([Buffer.from(`${this.#root}/`), Buffer.from(path, 'latin1')]);
  }
}

const notAscii = /[^\x00-\x7f]/;

function wholeSeconds({ mtimeMs }: Stats): number {
  return Math.floor(mtimeMs / 1000);
}

class LocalContent implements FileContent {
  readonly #path: string | Buffer;

  constructor(path: string | Buffer) {
    this.#path = path;
  }

  open(): OpenContent {
    return new OpenFile(openSync(this.#path, constants.O_RDONLY | constants.O_NOFOLLOW));
  }
}

class OpenFile implements OpenContent {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  read(into: Uint8Array, position: number): number {
    return readSync(this.#fd, into, 0, into.length, position);
  }

  close(): void {
    closeSync(this.#fd);
  }
}
