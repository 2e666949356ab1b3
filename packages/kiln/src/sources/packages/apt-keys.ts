import { copyFile, mkdir, readdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import type { Release } from '../bootstrap/release.ts';

/** Where distributions and administrators keep the keys of archives. */
const keyringFolders = ['/usr/share/keyrings', '/etc/apt/keyrings', '/usr/local/share/keyrings'];

/**
 * The key files by which a distribution's own repositories are to be checked: the distribution's keyring, and what
 * this host's apt checks its mirror of the distribution by.
 * @param hostKeys named by the host's sources of this distribution (`Signed-By`)
 * @param hostTrust the host has such sources that name no key, so that every key it trusts will do
 * @throws KilnError `tool-missing` when there is no key at all
 */
export async function distributionKeys(
  distribution: Release['distribution'],
  hostKeys: readonly string[],
  hostTrust: boolean,
  aptFolder: string,
): Promise<string[]> {
  const found: string[] = [];
  const add = async (path: string) => {
    if (/\.(?:gpg|asc|pgp)$/.test(path) && !found.includes(path) && (await exists(path))) found.push(path);
  };
  for (const folder of keyringFolders) {
    for (const ending of ['gpg', 'pgp']) await add(join(folder, `${distribution}-archive-keyring.${ending}`));
  }
  for (const path of hostKeys) await add(path);
  if (hostTrust) {
    await add(join(aptFolder, 'trusted.gpg'));
    const parts = join(aptFolder, 'trusted.gpg.d');
    for (const name of await listIfThere(parts)) await add(join(parts, name));
  }
  if (found.length > 0) return found;
  const keyring = `/usr/share/keyrings/${distribution}-archive-keyring.gpg`;
  throw new KilnError('tool-missing', `this host has no keys to check ${distribution}'s packages by`, {
    hint:
      distribution === 'debian'
        ? 'sudo apt-get install debian-archive-keyring'
        : `install the package ubuntu-keyring, or copy ${keyring} from a machine with Ubuntu`,
  });
}

/** Puts keys into a folder of apt's (`Dir::Etc::trustedparts`): links, so that a renewed key counts. */
export async function placeKeys(folder: string, keys: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [index, path] of keys.entries()) {
    const name = `${String(index).padStart(2, '0')}-${basename(path).replace(/\.pgp$/, '.gpg')}`;
    try {
      await symlink(path, join(folder, name));
    } catch (error) {
      if (!isSystemError(error, 'EPERM')) throw error;
      await copyFile(path, join(folder, name));
    }
  }
}

/** The name that apt can tell a key's encoding by. */
export function keyFileName(key: Uint8Array): string {
  const armoured = Buffer.from(key.subarray(0, 1024)).includes('-----BEGIN PGP PUBLIC KEY BLOCK-----');
  return armoured ? 'key.asc' : 'key.gpg';
}

async function listIfThere(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'ENOTDIR')) return [];
    throw error;
  }
}
