import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm, rmdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { exists, syncFolder, translateFull } from '../base/files.ts';
import type { OutputContext } from './output-context.ts';

/**
 * Makes a file that is seen whole or not at all: `produce` writes it under its final name in a folder of its own
 * next to where it belongs (some formats, such as VMDK, write their own name into themselves), then it is moved.
 * What was there before is replaced. Missing folders are made, and removed again when this fails.
 * @throws what `produce` throws; KilnError `disk-full`, `output-failed` when a folder is in the way
 */
export async function writeResult(
  path: string,
  context: Pick<OutputContext, 'ownPath' | 'disownPath' | 'signal'>,
  produce: (temporary: string) => Promise<void>,
): Promise<void> {
  const folder = dirname(path);
  const made = await makeFolder(folder);
  const workshop = join(folder, `.kiln-${randomBytes(4).toString('hex')}`);
  context.ownPath(workshop);
  try {
    await mkdir(workshop, { mode: 0o700 });
    const temporary = join(workshop, basename(path));
    await produce(temporary);
    await syncFile(temporary);
    await rename(temporary, path);
    await syncFolder(folder);
  } catch (error) {
    await rm(workshop, { recursive: true, force: true });
    await removeEmptyFolders(made, folder);
    if (isSystemError(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) {
      throw new KilnError('output-failed', `${path} cannot be written: there is a folder of that name`, {
        cause: error,
      });
    }
    throw translateFull(error, path);
  } finally {
    await rm(workshop, { recursive: true, force: true });
    context.disownPath(workshop);
  }
}

/** The first folder that had to be made. */
export async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    if (isSystemError(error, 'EEXIST', 'ENOTDIR')) {
      throw new KilnError('output-failed', `the folder ${folder} cannot be made: a file is in the way`, {
        cause: error,
      });
    }
    throw translateFull(error, folder);
  }
}

/** Only empty ones: another build may have put its results there meanwhile. */
async function removeEmptyFolders(first: string | undefined, last: string): Promise<void> {
  if (first === undefined) return;
  for (let folder = last; folder.length >= first.length && (await exists(folder)); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch (error) {
      if (isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'EBUSY')) return;
      throw error;
    }
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
