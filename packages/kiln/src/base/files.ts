import { createHash, type Hash, randomBytes } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isSystemError, KilnError } from './errors.ts';

/**
 * Writes a file so that a reader, or a crash, sees the old content or the new and nothing between:
 * temporary name beside it, fsync, rename, fsync of the folder.
 * @throws KilnError `disk-full`
 */
export async function writeFileAtomically(
  path: string,
  data: string | Uint8Array,
  mode = 0o644,
): Promise<void> {
  const temporary = temporaryName(path);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(data);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw translateFull(error, path);
  }
}

/** A name beside a file for what is to take its place. It tells who makes it: store/temporary-names.ts. */
export function temporaryName(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
}

/** Makes a finished rename or removal in this folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch (error) {
    // Some filesystems cannot sync a folder; the rename itself is still atomic.
    if (!isSystemError(error, 'EINVAL', 'EISDIR', 'EPERM', 'EACCES')) throw error;
  } finally {
    await handle?.close();
  }
}

/** A full disk as an error that says so; everything else as it was. */
export function translateFull(error: unknown, path: string): unknown {
  if (!isSystemError(error, 'ENOSPC', 'EDQUOT')) return error;
  return new KilnError('disk-full', `no space left while writing ${path}`, {
    hint: 'free some space or point KILN_HOME at a larger disk, then try again',
    cause: error,
  });
}

/** Text of a file, or undefined when it does not exist. */
export async function readTextIfExists(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

/** Content of a JSON file, or undefined when it does not exist. */
export async function readJsonIfExists(path: string): Promise<unknown> {
  const text = await readTextIfExists(path);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new KilnError('store-corrupt', `${path} is not valid JSON: ${error.message}`, { cause: error });
    }
    throw error;
  }
}

export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
}

const digestChunk = 1 << 20;

/** Hex digest of a file's bytes. */
export async function digestFile(
  path: string,
  algorithm: 'sha256' | 'md5' | 'sha1' | 'sha384' | 'sha512' | 'sha224' = 'sha256',
  onProgress?: (done: number) => void,
): Promise<string> {
  const hash: Hash = createHash(algorithm);
  const file = await open(path, 'r');
  try {
    // Two buffers, used again and again: one is read into while the other is hashed.
    let [current, next] = [Buffer.allocUnsafe(digestChunk), Buffer.allocUnsafe(digestChunk)];
    let done = 0;
    let reading = file.read(current, 0, digestChunk, 0);
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) break;
      reading = file.read(next, 0, digestChunk, done + bytesRead);
      hash.update(current.subarray(0, bytesRead));
      done += bytesRead;
      onProgress?.(done);
      [current, next] = [next, current];
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}
