import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { acquireLock } from '../base/locks.ts';
import { isAlive, type ProcessIdentity, processStartTime } from '../base/processes.ts';
import { listFolder } from './folders.ts';
import type { StoreLayout } from './home.ts';
import { readPins } from './pins.ts';
import { makerOfTemporary } from './temporary-names.ts';

/**
 * Removes what killed commands have left outside their run folders: half-written small files, their locks, and
 * their pins. Cheap when there is nothing.
 */
export async function sweepLeftovers(layout: StoreLayout): Promise<void> {
  const { images, keys, pins, downloads, tags, machines } = layout;
  const nested = async (folder: string) => (await listFolder(folder)).map((name) => join(folder, name));
  const folders = [images, keys, pins, downloads, ...(await nested(tags)), ...(await nested(machines))];
  for (const folder of folders) await sweepTemporaries(folder, 'file');
  await sweepTemporaries(layout.locks, 'lock');
  await sweepLocks(layout);
  const { stale } = await readPins(layout);
  for (const path of stale) await rm(path, { force: true });
}

const oneDay = 86_400_000;

async function sweepTemporaries(folder: string, kind: 'file' | 'lock'): Promise<void> {
  for (const name of await listFolder(folder)) {
    const pid = makerOfTemporary(name, kind);
    if (pid === undefined) continue;
    const path = join(folder, name);
    // Another process may have the pid by now; but nothing is under such a name for a day.
    if (processStartTime(pid) === undefined || (await ageOf(path)) > oneDay) await rm(path, { force: true });
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0;
    throw error;
  }
}

async function sweepLocks({ locks }: StoreLayout): Promise<void> {
  for (const name of await listFolder(locks)) {
    if (makerOfTemporary(name, 'lock') !== undefined) continue;
    const path = join(locks, name);
    if (!(await hasDeadOwner(path))) continue;
    try {
      // Taking a dead owner's lock over and giving it back removes it without a race.
      await (await acquireLock(path, { what: 'a lock' })).release();
    } catch (error) {
      if (!(error instanceof KilnError && error.code === 'locked')) throw error;
    }
  }
}

async function hasDeadOwner(path: string): Promise<boolean> {
  try {
    return !isAlive(JSON.parse(await readFile(path, 'utf8')) as ProcessIdentity);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EISDIR')) return false;
    if (error instanceof SyntaxError) return true;
    throw error;
  }
}
