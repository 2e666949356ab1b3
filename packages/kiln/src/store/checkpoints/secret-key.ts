import { randomBytes } from 'node:crypto';
import { link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { readTextIfExists, temporaryName, translateFull } from '../../base/files.ts';
import { storeLayout } from '../home.ts';

const pattern = /^[0-9a-f]{64}$/;

/**
 * A random key that belongs to this store and leaves it never. Digests of secrets are made with it, so that they tell
 * whether a secret has changed, and nothing else, to nobody without this file (mode 0600). Commands that make it at the
 * same time get the same one.
 * @throws KilnError `disk-full`
 */
export async function storeSecretKey(home: string): Promise<string> {
  const folder = storeLayout(home).checkpoints;
  const path = join(folder, 'secret-key');
  const known = await readTextIfExists(path);
  if (known !== undefined && pattern.test(known)) return known;
  const fresh = temporaryName(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(fresh, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx', flush: true });
    // A power failure may have emptied it; nothing that was made with it can be found any more.
    if (known !== undefined) await rename(fresh, path);
    else await linkUnlessThere(fresh, path);
    return (await readTextIfExists(path))!;
  } catch (error) {
    throw translateFull(error, path);
  } finally {
    await rm(fresh, { force: true });
  }
}

/** A link, unlike a rename, never takes the place of what somebody else has made just now. */
async function linkUnlessThere(fresh: string, path: string): Promise<void> {
  try {
    await link(fresh, path);
  } catch (error) {
    // Some file systems have no hard links; two commands at once are rarer than those.
    if (isSystemError(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) await rename(fresh, path);
    else if (!isSystemError(error, 'EEXIST')) throw error;
  }
}
