import { createHash } from 'node:crypto';
import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { isSystemError, messageOf, type SourceLocation } from '../../base/errors.ts';
import { formatSize } from '../../base/sizes.ts';
import type { Problems } from '../../base/yaml/problems.ts';
import type { ProfileSource } from './profile-reading.ts';

type LocalSource = Extract<ProfileSource, { path: string }>;

/** Texts that are read whole: units, keys, templates, scripts. In bytes. */
const largestText = 4 << 20;

/** The local files that one file of a profile names, and a note of each with its digest. */
export class LocalFiles {
  readonly #folder: string | undefined;
  readonly #shownFolder: string;
  readonly #problems: Problems;
  readonly #noted: Map<string, ProfileSource>;

  /**
   * @param folder where relative paths start; undefined for a profile that came from elsewhere and has no files here
   * @param shownFolder the same as people named it
   * @param noted takes what was read, by path
   */
  constructor(
    folder: string | undefined,
    shownFolder: string,
    problems: Problems,
    noted: Map<string, ProfileSource>,
  ) {
    this.#folder = folder;
    this.#shownFolder = shownFolder;
    this.#problems = problems;
    this.#noted = noted;
  }

  /** How messages name a file. */
  shown(path: string): string {
    return isAbsolute(path) || path.startsWith('~/') ? path : join(this.#shownFolder, path);
  }

  /** The text of a small file. Undefined when it cannot be read, which is reported. */
  text(path: string, at: SourceLocation): string | undefined {
    const absolute = this.#absolute(path, at);
    const info = absolute === undefined ? undefined : this.#stat(absolute, path, at);
    if (absolute === undefined || !info) return undefined;
    if (!info.isFile()) return this.#error(at, `"${path}" is not a file`, 'name a file');
    if (info.size > largestText) {
      return this.#error(
        at,
        `"${path}" is larger than ${formatSize(largestText)}`,
        'copy it with "source" instead',
      );
    }
    try {
      const bytes = readFileSync(absolute);
      this.#note({ kind: 'file', path: absolute, digest: createHash('sha256').update(bytes).digest('hex') });
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      if (error instanceof TypeError)
        return this.#error(at, `"${path}" is not text in UTF-8`, 'copy it with "source" instead');
      return this.#unreadable(error, path, at);
    }
  }

  /** The absolute path of a file that is copied as it is. */
  file(path: string, at: SourceLocation): string | undefined {
    const absolute = this.#absolute(path, at);
    const info = absolute === undefined ? undefined : this.#stat(absolute, path, at);
    if (absolute === undefined || !info) return undefined;
    if (info.isDirectory())
      return this.#error(at, `"${path}" is a folder`, `write "directory: ${path}" to copy it`);
    if (!info.isFile()) return this.#error(at, `"${path}" is not a file`, 'name a file');
    return this.#digested(absolute, path, at, () => ({
      kind: 'file',
      path: absolute,
      digest: digestOf(absolute),
    }));
  }

  /** The absolute path of a folder that is copied as it is. */
  folder(path: string, at: SourceLocation): string | undefined {
    const absolute = this.#absolute(path, at);
    const info = absolute === undefined ? undefined : this.#stat(absolute, path, at);
    if (absolute === undefined || !info) return undefined;
    if (!info.isDirectory())
      return this.#error(at, `"${path}" is not a folder`, `write "source: ${path}" to copy a file`);
    return this.#digested(absolute, path, at, () => ({
      kind: 'folder',
      path: absolute,
      digest: digestOfFolder(absolute),
    }));
  }

  #digested(absolute: string, path: string, at: SourceLocation, make: () => LocalSource): string | undefined {
    try {
      if (!this.#noted.has(absolute)) this.#note(make());
      return absolute;
    } catch (error) {
      return this.#unreadable(error, path, at);
    }
  }

  #note(source: LocalSource): void {
    this.#noted.set(source.path, source);
  }

  #absolute(path: string, at: SourceLocation): string | undefined {
    const own = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
    if (this.#folder === undefined) {
      return this.#error(
        at,
        `"${path}" is a local file, and this profile did not come from a local folder`,
        'it can only have texts and URLs with digests of its own',
      );
    }
    const absolute = resolve(this.#folder, own);
    if (!/^\/(?:(?:proc|sys|dev)(?:\/|$)|$)/.test(absolute)) return absolute;
    return this.#error(
      at,
      `"${path}" is ${absolute === '/' ? 'the whole system' : 'no lasting file'}, which cannot be part of a profile`,
      'copy what is needed beside the profile, and name that',
    );
  }

  #stat(absolute: string, path: string, at: SourceLocation): Stats | undefined {
    try {
      return statSync(absolute);
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) {
        return this.#error(
          at,
          `there is no file "${path}" in ${this.#folder}`,
          'paths start in the folder of the file that names them',
        );
      }
      return this.#unreadable(error, path, at);
    }
  }

  #unreadable(error: unknown, path: string, at: SourceLocation): undefined {
    if (!isUnreadable(error)) throw error;
    return this.#error(at, `"${path}" cannot be read: ${messageOf(error)}`, 'check its permissions');
  }

  #error(at: SourceLocation, message: string, hint: string): undefined {
    this.#problems.error(at, message, hint);
    return undefined;
  }
}

/** Whether a file cannot be read for a reason that its owner can do something about. */
export function isUnreadable(error: unknown): error is NodeJS.ErrnoException {
  return isSystemError(
    error,
    ...['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EISDIR', 'ELOOP', 'ENAMETOOLONG', 'EIO', 'ENXIO', 'EINVAL'],
  );
}

/** SHA-256 of a file of any size. */
function digestOf(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, 'r');
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}

/** Over names, permission bits, targets of links and contents, in an order that does not depend on the file system. */
function digestOfFolder(folder: string): string {
  const hash = createHash('sha256');
  const visit = (inside: string) => {
    for (const name of readdirSync(join(folder, inside)).sort()) {
      const path = join(inside, name);
      const whole = join(folder, path);
      const info = lstatSync(whole);
      const bits = (info.mode & 0o7777).toString(8);
      if (info.isDirectory()) {
        hash.update(`folder\0${path}\0${bits}\0`);
        visit(path);
      } else if (info.isSymbolicLink()) hash.update(`link\0${path}\0${readlinkSync(whole)}\0`);
      else if (info.isFile()) hash.update(`file\0${path}\0${bits}\0${digestOf(whole)}\0`);
      else hash.update(`other\0${path}\0`);
    }
  };
  visit('');
  return hash.digest('hex');
}
