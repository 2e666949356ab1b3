import type { Dirent } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
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

/**
 * Everything in a local folder, folders before what is in them, names sorted. Sockets, pipes and devices are left
 * out: they mean nothing in another machine.
 * @throws KilnError `file-missing`
 */
export async function readTree(root: string, exclude: readonly string[] = []): Promise<readonly TreeEntry[]> {
  const excluded = new Set(exclude.map((name) => name.replace(/^\.?\/+|\/+$/g, '')));
  const entries: TreeEntry[] = [];
  const visit = async (relative: string): Promise<void> => {
    const children = await list(join(root, relative));
    children.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const child of children) {
      const path = relative === '' ? child.name : `${relative}/${child.name}`;
      if (excluded.has(path)) continue;
      const local = join(root, path);
      if (child.isSymbolicLink()) {
        entries.push({ kind: 'symlink', path, target: await readlink(local) });
      } else if (child.isDirectory()) {
        entries.push({ kind: 'folder', path, mode: (await lstat(local)).mode & 0o7777 });
        await visit(path);
      } else if (child.isFile()) {
        const { mode, size } = await lstat(local);
        entries.push({ kind: 'file', path, mode: mode & 0o7777, size, local });
      }
    }
  };
  await visit('');
  return entries;
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
