import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { acquireLock, type Lock } from '../base/locks.ts';
import { bytesOnDisk, listFolder } from './folders.ts';
import type { StoreLayout } from './home.ts';

/** The lock that whoever fetches or reads the indexes in a folder of `apt/` holds. */
export function indexLock(layout: StoreLayout, id: string): string {
  return join(layout.locks, `apt-${id}`);
}

/**
 * Removes indexes of packages (folders of `apt/`) that were not used for so many milliseconds. Their folder's time tells
 * when they were used last.
 */
export async function pruneIndexes(
  layout: StoreLayout,
  { dryRun, unusedFor }: { readonly dryRun: boolean; readonly unusedFor: number },
): Promise<{ readonly names: string[]; readonly bytes: number }> {
  const before = Date.now() - unusedFor;
  const names: string[] = [];
  let bytes = 0;
  for (const id of await listFolder(layout.apt)) {
    const folder = join(layout.apt, id);
    const lock = await lockIfFree(indexLock(layout, id));
    if (!lock) continue;
    try {
      if ((await stat(folder)).mtimeMs > before) continue;
      bytes += await bytesInFolder(folder);
      if (!dryRun) await rm(folder, { recursive: true, force: true });
      names.push(`apt/${id}`);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    } finally {
      await lock.release();
    }
  }
  return { names, bytes };
}

async function bytesInFolder(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += await bytesOnDisk(join(entry.parentPath, entry.name));
  return bytes;
}

async function lockIfFree(path: string): Promise<Lock | undefined> {
  try {
    return await acquireLock(path, { what: 'an index of packages' });
  } catch (error) {
    if (error instanceof KilnError && error.code === 'locked') return undefined;
    throw error;
  }
}
