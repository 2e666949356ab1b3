import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from 'node:fs';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import { decodeName, encodeName, showName } from './byte-names.ts';
import type { EntryKind } from './survey.ts';
import type { TreeAccess, TreeEntryFound } from './tree-access.ts';

/*
 * Every name is opened below the open folder that it is in (`/proc/self/fd/N/name` is what openat(2) would do), and
 * never through a link. A tree that changes while it is read, on purpose or not, cannot lead out of itself.
 */
const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Without O_NONBLOCK, opening a pipe that took a file's place would wait for ever. */
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Why a name is not there, or is not what it has to be. */
const notThere = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'ENODEV', 'EISDIR', 'ENAMETOOLONG'] as const;

/** Opens a folder of this host as the root of a system. @throws KilnError `file-missing` */
export function directoryAccess(root: string): TreeAccess {
  let rootFd: number;
  try {
    rootFd = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    throw new KilnError('file-missing', `the folder ${root} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
  return new DirectoryAccess(rootFd);
}

class DirectoryAccess implements TreeAccess {
  readonly #root: number;
  readonly #device: number;
  readonly #denied = new Set<string>();
  #closed = false;

  constructor(root: number) {
    this.#root = root;
    this.#device = fstatSync(root).dev;
  }

  get gaps(): readonly string[] {
    if (this.#denied.size === 0) return [];
    const shown = [...this.#denied].slice(0, 3).map(showName).join(', ');
    const more = this.#denied.size > 3 ? ` and ${this.#denied.size - 3} more` : '';
    return [`only root may read ${shown}${more}`];
  }

  async entry(path: string): Promise<TreeEntryFound | undefined> {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) return foundEntry('/', fstatSync(this.#root), undefined, this.#device);
    return this.#inFolder(names, path, (fd) => this.#look(fd, last, path));
  }

  async children(path: string): Promise<TreeEntryFound[] | undefined> {
    return this.#inFolder(namesOf(path), path, (fd) => {
      const found: TreeEntryFound[] = [];
      for (const name of readdirSync(inside(fd), { encoding: 'buffer' })) {
        const text = decodeName(name);
        const entry = this.#look(fd, text, path === '/' ? `/${text}` : `${path}/${text}`);
        if (entry) found.push(entry);
      }
      return found;
    });
  }

  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    const names = namesOf(path);
    const last = names.pop();
    if (last === undefined) return undefined;
    return this.#inFolder(names, path, (folder) => {
      // Opening a device may do something to it.
      if (!lstatSync(inside(folder, last)).isFile()) return undefined;
      const fd = openSync(inside(folder, last), fileFlags);
      try {
        const facts = fstatSync(fd);
        return facts.isFile() && facts.size <= limit ? readWhole(fd, facts.size) : undefined;
      } finally {
        closeSync(fd);
      }
    });
  }

  async close(): Promise<void> {
    if (!this.#closed) closeSync(this.#root);
    this.#closed = true;
  }

  #look(folder: number, name: string, path: string): TreeEntryFound | undefined {
    return this.#tolerant(path, () => {
      const where = inside(folder, name);
      const facts = lstatSync(where);
      const target = facts.isSymbolicLink()
        ? decodeName(readlinkSync(where, { encoding: 'buffer' }))
        : undefined;
      return foundEntry(path, facts, target, this.#device);
    });
  }

  #inFolder<T>(names: readonly string[], path: string, work: (fd: number) => T): T | undefined {
    return this.#tolerant(path, () => {
      let fd = this.#root;
      try {
        for (const name of names) {
          const next = openSync(inside(fd, name), folderFlags);
          if (fd !== this.#root) closeSync(fd);
          fd = next;
        }
        return work(fd);
      } finally {
        if (fd !== this.#root) closeSync(fd);
      }
    });
  }

  #tolerant<T>(path: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (isSystemError(error, ...notThere)) return undefined;
      if (isSystemError(error, 'EACCES', 'EPERM')) {
        this.#denied.add(path);
        return undefined;
      }
      throw error;
    }
  }
}

function namesOf(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '');
  if (names.some((name) => name === '.' || name === '..')) throw new RangeError(`${path} is no plain path`);
  return names;
}

function inside(fd: number, name?: string): Buffer {
  const folder = Buffer.from(`/proc/self/fd/${fd}/`);
  return name === undefined ? folder : Buffer.concat([folder, encodeName(name)]);
}

function foundEntry(path: string, facts: Stats, target: string | undefined, device: number): TreeEntryFound {
  const kind = kindOf(facts);
  return {
    path,
    kind,
    mode: facts.mode & 0o7777,
    uid: facts.uid,
    gid: facts.gid,
    size: kind === 'file' ? facts.size : 0,
    ...(target === undefined ? {} : { target }),
    ...(kind === 'directory' && facts.dev !== device ? { mountPoint: true } : {}),
  };
}

function kindOf(facts: Stats): EntryKind {
  if (facts.isFile()) return 'file';
  if (facts.isDirectory()) return 'directory';
  if (facts.isSymbolicLink()) return 'symlink';
  if (facts.isCharacterDevice()) return 'character';
  if (facts.isBlockDevice()) return 'block';
  return facts.isFIFO() ? 'fifo' : 'socket';
}

/** As much as there is, up to the size that the file had a moment ago. */
function readWhole(fd: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  let done = 0;
  while (done < size) {
    const got = readSync(fd, bytes, done, size - done, done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}
