import { lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../base/errors.ts';
import { removeDeadLock } from '../base/locks.ts';
import { processStartTime } from '../base/processes.ts';
import { removeTree } from '../base/user-namespace.ts';
import { listFolder } from './folders.ts';
import type { StoreLayout } from './home.ts';
import { readPins } from './pins.ts';
import { makerOfTemporary } from './temporary-names.ts';

/**
 * Removes what killed commands have left outside their run folders: half-written small files, their locks, and
 * their pins. Cheap when there is nothing.
 */
export async function sweepLeftovers(layout: StoreLayout): Promise<void> {
  const { images, keys, pins, downloads, attachments, tags, machines, checkpoints, warm } = layout;
  const nested = async (folder: string) => (await listFolder(folder)).map((name) => join(folder, name));
  const folders = [images, keys, pins, downloads, attachments, checkpoints, warm];
  for (const parent of [tags, machines, checkpoints]) folders.push(...(await nested(parent)));
  for (const folder of folders) await sweepTemporaries(folder);
  for (const name of await listFolder(layout.locks)) await removeDeadLock(join(layout.locks, name));
  const { stale } = await readPins(layout);
  for (const path of stale) await rm(path, { force: true });
}

const oneDay = 86_400_000;

async function sweepTemporaries(folder: string): Promise<void> {
  for (const name of await listFolder(folder)) {
    const pid = makerOfTemporary(name);
    if (pid === undefined) continue;
    const path = join(folder, name);
    // Another process may have the pid by now; but nothing is under such a name for a day.
    if (processStartTime(pid) === undefined || (await ageOf(path)) > oneDay) await removeTree(path);
  }
}

async function ageOf(path: string): Promise<number> {
  try {
    return Date.now() - (await lstat(path)).mtimeMs;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0;
    throw error;
  }
}
