import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { FoundBase, ProfileInput, ProfileReading } from './profile-reading.ts';
import { readProfile } from './read-profile.ts';

/** The name of the file that commands look for. */
export const profileFileName = 'kiln.profile.yaml';

export interface LoadOptions extends Pick<ProfileInput, 'parameters' | 'facts' | 'env'> {
  /** `$KILN_HOME`: bases are looked for in its store and its downloads. */
  readonly home: string;
  /** Where a relative `file` starts. */
  readonly cwd: string;
  readonly signal: AbortSignal;
}

/**
 * Reads a profile from a file, and looks up the bases that are in the store or behind URLs.
 * Mistakes are in the reading's diagnostics; before they are printed, its secrets have to be hidden.
 * @throws KilnError `file-missing`, `cancelled`
 */
export async function loadProfile(file: string, options: LoadOptions): Promise<ProfileReading> {
  const text = await readText(file, options.cwd);
  return readWithBases({ file, text, bases: new Map(), ...options }, options);
}

/** `readProfile`, repeated until every base was looked up. @throws KilnError `cancelled` */
export async function readWithBases(
  input: ProfileInput,
  options: Pick<LoadOptions, 'home' | 'env' | 'signal'>,
): Promise<ProfileReading> {
  const bases = new Map<string, FoundBase>(input.bases);
  for (;;) {
    const reading = readProfile({ ...input, bases });
    if (reading.missing.length === 0) return reading;
    // The store and downloads are most of what there is to load, and seldom needed.
    const { lookUpBase } = await import('./look-up-base.ts');
    const found = await Promise.all(reading.missing.map((base) => lookUpBase(base, options)));
    reading.missing.forEach((base, index) => void bases.set(base.key, found[index]!));
  }
}

async function readText(file: string, cwd: string): Promise<string> {
  try {
    return (await readFile(resolve(cwd, file), 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) {
      throw new KilnError('file-missing', `there is no file ${file}`, {
        hint: `name a profile, or change into a folder that has a ${profileFileName}`,
        cause: error,
      });
    }
    if (isSystemError(error, 'EACCES', 'EISDIR', 'EPERM')) {
      throw new KilnError('file-missing', `${file} cannot be read: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
