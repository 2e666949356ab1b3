import { constants } from 'node:fs';
import { copyFile, cp, glob, mkdir, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';

/**
 * The paths that a list of names and patterns stands for, in order. A pattern (`*`, `?`, `[`) may match nothing
 * only as far as the caller minds; a name must exist.
 * @throws KilnError `file-missing` naming the option
 */
export async function expandPaths(option: string, names: readonly string[]): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const name of names) {
    if (/[*?[]/.test(name) && !(await exists(name))) {
      const matches: string[] = [];
      for await (const match of glob(name)) matches.push(match);
      if (matches.length === 0) throw missing(option, name, 'matches no file');
      paths.push(...matches.sort());
    } else if (await exists(name)) paths.push(name);
    else throw missing(option, name, 'does not exist');
  }
  return paths;
}

/** Copies a file, or a folder with all that is in it, into a folder. Links are followed. */
export async function copyInto(folder: string, path: string): Promise<void> {
  // A trailing slash means the content of the folder and not the folder itself.
  const target = path.endsWith('/') ? folder : join(folder, basename(path));
  if ((await stat(path)).isDirectory()) {
    await cp(path, target, { recursive: true, dereference: true, mode: constants.COPYFILE_FICLONE });
  } else await copyFile(path, join(folder, basename(path)), constants.COPYFILE_FICLONE);
}

/** Writes texts by path under a folder; a path cannot lead out of it. */
export async function writeTexts(folder: string, texts: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(texts)) {
    const target = join(folder, posix.normalize(`/${path}`));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

function missing(option: string, name: string, what: string): KilnError {
  return new KilnError('file-missing', `${option}: ${name} ${what}`);
}
