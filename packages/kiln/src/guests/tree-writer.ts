import { chmod, link, lstat, mkdir, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { type FileReceiver, receiveFile } from './received-file.ts';

/**
 * Writes what a machine sends below one local folder, and never outside it: names that lead out, and paths through
 * symlinks, are refused.
 */
export class TreeWriter {
  readonly #root: string;
  readonly #realFolders = new Set<string>();
  readonly #folderModes: (readonly [path: string, mode: number])[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the local folder itself. */
  async begin(): Promise<void> {
    await mkdir(this.#root, { recursive: true });
  }

  /** @throws KilnError `file-unsafe` */
  async folder(names: readonly string[], mode: number): Promise<void> {
    await this.#enter(names);
    this.#folderModes.push([join(this.#root, ...names), mode & 0o777]);
  }

  /** @throws KilnError `file-unsafe`, `disk-full` */
  async file(names: readonly string[]): Promise<FileReceiver> {
    const path = await this.#place(names);
    return await receiveFile(path);
  }

  /** @throws KilnError `file-unsafe` */
  async symlink(names: readonly string[], target: string): Promise<void> {
    await symlink(target, await this.#place(names));
  }

  /** A second name for a file that was written before. @throws KilnError `file-unsafe` */
  async hardLink(names: readonly string[], targetNames: readonly string[]): Promise<void> {
    check(targetNames);
    await this.#enter(targetNames.slice(0, -1));
    const target = join(this.#root, ...targetNames);
    if (!(await lstat(target)).isFile()) {
      throw new KilnError('file-unsafe', `the machine sent a hard link to ${target}, which is no file`);
    }
    await link(target, await this.#place(names));
  }

  /** Sets the folders' permission bits, which may forbid writing, once everything is in them. */
  async finish(): Promise<void> {
    for (const [path, mode] of this.#folderModes.reverse()) await chmod(path, mode);
  }

  /** Path of a new entry whose folder is there; an old entry that cannot be written in place is removed. */
  async #place(names: readonly string[]): Promise<string> {
    check(names);
    await this.#enter(names.slice(0, -1));
    const path = join(this.#root, ...names);
    const kind = await kindOf(path);
    if (kind === 'folder') {
      throw new KilnError('step-failed', `${path} is a folder here but not in the machine`);
    }
    if (kind !== 'nothing') await unlink(path);
    return path;
  }

  async #enter(names: readonly string[]): Promise<void> {
    if (names.length > 0) check(names);
    let path = this.#root;
    for (const name of names) {
      path = join(path, name);
      if (this.#realFolders.has(path)) continue;
      const kind = await kindOf(path);
      if (kind === 'nothing') await mkdir(path, 0o700);
      else if (kind !== 'folder') {
        throw new KilnError('file-unsafe', `the machine wants to write through ${path}, which is no folder`);
      }
      this.#realFolders.add(path);
    }
  }
}

function check(names: readonly string[]): void {
  for (const name of names) {
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0')) {
      throw new KilnError(
        'file-unsafe',
        `the machine sent a file named ${JSON.stringify(names.join('/'))}, which could lead out of the folder`,
      );
    }
  }
}

async function kindOf(path: string): Promise<'nothing' | 'folder' | 'other'> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 'nothing';
    throw error;
  }
}
