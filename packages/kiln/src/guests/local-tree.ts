import type { Dirent, Stats } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';

/** One thing in a local folder. `path` is relative to the folder, with `/` between the names. */
export type TreeEntry =
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      readonly size: number;
      readonly local: string;
    }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string };

export interface TreeReading {
  /** Names to leave out, relative to the folder. */
  readonly exclude?: readonly string[] | undefined;
  /** What links lead to stands in their place, unless that is a folder around them. */
  readonly followLinks?: boolean;
}

/**
 * Everything in a local folder, folders before what is in them, names sorted. Sockets, pipes and devices are left
 * out: they mean nothing in another machine.
 * @throws KilnError `file-missing`
 */
export async function readTree(
  root: string,
  { exclude = [], followLinks = false }: TreeReading = {},
): Promise<readonly TreeEntry[]> {
  const excluded = new Set(exclude.map((name) => name.replace(/^\.?\/+|\/+$/g, '')));
  const entries: TreeEntry[] = [];
  const visit = async (relative: string, above: readonly string[]): Promise<void> => {
    const folder = join(root, relative);
    const children = await list(folder);
    const around = followLinks ? [...above, await realpath(folder)] : above;
    children.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of children) {
      const path = relative === '' ? child.name : `${relative}/${child.name}`;
      if (excluded.has(path)) continue;
      const local = join(root, path);
      if (child.isSymbolicLink() && !followLinks) {
        entries.push({ kind: 'symlink', path, target: await readlink(local) });
        continue;
      }
      const facts = await factsOf(local);
      if (!facts) continue;
      if (facts.isDirectory()) {
        if (child.isSymbolicLink() && isAround(await realpath(local), around)) continue;
        entries.push({ kind: 'folder', path, mode: facts.mode & 0o7777 });
        await visit(path, around);
      } else if (facts.isFile()) {
        entries.push({ kind: 'file', path, mode: facts.mode & 0o7777, size: facts.size, local });
      }
    }
  };
  await visit('', []);
  return entries;
}

/** Undefined for a symlink that leads nowhere, and for what has just gone away. */
async function factsOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ELOOP')) return undefined;
    throw error;
  }
}

/** Whether a folder is around any of those that were entered on the way, through links or not. */
function isAround(folder: string, entered: readonly string[]): boolean {
  const inside = folder === '/' ? folder : `${folder}/`;
  return entered.some((one) => one === folder || one.startsWith(inside));
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) {
      throw new KilnError('file-missing', `the folder ${folder} cannot be read: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}
