import type { SystemEntry, SystemFiles } from '../../supply/system/system-files.ts';
import { decodeName, encodeName } from './byte-names.ts';
import type { TreeAccess, TreeEntryFound } from './tree-access.ts';

/**
 * The files of an image, of which all names are known already.
 * @param gaps what could not be read of it, as sentences
 * @param close gives back what the image is read with
 */
export function imageAccess(
  files: SystemFiles,
  gaps: readonly string[],
  close: () => Promise<void>,
): TreeAccess {
  return new ImageAccess(files, gaps, close);
}

class ImageAccess implements TreeAccess {
  readonly gaps: readonly string[];
  readonly close: () => Promise<void>;
  readonly #files: SystemFiles;
  /** Names in each folder, by its path in the tree. */
  readonly #names = new Map<string, string[]>();

  constructor(files: SystemFiles, gaps: readonly string[], close: () => Promise<void>) {
    this.#files = files;
    this.gaps = gaps;
    this.close = close;
    for (const path of files.entries.keys()) {
      if (path === '') continue;
      const slash = path.lastIndexOf('/');
      const folder = slash < 0 ? '' : path.slice(0, slash);
      const known = this.#names.get(folder);
      if (known) known.push(path.slice(slash + 1));
      else this.#names.set(folder, [path.slice(slash + 1)]);
    }
  }

  async entry(path: string): Promise<TreeEntryFound | undefined> {
    return this.#look(treePath(path));
  }

  async children(path: string): Promise<TreeEntryFound[] | undefined> {
    const folder = treePath(path);
    if (folder !== '' && this.#files.entries.get(folder)?.kind !== 'directory') return undefined;
    return (this.#names.get(folder) ?? []).flatMap(
      (name) => this.#look(folder === '' ? name : `${folder}/${name}`) ?? [],
    );
  }

  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    const real = this.#realName(treePath(path));
    const entry = this.#files.entries.get(real);
    if (entry?.kind !== 'file' || entry.size > limit) return undefined;
    return this.#files.read(real);
  }

  #look(path: string): TreeEntryFound | undefined {
    const entry = this.#files.entries.get(this.#realName(path));
    return entry && entry.kind !== 'link'
      ? foundEntry(`/${decodeName(Buffer.from(path, 'latin1'))}`, entry)
      : undefined;
  }

  /** Further names of a file stand for its first one, which comes earlier and is none itself. */
  #realName(path: string): string {
    const entry = this.#files.entries.get(path);
    return entry?.kind === 'link' ? entry.to : path;
  }
}

function foundEntry(path: string, entry: Exclude<SystemEntry, { kind: 'link' }>): TreeEntryFound {
  const { kind, mode, uid, gid } = entry;
  return {
    ...{ path, kind, mode, uid, gid },
    size: kind === 'file' ? entry.size : 0,
    ...(kind === 'symlink' ? { target: decodeName(Buffer.from(entry.target, 'latin1')) } : {}),
  };
}

/** A path as trees have it: without a slash at the start, one character a byte. */
function treePath(path: string): string {
  return encodeName(path.replace(/^\/+/, '')).toString('latin1');
}
