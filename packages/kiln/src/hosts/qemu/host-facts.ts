import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';

/**
 * Facts about this host that cost time to find out, kept under `$KILN_HOME/host` with a key that says what they
 * were true for. A fact whose key has changed is found out again; losing the file costs nothing but time.
 */
export async function rememberedFact<T>(
  home: string,
  name: string,
  key: string,
  isFact: (value: unknown) => value is T,
  find: () => Promise<T>,
): Promise<T> {
  const path = join(home, 'host', `${name}.json`);
  const known = await readQuietly(path);
  if (typeof known === 'object' && known !== null && 'key' in known && 'fact' in known) {
    if (known.key === key && isFact(known.fact)) return known.fact;
  }
  const fact = await find();
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, `${JSON.stringify({ key, fact }, undefined, 1)}\n`);
  } catch (error) {
    // A home that cannot be written to is reported by whoever needs it.
    if (!(error instanceof KilnError) && !isSystemError(error, 'EACCES', 'EROFS', 'EPERM', 'ENOENT'))
      throw error;
  }
  return fact;
}

async function readQuietly(path: string): Promise<unknown> {
  try {
    return await readJsonIfExists(path);
  } catch (error) {
    if (error instanceof KilnError || isSystemError(error, 'EACCES')) return undefined;
    throw error;
  }
}
