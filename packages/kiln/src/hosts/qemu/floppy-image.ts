import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KilnError } from '../../base/errors.ts';
import { runOrFail } from '../../base/processes.ts';
import { copyInto, expandPaths, writeTexts } from './media-files.ts';
import { needProgram } from './programs.ts';

export interface FloppyContents {
  /** Go into the root; of a folder, all files below it do, without their folders. */
  readonly files: readonly string[];
  /** Go in with their names and all that is in them. */
  readonly directories: readonly string[];
  readonly content: Readonly<Record<string, string>>;
  readonly label: string;
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/**
 * Makes a floppy image of 1.44 MB with a FAT12 filesystem. Returns its path.
 * @throws KilnError `file-missing`, `unsupported` when it does not fit, `tool-missing`, `tool-failed`, `cancelled`
 */
export async function makeFloppy(contents: FloppyContents): Promise<string> {
  const mformat = needProgram('mformat', 'makes floppy images');
  const mcopy = needProgram('mcopy', 'fills floppy images');
  const { scratch, signal } = contents;
  const staging = join(scratch, 'floppy');
  const image = join(scratch, 'floppy.img');
  await mkdir(staging, { mode: 0o700 });
  try {
    for (const path of await expandPaths('floppy_files', contents.files)) {
      for (const file of await filesBelow(path)) await copyInto(staging, file);
    }
    for (const path of await expandPaths('floppy_dirs', contents.directories)) {
      await copyInto(staging, path.replace(/\/+$/, ''));
    }
    await writeTexts(staging, contents.content);
    const label = (contents.label || 'packer').slice(0, 11);
    await runOrFail(mformat, ['-i', image, '-C', '-f', '1440', '-v', label, '::'], { signal });
    const entries = (await readdir(staging)).sort().map((name) => join(staging, name));
    if (entries.length > 0) await copyToFloppy(mcopy, image, entries, signal);
    return image;
  } catch (error) {
    await rm(image, { force: true });
    throw error;
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

async function copyToFloppy(
  mcopy: string,
  image: string,
  entries: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await runOrFail(mcopy, ['-Q', '-s', '-i', image, ...entries, '::'], { signal });
  } catch (error) {
    if (error instanceof KilnError && /Disk full|No free cluster/i.test(error.message)) {
      const names = entries.map((path) => basename(path)).join(', ');
      throw new KilnError('unsupported', `a floppy of 1.44 MB cannot hold all of ${names}`, {
        hint: 'use cd_files instead of floppy_files',
        cause: error,
      });
    }
    throw error;
  }
}

async function filesBelow(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
