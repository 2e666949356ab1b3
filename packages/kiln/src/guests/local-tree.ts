import type { Dirent, Stats } from 'node:fs';
import { readdir, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  /** For machines without symlinks: what they lead to stands in their place, unless that is a folder around them. */
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
  const visit = async (relative: string): Promise<void> => {
    const children = await list(join(root, relative));
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
        if (child.isSymbolicLink() && (await isAround(local))) continue;
        entries.push({ kind: 'folder', path, mode: facts.mode & 0o7777 });
        await visit(path);
      } else if (facts.isFile()) {
        entries.push({ kind: 'file', path, mode: facts.mode & 0o7777, size: facts.size, local });
      }
    }
  };
  await visit('');
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

/** Whether a symlink leads to a folder that it is in. */
async function isAround(link: string): Promise<boolean> {
  const target = await realpath(link);
  const here = await realpath(dirname(link));
  return here === target || here.startsWith(target === '/' ? target : `${target}/`);
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
