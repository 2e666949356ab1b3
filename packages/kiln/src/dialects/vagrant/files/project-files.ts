import { lstatSync, readdirSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path/posix';
import { Errno, FileType, WasiError } from '../ruby/wasi/wasi-codes.ts';
import { onHost, translate } from './host-look.ts';
import type { InputRecorder } from './input-recorder.ts';
import { MemoryFile, MemoryTree } from './memory-files.ts';
import { digestContent, digestNames, longestFile, type PathType, readRegularFile } from './observe.ts';
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

/** What `Dir.tmpdir` says; it exists for the evaluation only. */
const temporaryFolder = '/.kiln/tmp';

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
  readonly #typeOutOfReach: (path: string) => PathType;
  readonly #sources = new Map<string, string>();

  /** `typeOutOfReach` says what stands at a path that this process may not look at. */
  constructor(
    reach: Reach,
    inputs: InputRecorder,
    typeOutOfReach: (path: string) => PathType = () => 'none',
  ) {
    this.#reach = reach;
    this.#inputs = inputs;
    this.#typeOutOfReach = typeOutOfReach;
    this.memory.set(temporaryFolder, { kind: 'folder', modified: 0 });
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
    const found = this.#look(at);
    if (found === undefined) return this.#statusOutOfReach(at);
    if (found.isSymbolicLink()) {
      if (followLink) {
        const real = onHost(() => realpathSync.native(at));
        return this.status(real, false);
      }
      this.#inputs.sawFile(at, 'link');
      return fileStatus(FileType.link, 0, 0);
    }
    const type = found.isDirectory() ? FileType.folder : found.isFile() ? FileType.file : FileType.device;
    if (
      type !== FileType.file ||
      !mayRead(
        this.#reach,
        onHost(() => realpathSync.native(at)),
      )
    ) {
      return fileStatus(type, 0, 0);
    }
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
    const type = this.status(at, true).type;
    if (type === FileType.folder) throw new WasiError(Errno.isFolder);
    const real = this.#realWithin(at, mayRead, 'read');
    const bytes = onHost(() => readRegularFile(real));
    this.#inputs.sawFile(at, 'content', digestContent(real, bytes));
    if (isSource(at)) this.#sources.set(at, bytes.toString('utf8'));
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
      if (this.status(at, true).type !== FileType.folder) throw new WasiError(Errno.notFolder);
      const real = this.#realWithin(at, mayList, 'list');
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

  /** Texts of what may be Ruby among the files that were read. */
  get sources(): Iterable<string> {
    return this.#sources.values();
  }

  /** Files of the project that were made or changed. */
  get writtenPaths(): string[] {
    const isProject = (path: string) => this.#reach.project.some((folder) => path.startsWith(`${folder}/`));
    const changes = this.memory.changes().filter(([path, node]) => node.kind === 'file' && isProject(path));
    return changes.map(([path]) => path);
  }

  /** Undefined when this process may not know. */
  #look(path: string): Stats | undefined {
    try {
      const found = lstatSync(path);
      this.#inputs.sawFile(path, 'type');
      return found;
    } catch (error) {
      const translated = translate(error);
      if (translated instanceof WasiError && translated.errno === Errno.access) return undefined;
      this.#inputs.sawFile(path, 'type');
      throw translated;
    }
  }

  #statusOutOfReach(path: string): FileStatus {
    const type = this.#typeOutOfReach(path);
    this.#inputs.sawFile(path, 'type', type);
    if (type === 'none') throw new WasiError(Errno.missing);
    return fileStatus(
      type === 'folder' ? FileType.folder : type === 'file' ? FileType.file : FileType.device,
      0,
      0,
    );
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
    if (this.status(parent, true).type !== FileType.folder) throw new WasiError(Errno.notFolder);
    const changeable = (reach: Reach, real: string) => mayChange(reach, join(real, basename(path)));
    this.#realWithin(parent, changeable, 'change', path);
  }

  /** The real path, if it may be used so. A path that exists but cannot be resolved is out of reach. */
  #realWithin(
    path: string,
    allowed: (reach: Reach, real: string) => boolean,
    what: FileRefusal['what'],
    named: string = path,
  ): string {
    let real: string;
    try {
      real = realpathSync.native(path);
    } catch {
      throw this.#refuse(named, what);
    }
    if (!allowed(this.#reach, real)) throw this.#refuse(named, what);
    return real;
  }

  #refuse(path: string, what: FileRefusal['what']): WasiError {
    this.refusals.set(`${what} ${path}`, { path, what });
    return new WasiError(Errno.access);
  }
}

/** Ruby is loaded from files of any name; long ones are data. */
function isSource(path: string): boolean {
  return path.endsWith('.rb') || !/\.(?:ya?ml|json|txt|md|pub|ini|toml|env|conf|cfg|sh)$/.test(path);
}

function fileStatus(type: FileStatus['type'], size: number, modified: number): FileStatus {
  return { type, size, modified, inode: 0n };
}
