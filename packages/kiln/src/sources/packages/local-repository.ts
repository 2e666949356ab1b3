import { constants } from 'node:fs';
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { translateFull } from '../../base/files.ts';
import type { LockedPackage } from '../../plan/locked-package.ts';
import { storeLayout } from '../../store/home.ts';
import { cachedFile } from '../digest-cache.ts';
import { readStanza } from './package-cache.ts';

export interface LocalRepositoryOptions {
  /** `$KILN_HOME`, whose cache has the packages: see fetchPackages. */
  readonly home: string;
  readonly signal: AbortSignal;
}

/**
 * Makes a folder that apt can install exactly these packages from: a flat repository (the files, and a `Packages`
 * index that always has the same bytes for the same packages). The files are hard links into the cache where the
 * filesystem allows it, so they stay when the cache is pruned.
 * @param folder is made; what is in it already must be of the same packages
 * @returns the line of sources.list(5) for tools that copy from it; `file:` instead of `copy:` leaves the files in place
 * @throws KilnError `not-found` when the cache has not all of them, `disk-full`
 */
export async function makeLocalRepository(
  folder: string,
  packages: readonly LockedPackage[],
  { home, signal }: LocalRepositoryOptions,
): Promise<string> {
  const layout = storeLayout(home);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  const sorted = [...packages].sort((a, b) => (fileName(a) < fileName(b) ? -1 : 1));
  let index = '';
  for (const one of sorted) {
    const path = cachedFile(layout, one.sha256);
    try {
      await place(path, join(folder, fileName(one)));
      index += await readStanza(layout, one.sha256, signal);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw translateFull(error, folder);
      throw new KilnError('not-found', `the package ${one.name} ${one.version} is not in the cache`, {
        hint: 'it was removed just now; run the command again',
        cause: error,
      });
    }
    index += `Filename: ./${fileName(one)}\nSize: ${one.size}\nSHA256: ${one.sha256}\n\n`;
  }
  await writeFile(join(folder, 'Packages'), index);
  return `deb [trusted=yes] copy:${folder.replaceAll(' ', '%20')} ./`;
}

/** As archives call it: the version without its epoch, whose colon a file name should not have. */
function fileName({ name, version, architecture }: LockedPackage): string {
  return `${name}_${version.replace(/^\d+:/, '')}_${architecture}.deb`;
}

async function place(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return;
    if (!isSystemError(error, 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP')) throw error;
    await copyFile(from, to, constants.COPYFILE_FICLONE);
  }
}
