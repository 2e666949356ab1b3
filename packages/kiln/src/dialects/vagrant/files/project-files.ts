import { lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path/posix';
import { isSystemError } from '../../../base/errors.ts';
import { Errno, FileType, WasiError } from '../ruby/wasi/wasi-codes.ts';
import type { InputRecorder } from './input-recorder.ts';
import { MemoryFile, MemoryTree } from './memory-files.ts';
import { digestContent, digestNames, longestFile, readRegularFile } from './observe.ts';
import { mayChange, mayList, mayRead, type Reach } from './reach.ts';

export interface FileStatus {
  readonly type: (typeof FileType)[keyof typeof FileType];
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  readonly inode: bigint;
}

/** Something that was not allowed. */
export interface FileRefusal {
  readonly path: string;
  readonly what: 'read' | 'list' | 'change';
}

const mostMemory = 64 * 1024 * 1024;

/**
 * The host's files as an evaluation sees them. What is out of reach can be asked whether it exists, as far as the user
 * may know, and nothing else. Changes stay in memory. Every look is recorded. All methods take absolute paths and throw
 * `WasiError`.
 */
export class ProjectFiles {
  readonly memory = new MemoryTree();
  readonly refusals = new Map<string, FileRefusal>();
  readonly #reach: Reach;
  readonly #inputs: InputRecorder;

  constructor(reach: Reach, inputs: InputRecorder) {
    this.#reach = reach;
    this.#inputs = inputs;
    // Temporary files are the evaluation's own business; a trusted one shares them with the commands it runs.
    if (!reach.everything) this.memory.set('/tmp', { kind: 'folder', modified: 0 });
  }

  status(path: string, followLink: boolean, depth = 0): FileStatus {
    const at = this.#normal(path);
    const node = this.memory.get(at);
    if (node !== undefined) {
      if (node.kind === 'gone') throw new WasiError(Errno.missing);
      if (node.kind === 'file') return fileStatus(FileType.file, node.file.length, node.modified);
      if (node.kind === 'folder') return fileStatus(FileType.folder, 0, node.modified);
      return followLink
        ? this.status(this.#target(at, node.target, depth), true, depth + 1)
        : fileStatus(FileType.link, node.target.length, node.modified);
    }
    this.#inputs.sawFile(at, 'type');
    const found = onHost(() => lstatSync(at));
    if (found.isSymbolicLink()) {
      if (followLink) {
        const real = onHost(() => realpathSync.native(at));
        return this.status(real, false);
      }
      this.#inputs.sawFile(at, 'link');
      return fileStatus(FileType.link, 0, 0);
    }
    const type = found.isDirectory() ? FileType.folder : found.isFile() ? FileType.file : FileType.device;
    if (type !== FileType.file || !mayRead(this.#reach, this.#real(at))) return fileStatus(type, 0, 0);
    this.#inputs.sawFile(at, 'stat', `file ${found.size} ${found.mtimeMs}`);
    return { type, size: found.size, modified: found.mtimeMs, inode: BigInt(found.ino) };
  }

  /** What a path holds; later writes to the result are seen by nobody else unless it was opened for writing. */
  read(path: string): MemoryFile {
    const at = this.#follow(this.#normal(path));
    const node = this.memory.get(at);
    if (node?.kind === 'gone') throw new WasiError(Errno.missing);
    if (node?.kind === 'file') return node.file;
    if (node?.kind === 'folder') throw new WasiError(Errno.isFolder);
    if (at === '/dev/null') return new MemoryFile();
    this.#inputs.sawFile(at, 'type');
    const real = onHost(() => realpathSync.native(at));
    if (lstatSync(real).isDirectory()) throw new WasiError(Errno.isFolder);
    if (!mayRead(this.#reach, real)) throw this.#refuse(at, 'read');
    const bytes = onHost(() => readRegularFile(real));
    this.#inputs.sawFile(at, 'content', digestContent(real, bytes));
    return new MemoryFile(bytes);
  }

  /** The file, as one whose changes the evaluation sees from now on. */
  readForWriting(
    path: string,
    options: { create: boolean; exclusive: boolean; truncate: boolean },
  ): MemoryFile {
    const at = this.#follow(this.#normal(path));
    if (at === '/dev/null') return new MemoryFile();
    const there = this.#exists(at);
    if (there && options.exclusive) throw new WasiError(Errno.exists);
    if (!there && !options.create) throw new WasiError(Errno.missing);
    this.#checkChange(at);
    const file = there && !options.truncate ? this.read(at) : there ? this.#emptied(at) : new MemoryFile();
    this.memory.set(at, { kind: 'file', file, modified: Date.now() });
    return file;
  }

  list(path: string): { name: string; type: number }[] {
    const at = this.#follow(this.#normal(path));
    const node = this.memory.get(at);
    if (node?.kind === 'gone') throw new WasiError(Errno.missing);
    if (node?.kind === 'file') throw new WasiError(Errno.notFolder);
    const found = new Map<string, number>();
    if (node === undefined) {
      this.#inputs.sawFile(at, 'type');
      const real = onHost(() => realpathSync.native(at));
      if (!lstatSync(real).isDirectory()) throw new WasiError(Errno.notFolder);
      if (!mayList(this.#reach, real)) throw this.#refuse(at, 'list');
      const entries = onHost(() => readdirSync(real, { withFileTypes: true }));
      this.#inputs.sawFile(at, 'names', digestNames(entries.map(({ name }) => name)));
      for (const entry of entries) {
        found.set(
          entry.name,
          entry.isDirectory()
            ? FileType.folder
            : entry.isSymbolicLink()
              ? FileType.link
              : entry.isFile()
                ? FileType.file
                : FileType.device,
        );
      }
    }
    for (const [name, there] of this.memory.names(at)) {
      if (there) found.set(name, this.status(join(at, name), false).type);
      else found.delete(name);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, type]) => ({ name, type }));
  }

  readLink(path: string): string {
    const at = this.#normal(path);
    const node = this.memory.get(at);
    if (node !== undefined && node.kind !== 'link')
      throw new WasiError(node.kind === 'gone' ? Errno.missing : Errno.invalid);
    if (node !== undefined) return node.target;
    this.#inputs.sawFile(at, 'link');
    return onHost(() => readlinkSync(at));
  }

  makeFolder(path: string): void {
    const at = this.#normal(path);
    if (this.#exists(at)) throw new WasiError(Errno.exists);
    this.#checkChange(at);
    this.memory.set(at, { kind: 'folder', modified: Date.now() });
  }

  makeLink(path: string, target: string): void {
    const at = this.#normal(path);
    if (this.#exists(at)) throw new WasiError(Errno.exists);
    this.#checkChange(at);
    this.memory.set(at, { kind: 'link', target, modified: Date.now() });
  }

  removeFile(path: string): void {
    const at = this.#normal(path);
    if (this.status(at, false).type === FileType.folder) throw new WasiError(Errno.isFolder);
    this.#checkChange(at);
    this.memory.set(at, { kind: 'gone' });
  }

  removeFolder(path: string): void {
    const at = this.#normal(path);
    if (this.list(at).length > 0) throw new WasiError(Errno.notEmpty);
    this.#checkChange(at);
    this.memory.set(at, { kind: 'gone' });
  }

  renameFile(from: string, to: string): void {
    const [source, target] = [this.#normal(from), this.#normal(to)];
    const file = this.read(source);
    this.#checkChange(source);
    this.#checkChange(target);
    this.memory.set(target, { kind: 'file', file, modified: Date.now() });
    this.memory.set(source, { kind: 'gone' });
  }

  /** How much an evaluation keeps in memory is limited. */
  checkGrowth(more: number): void {
    let sum = more;
    for (const [, node] of this.memory.changes()) if (node.kind === 'file') sum += node.file.length;
    if (more > longestFile || sum > mostMemory) throw new WasiError(Errno.noSpace);
  }

  #normal(path: string): string {
    const normal = normalize(path);
    return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
  }

  /** Where links that the evaluation made lead to. */
  #follow(path: string, depth = 0): string {
    const node = this.memory.get(path);
    if (node?.kind !== 'link') return path;
    return this.#follow(this.#target(path, node.target, depth), depth + 1);
  }

  #target(link: string, target: string, depth: number): string {
    if (depth > 20) throw new WasiError(Errno.loop);
    return this.#normal(target.startsWith('/') ? target : join(dirname(link), target));
  }

  #exists(path: string): boolean {
    try {
      this.status(path, true);
      return true;
    } catch (error) {
      if (error instanceof WasiError && error.errno === Errno.missing) return false;
      throw error;
    }
  }

  /** A file of the host is not even looked into when it is about to be written anew. */
  #emptied(path: string): MemoryFile {
    if (this.status(path, true).type === FileType.folder) throw new WasiError(Errno.isFolder);
    return new MemoryFile();
  }

  #checkChange(path: string): void {
    const parent = dirname(path);
    const node = this.memory.get(parent);
    if (node?.kind === 'gone') throw new WasiError(Errno.missing);
    if (node?.kind === 'file') throw new WasiError(Errno.notFolder);
    if (node !== undefined) return;
    const real = onHost(() => realpathSync.native(parent));
    if (!mayChange(this.#reach, join(real, basename(path)))) throw this.#refuse(path, 'change');
  }

  #real(path: string): string {
    return onHost(() => realpathSync.native(path));
  }

  #refuse(path: string, what: FileRefusal['what']): WasiError {
    this.refusals.set(`${what} ${path}`, { path, what });
    return new WasiError(Errno.access);
  }
}

function fileStatus(type: FileStatus['type'], size: number, modified: number): FileStatus {
  return { type, size, modified, inode: 0n };
}

function onHost<T>(look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) throw new WasiError(Errno.missing);
    if (isSystemError(error, 'ENOTDIR')) throw new WasiError(Errno.notFolder);
    if (isSystemError(error, 'ELOOP')) throw new WasiError(Errno.loop);
    if (isSystemError(error, 'EINVAL')) throw new WasiError(Errno.invalid);
    if (isSystemError(error, 'EFBIG')) throw new WasiError(Errno.tooLarge);
    // Node's permissions say ERR_ACCESS_DENIED; the rest is what the system does not allow this user.
    if (error instanceof Error && 'code' in error) throw new WasiError(Errno.access);
    throw error;
  }
}
