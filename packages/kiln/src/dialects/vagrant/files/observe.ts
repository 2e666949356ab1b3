import { hash } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { hostFactsDigest } from '../ruby/host-facts.ts';

/** What an evaluation may see of a path; `host` stands for facts about the host, whatever the path. */
export type Aspect = 'type' | 'stat' | 'content' | 'names' | 'link' | 'host';

export type PathType = 'file' | 'folder' | 'other' | 'none';

/** More than any configuration; a file that is longer is refused. */
export const longestFile = 64 * 1024 * 1024;

/**
 * A short text for one aspect of a path. As long as it stays the same, an evaluation that looked there goes the same way.
 */
export function observe(path: string, aspect: Aspect): string {
  switch (aspect) {
    case 'type':
      return typeOf(path);
    case 'stat':
      return statOf(path);
    case 'content':
      return attempt(() => digestContent(path, readRegularFile(realpathSync.native(path)))) ?? 'none';
    case 'names':
      return attempt(() => digestNames(readdirSync(path))) ?? 'none';
    case 'link':
      return attempt(() => readlinkSync(path)) ?? 'none';
    case 'host':
      return hostFactsDigest();
  }
}

export function typeOf(path: string): PathType {
  const stat = attempt(() => statSync(path));
  if (stat === undefined) return 'none';
  if (stat.isFile()) return 'file';
  return stat.isDirectory() ? 'folder' : 'other';
}

/**
 * The bytes of a regular file, which must not be a link. A pipe is not waited for.
 * @throws the system's error; `EACCES` for what is no file, `EFBIG` for what is too long
 */
export function readRegularFile(path: string): Buffer {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw systemError('EACCES', path);
    if (stat.size > longestFile) throw systemError('EFBIG', path);
    const chunks: Buffer[] = [];
    let length = 0;
    for (;;) {
      // Files of /proc have no size of their own.
      const chunk = Buffer.allocUnsafe(Math.max(stat.size - length + 1, 8192));
      const count = readSync(descriptor, chunk, 0, chunk.length, null);
      if (count === 0) return Buffer.concat(chunks, length);
      chunks.push(chunk.subarray(0, count));
      length += count;
      if (length > longestFile) throw systemError('EFBIG', path);
    }
  } finally {
    closeSync(descriptor);
  }
}

export function digestContent(path: string, bytes: Buffer): string {
  return hash('sha256', stablePart(path, bytes));
}

export function digestNames(names: readonly string[]): string {
  return hash('sha256', [...names].sort().join('\0'));
}

/** What the kernel tells of the host changes all the time; what configurations want to know of it does not. */
function stablePart(path: string, bytes: Buffer): Buffer | string {
  if (path === '/proc/meminfo') return /^MemTotal:.*$/m.exec(bytes.toString('latin1'))?.[0] ?? '';
  if (path === '/proc/cpuinfo') return bytes.toString('latin1').replaceAll(/^cpu MHz.*$/gm, '');
  return bytes;
}

function statOf(path: string): string {
  const stat = attempt(() => statSync(path));
  if (stat === undefined) return 'none';
  // The time of a folder changes with everything that is put into it, such as a machine's own state.
  return stat.isFile() ? `file ${stat.size} ${stat.mtimeMs}` : typeOf(path);
}

/** Undefined when the system refuses. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function systemError(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}
