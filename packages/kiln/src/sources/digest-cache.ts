import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../base/errors.ts';
import { digestFile } from '../base/files.ts';
import type { StoreLayout } from '../store/home.ts';

/*
 * Files that are asked for by their digest are kept among the other downloads: `downloads/sha256-<digest>.data`. They
 * are pruned with them.
 */

/** What all files of one download are called, before the dot. */
export function cacheKey(sha256: string): string {
  return `sha256-${sha256}`;
}

/** Where the cache has the file with this digest. */
export function cachedFile(layout: StoreLayout, sha256: string): string {
  return join(layout.downloads, `${cacheKey(sha256)}.data`);
}

/** Whether the cache has the file, whole: its digest is looked at every time. */
export async function isCached(
  layout: StoreLayout,
  { sha256, size }: { readonly sha256: string; readonly size?: number },
): Promise<boolean> {
  const path = cachedFile(layout, sha256);
  try {
    if (size !== undefined && (await stat(path)).size !== size) return false;
    return (await digestFile(path)) === sha256;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return false;
    throw error;
  }
}
