import { stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import type { StoredBox } from './stored-boxes.ts';

const hour = 3_600_000;

/**
 * Whether a box's catalogue may be asked for a newer version again, which is once an hour; and if so, notes that it
 * was. Vagrant keeps the same stamp.
 */
export async function takeUpdateCheck({ folder }: Pick<StoredBox, 'folder'>): Promise<boolean> {
  const stamp = join(folder, 'box_update_check');
  try {
    if (Date.now() - (await stat(stamp)).mtimeMs < hour) return false;
    await utimes(stamp, new Date(), new Date());
    return true;
  } catch (error) {
    // Where nothing can be noted down, such as in a box folder of somebody else, nothing is asked either.
    if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS')) return false;
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
  try {
    await writeFile(stamp, '');
    return true;
  } catch (error) {
    if (isSystemError(error, 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOSPC')) return false;
    throw error;
  }
}
