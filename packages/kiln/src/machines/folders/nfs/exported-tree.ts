import { createHash, timingSafeEqual } from 'node:crypto';
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs';
import { isSystemError } from '../../../base/errors.ts';

/** A folder that a machine may use. */
export interface Export {
  /** Absolute path on the host. */
  readonly path: string;
  readonly readOnly: boolean;
}

/** An open file or folder, only as a place: nothing can be read through it (O_PATH, open(2)). */
export interface Place {
  readonly fd: number;
  readonly facts: BigIntStats;
}

export class StaleHandle extends Error {}

const openPath = 0o10_000_000;
const openFolder = openPath | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const handleLength = 44;
/** A tree is looked through for a file that is not where it was, but not more often than this, in milliseconds. */
const searchPause = 2000;

/** What a handle says: the folder, whose files its are to be, and the file. */
export interface Handle {
  readonly tree: ExportedTree;
  readonly uid: number;
  readonly gid: number;
  readonly key: string;
}

/**
 * A folder of the host, in which files are known by their numbers. Every name on the way to a file is opened by itself
 * and no link is followed, so that nothing a machine makes in the folder leads out of it, whenever it makes it.
 */
export class ExportedTree {
  readonly settings: Export;
  /** Four bytes that tell exports of one server apart. */
  readonly id: Buffer;
  readonly #paths = new Map<string, string>();
  #root: number | undefined;
  #lastSearch = 0;

  constructor(settings: Export) {
    this.settings = settings;
    this.id = createHash('sha256').update(settings.path).digest().subarray(0, 4);
  }

  /** @throws system errors when the folder is not there */
  root(): Place {
    this.#root ??= openSync(this.settings.path, openPath | constants.O_DIRECTORY);
    const facts = fstatSync(this.#root, { bigint: true });
    this.#paths.set(keyOf(facts), '');
    return { fd: this.#root, facts };
  }

  /** Does something with a file or folder. @throws StaleHandle when there is none of that number any more */
  with<T>(key: string, work: (place: Place, path: string) => T): T {
    const path = this.#paths.get(key);
    if (path !== undefined) {
      const found = this.#try(path, key, work);
      if (found) return found.result;
    }
    this.#search();
    const again = this.#paths.get(key);
    const found = again === undefined ? undefined : this.#try(again, key, work);
    if (found) return found.result;
    this.#paths.delete(key);
    throw new StaleHandle();
  }

  /** Opens a folder by its path. */
  withPath<T>(path: string, work: (fd: number) => T): T {
    const fd = this.#open(path);
    try {
      return work(fd);
    } finally {
      closeSync(fd);
    }
  }

  /** A file, or a folder with all that is in it, has another name now. */
  moved(from: string, to: string): void {
    for (const [key, path] of this.#paths) {
      if (path === from) this.#paths.set(key, to);
      else if (path.startsWith(`${from}/`)) this.#paths.set(key, to + path.slice(from.length));
    }
  }

  /** Notes where a file is. @returns its key */
  note(path: string, facts: BigIntStats): string {
    const key = keyOf(facts);
    this.#paths.set(key, path);
    return key;
  }

  close(): void {
    if (this.#root !== undefined) closeSync(this.#root);
    this.#root = undefined;
  }

  #try<T>(
    path: string,
    key: string,
    work: (place: Place, path: string) => T,
  ): { readonly result: T } | undefined {
    let fd: number;
    try {
      fd = this.#open(path);
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return undefined;
      throw error;
    }
    try {
      const facts = fstatSync(fd, { bigint: true });
      return keyOf(facts) === key ? { result: work({ fd, facts }, path) } : undefined;
    } finally {
      closeSync(fd);
    }
  }

  #open(path: string): number {
    let fd = openSync(`/proc/self/fd/${this.root().fd}/.`, openFolder);
    const names = path === '' ? [] : path.split('/');
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      try {
        const next = openSync(
          `/proc/self/fd/${fd}/${name}`,
          isLast ? openPath | constants.O_NOFOLLOW : openFolder,
        );
        closeSync(fd);
        fd = next;
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    }
    return fd;
  }

  /** Looks through the whole tree: the host has moved something, or this server is not the one that gave the handle. */
  #search(): void {
    if (Date.now() - this.#lastSearch < searchPause) return;
    this.root();
    const visit = (path: string) => {
      const children = this.#children(path);
      for (const { name, facts } of children) {
        const child = path === '' ? name : `${path}/${name}`;
        this.note(child, facts);
        if (facts.isDirectory()) visit(child);
      }
    };
    visit('');
    this.#lastSearch = Date.now();
  }

  #children(path: string): { readonly name: string; readonly facts: BigIntStats }[] {
    let fd: number | undefined;
    try {
      fd = this.#open(path);
      return readdirSync(`/proc/self/fd/${fd}`).flatMap((name) => {
        const child = childOf({ fd: fd! }, name);
        if (!child) return [];
        closeSync(child.fd);
        return [{ name, facts: child.facts }];
      });
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return [];
      throw error;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}

/** Opens a name in a folder as a place, which the caller closes. Undefined when there is nothing of that name. */
export function childOf(folder: Pick<Place, 'fd'>, name: string): Place | undefined {
  let fd: number;
  try {
    fd = openSync(`/proc/self/fd/${folder.fd}/${name}`, openPath | constants.O_NOFOLLOW);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES')) return undefined;
    throw error;
  }
  return { fd, facts: fstatSync(fd, { bigint: true }) };
}

function keyOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

/**
 * Handles of files: a secret, without which nobody can make one, the export, the ids that its files are shown with, and
 * the file's numbers. They hold no state of the server's.
 */
export class Handles {
  readonly #secret: Buffer;
  readonly #trees: () => readonly ExportedTree[];

  constructor(secret: Buffer, trees: () => readonly ExportedTree[]) {
    this.#secret = secret;
    this.#trees = trees;
  }

  make({ tree, uid, gid }: Pick<Handle, 'tree' | 'uid' | 'gid'>, { dev, ino }: BigIntStats): Buffer {
    const bytes = Buffer.alloc(handleLength);
    this.#secret.copy(bytes, 0, 0, 16);
    tree.id.copy(bytes, 16);
    bytes.writeUInt32BE(uid, 20);
    bytes.writeUInt32BE(gid, 24);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, dev), 28);
    bytes.writeBigUInt64BE(BigInt.asUintN(64, ino), 36);
    return bytes;
  }

  /** @throws StaleHandle for one that is not of this server, or of an export that is gone */
  read(bytes: Buffer): Handle {
    if (
      bytes.length !== handleLength ||
      !timingSafeEqual(bytes.subarray(0, 16), this.#secret.subarray(0, 16))
    )
      throw new StaleHandle();
    const tree = this.#trees().find(({ id }) => id.equals(bytes.subarray(16, 20)));
    if (!tree) throw new StaleHandle();
    return {
      tree,
      uid: bytes.readUInt32BE(20),
      gid: bytes.readUInt32BE(24),
      key: `${bytes.readBigUInt64BE(28)}:${bytes.readBigUInt64BE(36)}`,
    };
  }
}
