import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { storeLayout } from '../home.ts';

/**
 * A random key that belongs to this store and leaves it never. Digests of secrets are made with it, so that they tell
 * whether a secret has changed, and nothing else, to nobody without this file (mode 0600).
 */
export async function storeSecretKey(home: string): Promise<string> {
  const folder = storeLayout(home).checkpoints;
  const path = join(folder, 'secret-key');
  const known = await readIfThere(path);
  if (known) return known;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const fresh = `${path}.${process.pid}.tmp`;
  await writeFile(fresh, randomBytes(32).toString('hex'), { mode: 0o600 });
  // Of two commands that make one at the same time, the later wins for both from the next command on.
  await rename(fresh, path);
  return (await readIfThere(path))!;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')) || undefined;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}
