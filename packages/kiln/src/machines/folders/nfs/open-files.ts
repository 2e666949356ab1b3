import { type BigIntStats, chmodSync, closeSync, constants, fchmodSync, fstatSync, openSync } from 'node:fs';
import { isSystemError } from '../../../base/errors.ts';
import type { Place } from './exported-tree.ts';

interface OpenFile {
  readonly fd: number;
  readonly writable: boolean;
  usedAt: number;
}

/** How many files are kept open, and how long after their last use, in milliseconds. */
const most = 64;
const patience = 5000;

/**
 * Files that are being read or written. They are kept open for a while: who has opened a file may go on with it, whatever
 * its mode has become (git makes its objects read-only before it writes them).
 */
export class OpenFiles {
  readonly #files = new Map<string, OpenFile>();

  constructor() {
    setInterval(() => this.#closeOld(), patience).unref();
  }

  /** @param key of the file in its tree */
  get(key: string, place: Place, writable: boolean): number {
    const known = this.#files.get(key);
    if (known && (known.writable || !writable)) {
      known.usedAt = Date.now();
      return known.fd;
    }
    const fd = openAt(place, writable);
    this.keep(key, fd, writable);
    return fd;
  }

  /** Takes an open file over. */
  keep(key: string, fd: number, writable: boolean): void {
    const known = this.#files.get(key);
    if (known) closeSync(known.fd);
    this.#files.delete(key);
    this.#files.set(key, { fd, writable, usedAt: Date.now() });
    if (this.#files.size > most) {
      const [oldest, file] = this.#files.entries().next().value!;
      closeSync(file.fd);
      this.#files.delete(oldest);
    }
  }

  #closeOld(): void {
    for (const [key, { fd, usedAt }] of this.#files) {
      if (Date.now() - usedAt < patience) continue;
      closeSync(fd);
      this.#files.delete(key);
    }
  }
}

function openAt({ fd, facts }: Place, writable: boolean): number {
  const path = `/proc/self/fd/${fd}`;
  const flags = writable ? constants.O_RDWR : constants.O_RDONLY;
  try {
    return openSync(path, flags | constants.O_NONBLOCK);
  } catch (error) {
    // Whether a caller may is the machine's kernel's to say, as root there always may: the file's owner does it.
    if (!isSystemError(error, 'EACCES') || facts.uid !== BigInt(process.geteuid?.() ?? -1)) throw error;
    return openByMode(path, facts, flags);
  }
}

function openByMode(path: string, facts: BigIntStats, flags: number): number {
  const mode = Number(facts.mode & 0o7777n);
  chmodSync(path, mode | 0o600);
  try {
    const fd = openSync(path, flags | constants.O_NONBLOCK);
    try {
      if (fstatSync(fd, { bigint: true }).ino === facts.ino) fchmodSync(fd, mode);
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return fd;
  } catch (error) {
    chmodSync(path, mode);
    throw error;
  }
}
