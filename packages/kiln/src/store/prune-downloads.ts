import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { acquireLock, type Lock } from '../base/locks.ts';
import { bytesOnDisk, listFolder, removeAndCount } from './folders.ts';
import type { StoreLayout } from './home.ts';

/** The lock that whoever fills or reads over a download's files holds. */
export function downloadLock(layout: StoreLayout, key: string): string {
  return join(layout.locks, `download-${key}`);
}

/**
 * Notes that a download is still of use. A file of its own carries the time: touching the data would make it
 * look changed to those who remember its digest.
 */
export async function markUsed(layout: StoreLayout, key: string): Promise<void> {
  await writeFile(join(layout.downloads, `${key}.used`), '');
}

/** All files of one download are `downloads/<key>.<what>`. The newest of them tells when it was last used. */
interface Download {
  readonly key: string;
  readonly names: readonly string[];
  readonly usedAt: number;
  readonly bytes: number;
}

export interface PruneDownloadsOptions {
  readonly dryRun: boolean;
  /** Milliseconds. */
  readonly unusedFor: number;
  readonly maxBytes: number;
  /** Names of files that a machine or a running command stands on. */
  readonly pinned: ReadonlySet<string>;
}

export async function pruneDownloads(
  layout: StoreLayout,
  { dryRun, unusedFor, maxBytes, pinned }: PruneDownloadsOptions,
): Promise<{ readonly names: string[]; readonly bytes: number }> {
  const downloads = (await listDownloads(layout)).sort((a, b) => b.usedAt - a.usedAt);
  const before = Date.now() - unusedFor;
  const removed: string[] = [];
  let freed = 0;
  let kept = 0;
  for (const download of downloads) {
    const isPinned = download.names.some((name) => pinned.has(name));
    const isWanted = download.usedAt > before && kept + download.bytes <= maxBytes;
    if (isPinned || isWanted) {
      kept += download.bytes;
      continue;
    }
    const lock = await lockIfFree(downloadLock(layout, download.key));
    if (!lock) continue;
    try {
      for (const name of download.names) {
        const path = join(layout.downloads, name);
        freed += dryRun ? await bytesOnDisk(path) : await removeAndCount(path);
        removed.push(name);
      }
    } finally {
      await lock.release();
    }
  }
  return { names: removed.sort(), bytes: freed };
}

async function listDownloads(layout: StoreLayout): Promise<Download[]> {
  const groups = Map.groupBy(await listFolder(layout.downloads), (name) => name.split('.', 1)[0]!);
  const downloads: Download[] = [];
  for (const [key, names] of groups) {
    let usedAt = 0;
    let bytes = 0;
    for (const name of names) {
      try {
        const found = await stat(join(layout.downloads, name));
        usedAt = Math.max(usedAt, found.mtimeMs);
        bytes += found.blocks * 512;
      } catch (error) {
        if (!isSystemError(error, 'ENOENT')) throw error;
      }
    }
    downloads.push({ key, names, usedAt, bytes });
  }
  return downloads;
}

async function lockIfFree(path: string): Promise<Lock | undefined> {
  try {
    return await acquireLock(path, { what: 'a download' });
  } catch (error) {
    if (error instanceof KilnError && error.code === 'locked') return undefined;
    throw error;
  }
}
