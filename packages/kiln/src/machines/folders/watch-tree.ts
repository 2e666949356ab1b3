import { type FSWatcher, watch } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { Excluded } from './exclude-patterns.ts';

export interface WatchOptions {
  readonly excluded: Excluded;
  /** Told of every change: a path relative to the folder; empty for the folder itself. */
  readonly onChange: (path: string) => void;
  readonly onError: (error: KilnError) => void;
}

/**
 * Watches a folder and all below it. What is left out is not watched at all: the kernel's watches are few, and folders
 * such as node_modules are large.
 */
export class TreeWatcher {
  readonly #root: string;
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #closed = false;

  private constructor(root: string, options: WatchOptions) {
    this.#root = root;
    this.#options = options;
  }

  /** Settles when everything is watched. @throws KilnError `unsupported` when the kernel has no watches left */
  static async start(root: string, options: WatchOptions): Promise<TreeWatcher> {
    const watcher = new TreeWatcher(root, options);
    await watcher.#add('');
    return watcher;
  }

  close(): void {
    this.#closed = true;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async #add(folder: string): Promise<void> {
    if (this.#closed || this.#watchers.has(folder)) return;
    // First the watch, then the look: what is made in between is seen twice and not missed.
    if (!this.#watch(folder)) return;
    for (const name of await this.#namesIn(folder)) {
      const path = folder === '' ? name : `${folder}/${name}`;
      if ((await this.#isFolder(path)) && !this.#options.excluded(path, true)) await this.#add(path);
    }
  }

  #watch(folder: string): boolean {
    try {
      const watcher = watch(join(this.#root, folder), { persistent: true }, (_event, name) => {
        void this.#changed(folder, name ?? undefined);
      });
      watcher.on('error', () => this.#forget(folder));
      this.#watchers.set(folder, watcher);
      return true;
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false;
      if (isSystemError(error, 'ENOSPC', 'EMFILE')) throw noWatchesLeft(error);
      throw error;
    }
  }

  async #changed(folder: string, name: string | undefined): Promise<void> {
    if (this.#closed) return;
    const path = name === undefined ? folder : folder === '' ? name : `${folder}/${name}`;
    const isFolder = await this.#isFolder(path);
    if (this.#closed || this.#options.excluded(path, isFolder)) return;
    if (!isFolder) this.#forget(path);
    else if (path !== folder) {
      try {
        await this.#add(path);
      } catch (error) {
        if (!(error instanceof KilnError)) throw error;
        this.#options.onError(error);
      }
    }
    this.#options.onChange(path);
  }

  #forget(folder: string): void {
    if (folder === '') return;
    for (const [path, watcher] of this.#watchers) {
      if (path !== folder && !path.startsWith(`${folder}/`)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
  }

  async #isFolder(path: string): Promise<boolean> {
    try {
      return (await lstat(join(this.#root, path))).isDirectory();
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return false;
      throw error;
    }
  }

  async #namesIn(folder: string): Promise<string[]> {
    try {
      return await readdir(join(this.#root, folder));
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
      throw error;
    }
  }
}

function noWatchesLeft(cause: Error): KilnError {
  return new KilnError('unsupported', 'this host has no watches left for so many folders', {
    hint: 'exclude folders that need not be copied, or raise fs.inotify.max_user_watches with sysctl',
    cause,
  });
}
