import { readFile } from 'node:fs/promises';
import { namesInRelation, parseStanza, type Stanza } from './control-stanza.ts';
import { compareVersions } from './debian-version.ts';

/** One version of a package in one index. */
export interface IndexedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Undefined in indexes so old that they have no such digest. */
  readonly sha256: string | undefined;
  readonly size: number;
  /** Below the base of the repository. */
  readonly path: string;
  readonly stanza: Stanza;
  /** Which of the files that were loaded it stands in. */
  readonly file: string;
}

/**
 * Packages files (one paragraph a package and version) of some repositories, looked up by name. Reading them takes
 * a tenth of a second for a whole distribution: only the places of the paragraphs are noted, and what is asked for is
 * parsed.
 */
export class PackageIndex {
  readonly #files: readonly { readonly path: string; readonly bytes: Buffer }[];
  /** By package: in which file, and from where to where. */
  readonly #places = new Map<string, [file: number, start: number, end: number][]>();

  private constructor(files: readonly { readonly path: string; readonly bytes: Buffer }[]) {
    this.#files = files;
    for (const [file, { bytes }] of files.entries()) this.#scan(file, bytes);
  }

  /** @param paths in the order of the sources: of two repositories that have the same, the first one is taken */
  static async load(paths: readonly string[]): Promise<PackageIndex> {
    return new PackageIndex(
      await Promise.all(paths.map(async (path) => ({ path, bytes: await readFile(path) }))),
    );
  }

  #scan(file: number, bytes: Buffer): void {
    let start = 0;
    while (start < bytes.length) {
      const found = bytes.indexOf('\n\n', start, 'latin1');
      const end = found < 0 ? bytes.length : found;
      const name = nameAt(bytes, start, end);
      if (name !== undefined) {
        const places = this.#places.get(name);
        if (places) places.push([file, start, end]);
        else this.#places.set(name, [[file, start, end]]);
      }
      start = end + 2;
    }
  }

  /** Every version of a package, newest first; those of other architectures too. */
  find(name: string): IndexedPackage[] {
    return (this.#places.get(name) ?? [])
      .map(([file, start, end]) => {
        const { path, bytes } = this.#files[file]!;
        return asPackage(parseStanza(bytes.toString('utf8', start, end)), path);
      })
      .sort((a, b) => compareVersions(b.version, a.version));
  }

  has(name: string): boolean {
    return this.#places.has(name);
  }

  names(): IterableIterator<string> {
    return this.#places.keys();
  }

  /** Names of the packages that provide a virtual one, sorted. */
  providersOf(name: string): string[] {
    const providers = new Set<string>();
    for (const { bytes } of this.#files) {
      for (let at = bytes.indexOf('\nProvides: '); at >= 0; at = bytes.indexOf('\nProvides: ', at + 1)) {
        const end = bytes.indexOf('\n', at + 1);
        const line = bytes.toString('latin1', at + '\nProvides: '.length, end < 0 ? bytes.length : end);
        if (!line.includes(name) || !namesInRelation(line).includes(name)) continue;
        const before = bytes.lastIndexOf('\n\n', at);
        const provider = nameAt(bytes, before < 0 ? 0 : before + 2, at);
        if (provider !== undefined) providers.add(provider);
      }
    }
    return [...providers].sort();
  }
}

const field = Buffer.from('Package: ');

/** The value of `Package:`, which nearly every index has in the first line of a paragraph. */
function nameAt(bytes: Buffer, start: number, end: number): string | undefined {
  let at = start;
  while (at < end) {
    const lineEnd = bytes.indexOf(10, at);
    const stop = lineEnd < 0 || lineEnd > end ? end : lineEnd;
    if (bytes.compare(field, 0, field.length, at, Math.min(at + field.length, stop)) === 0)
      return bytes.toString('latin1', at + field.length, stop).trim();
    at = stop + 1;
  }
  return undefined;
}

function asPackage(stanza: Stanza, file: string): IndexedPackage {
  return {
    name: stanza.get('package') ?? '',
    version: stanza.get('version') ?? '',
    architecture: stanza.get('architecture') ?? '',
    sha256: stanza.get('sha256')?.toLowerCase(),
    size: Number(stanza.get('size') ?? 0),
    path: stanza.get('filename')?.replace(/^\.\//, '') ?? '',
    stanza,
    file,
  };
}
