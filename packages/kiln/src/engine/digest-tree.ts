import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { access, constants, glob, lstat, readdir, readlink, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { digestFile } from '../base/files.ts';

/**
 * Hex SHA-256 over a file's, or a whole folder's, names, permission bits, link targets and bytes, also of what links
 * lead to: copying by scp follows them. Times do not count, and owners only when they are asked for. The path may be
 * a pattern when nothing has that very name.
 * @throws KilnError `file-missing`
 */
export async function digestTree(path: string, options: { readonly owners?: boolean } = {}): Promise<string> {
  const hash = createHash('sha256');
  const found = await matching(path);
  if (found.length === 0) throw new KilnError('file-missing', `${path} does not exist or cannot be read`);
  for (const match of found) {
    hash.update(`${path === match ? '' : basename(match)}\0`);
    await addEntry(hash, match, '', await stat(match), options.owners ?? false, []);
  }
  return hash.digest('hex');
}

type Hash = ReturnType<typeof createHash>;

async function addEntry(
  hash: Hash,
  path: string,
  name: string,
  info: Stats,
  owners: boolean,
  above: readonly string[],
): Promise<void> {
  const bits = (Number(info.mode) & 0o7777).toString(8);
  const mode = owners ? `${bits} ${info.uid} ${info.gid}` : bits;
  if (info.isFile()) {
    hash.update(`file\0${name}\0${mode}\0${await digestFile(path)}\0`);
  } else if (info.isSymbolicLink()) {
    hash.update(`link\0${name}\0${await readlink(path)}\0`);
    const target = await targetOf(path, above);
    if (target) await addEntry(hash, path, name, target, owners, above);
  } else if (info.isDirectory()) {
    hash.update(`folder\0${name}\0${mode}\0`);
    const around = [...above, await realpath(path)];
    for (const entry of (await readdir(path)).sort()) {
      const inner = join(path, entry);
      await addEntry(
        hash,
        inner,
        name === '' ? entry : `${name}/${entry}`,
        await lstat(inner),
        owners,
        around,
      );
    }
  } else {
    hash.update(`other\0${name}\0${mode}\0`);
  }
}

/** What a link leads to; undefined when that is nothing, or a folder that it is in. */
async function targetOf(link: string, above: readonly string[]): Promise<Stats | undefined> {
  try {
    const target = await realpath(link);
    const inside = target === '/' ? target : `${target}/`;
    return above.some((one) => `${one}/`.startsWith(inside)) ? undefined : await stat(link);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) return undefined;
    throw error;
  }
}

/** Whether `digestTree` would find something. */
export async function canBeRead(path: string): Promise<boolean> {
  return (await matching(path)).length > 0;
}

async function matching(path: string): Promise<string[]> {
  try {
    await access(path, constants.R_OK);
    return [path];
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
  }
  const found: string[] = [];
  if (/[*?[]/.test(path)) for await (const match of glob(path)) found.push(match);
  return found.sort();
}
