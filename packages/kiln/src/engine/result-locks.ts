import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { isSystemError } from '../base/errors.ts';
import { acquireLock, type Lock } from '../base/locks.ts';
import type { Build } from '../plan/plan.ts';
import { storeLayout } from '../store/home.ts';

/**
 * Locks the places a build writes its result to, so that a second build of the same thing fails at its start
 * instead of mixing its files with the first one's. Tags of the store need none: the last one wins there.
 * @throws KilnError `locked`, naming the place and the other process
 */
export async function lockResults(build: Build, home: string): Promise<readonly Lock[]> {
  const locks: Lock[] = [];
  try {
    for (const { path, what } of resultPlaces(build)) {
      const id = createHash('sha256')
        .update(await canonicalPath(path))
        .digest('hex')
        .slice(0, 32);
      locks.push(await acquireLock(join(storeLayout(home).locks, `result-${id}.lock`), { what }));
    }
  } catch (error) {
    for (const lock of locks) await lock.release();
    throw error;
  }
  return locks;
}

function resultPlaces(build: Build): { readonly path: string; readonly what: string }[] {
  const { source } = build;
  if (source.kind === 'file') return [{ path: source.target, what: `the file ${source.target}` }];
  if (source.kind === 'qemu' && source.result.directory !== undefined) {
    return [{ path: source.result.directory, what: `the output folder ${source.result.directory}` }];
  }
  return [];
}

/** The path with its links followed as far as it exists already, so that two names of one place are one lock. */
async function canonicalPath(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    return await realpath(absolute);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR') || dirname(absolute) === absolute) throw error;
    return join(await canonicalPath(dirname(absolute)), basename(absolute));
  }
}
