import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError, messageOf } from '../base/errors.ts';
import { translateFull } from '../base/files.ts';
import { withLock } from '../base/locks.ts';
import { type StoreLayout, storeLayout } from './home.ts';

/**
 * Every change of what the store knows happens under this one lock, and every holder is quick: converting,
 * copying and hashing are done before. Readers do without: they see whole files, old or new.
 */
export async function withStoreLock<T>(home: string, work: (layout: StoreLayout) => Promise<T>): Promise<T> {
  const layout = storeLayout(home);
  await makeFolders(layout);
  return withLock(join(layout.locks, 'store'), { what: `the store ${home}`, wait: 120_000 }, async () => {
    try {
      return await work(layout);
    } catch (error) {
      throw translateFull(error, home);
    }
  });
}

/** @throws KilnError `file-missing` when the store cannot be where it should be, `disk-full` */
export async function makeFolders(layout: StoreLayout): Promise<void> {
  const { layers, images, tags, keys, pins, locks, downloads, attachments } = layout;
  try {
    for (const folder of [layers, images, tags, keys, pins, locks, downloads, attachments])
      await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    if (!isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'ENOENT'))
      throw translateFull(error, layout.home);
    throw new KilnError('file-missing', `the store cannot be made at ${layout.home}: ${messageOf(error)}`, {
      hint: 'set KILN_HOME to a folder that you may write to',
      cause: error,
    });
  }
}
