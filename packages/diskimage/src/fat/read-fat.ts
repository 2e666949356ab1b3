import type { DiskReader } from '../disk-reader.ts';
import type { ImageContent } from '../ext4/reader/file-content.ts';
import { DiskImageError } from '../read.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { type FatKind, type FatPlaces, readBootSector } from './read-boot-sector.ts';
import { type ChainPiece, ChainReader } from './read-chain.ts';
import { type DirectoryEntry, parseDirectory } from './read-directory.ts';

/** A FAT12, FAT16 or FAT32 filesystem, opened for reading only. Paths are as in TreeEntry; case counts only where two names differ by it. */
export interface FatFilesystem {
  readonly info: FatInfo;
  /** What a path leads to; `undefined` when there is nothing. */
  stat(path: string): Promise<FatStat | undefined>;
  /** The names in a directory, sorted, without `.` and `..`. @throws DiskImageError when there is no such directory */
  list(path: string): Promise<readonly FatName[]>;
  /** All of a file, up to `limit` bytes (default 64 MiB). @throws DiskImageError for a larger one, or what is no file */
  readFile(path: string, options?: { readonly limit?: number }): Promise<Uint8Array>;
  content(path: string): Promise<ImageContent>;
  /** Everything below (and with) `root`, parents first, each directory's names in order. Owned by root, 0755 and 0644. */
  entries(root?: string): AsyncIterable<TreeEntry<ImageContent>>;
}

export interface FatInfo {
  readonly kind: FatKind;
  readonly label: string;
  /** Serial number, 32 bits. */
  readonly volumeId: number;
  /** Bytes. */
  readonly clusterSize: number;
  readonly clusters: number;
}

export interface FatName {
  readonly name: string;
  readonly kind: 'file' | 'directory';
}

export interface FatStat {
  readonly kind: 'file' | 'directory';
  /** Bytes. */
  readonly size: number;
  /** Whole seconds since 1970, what is written taken for UTC. */
  readonly mtime: number;
}

/** Opens the filesystem that fills a disk or partition. @throws DiskImageError when it is none that can be read */
export async function readFat(disk: DiskReader): Promise<FatFilesystem> {
  const places = await readBootSector(disk);
  const filesystem = new FatReader(disk, places);
  await filesystem.open();
  return filesystem;
}

type Node = Omit<DirectoryEntry, 'kind'> & { readonly kind: 'file' | 'directory' };

/** Entries of a directory take 16 bits by the specification. */
const largestDirectory = 65536 * 32;
const usualLimit = 64 << 20;

class FatReader implements FatFilesystem {
  readonly #disk: DiskReader;
  readonly #places: FatPlaces;
  readonly #chains: ChainReader;
  #label = '';

  constructor(disk: DiskReader, places: FatPlaces) {
    this.#disk = disk;
    this.#places = places;
    this.#chains = new ChainReader(disk, places);
  }

  /** Reads the root directory, where the label is. */
  async open(): Promise<void> {
    const label = parseDirectory(await this.#rootBytes()).find(({ kind }) => kind === 'label');
    this.#label = label?.name ?? '';
  }

  get info(): FatInfo {
    const { kind, volumeId, clusterSize, clusters } = this.#places;
    return { kind, label: this.#label, volumeId, clusterSize, clusters };
  }

  async stat(path: string): Promise<FatStat | undefined> {
    const node = await this.#find(path);
    return node && { kind: node.kind, size: node.size, mtime: node.mtime };
  }

  async list(path: string): Promise<readonly FatName[]> {
    const children = await this.#children(await this.#need(path, 'directory'));
    return children.map(({ name, kind }) => ({ name, kind }));
  }

  async readFile(path: string, { limit = usualLimit } = {}): Promise<Uint8Array> {
    const node = await this.#need(path, 'file');
    if (node.size > limit)
      throw new DiskImageError(
        `"${path}" has ${node.size} bytes, more than the ${limit} that are read at once`,
      );
    const bytes = new Uint8Array(node.size);
    await new FatContent(this.#disk, this.#chains, node).read(bytes, 0);
    return bytes;
  }

  async content(path: string): Promise<ImageContent> {
    return new FatContent(this.#disk, this.#chains, await this.#need(path, 'file'));
  }

  async *entries(root = ''): AsyncGenerator<TreeEntry<ImageContent>> {
    const node = await this.#find(root);
    if (!node) throw new DiskImageError(`there is no "${root}" in the FAT filesystem`);
    yield* this.#walk(root, node, new Set());
  }

  async *#walk(path: string, node: Node, seen: Set<number>): AsyncGenerator<TreeEntry<ImageContent>> {
    const common = { path, uid: 0, gid: 0, mtime: node.mtime };
    if (node.kind === 'file') {
      const content = new FatContent(this.#disk, this.#chains, node);
      yield { ...common, kind: 'file', mode: 0o644, size: node.size, content };
      return;
    }
    if (seen.has(node.firstCluster))
      throw new DiskImageError('a directory of the FAT filesystem is in two places');
    seen.add(node.firstCluster);
    yield { ...common, kind: 'directory', mode: 0o755 };
    for (const child of await this.#children(node))
      yield* this.#walk(path === '' ? child.name : `${path}/${child.name}`, child, seen);
  }

  async #need(path: string, kind: Node['kind']): Promise<Node> {
    const node = await this.#find(path);
    if (node?.kind === kind) return node;
    throw new DiskImageError(`there is no ${kind} "${path}" in the FAT filesystem`);
  }

  async #find(path: string): Promise<Node | undefined> {
    let node: Node = { name: '', kind: 'directory', firstCluster: 0, size: 0, mtime: 0 };
    for (const step of path === '' ? [] : path.split('/')) {
      if (node.kind !== 'directory') return undefined;
      const children = await this.#children(node);
      const found =
        children.find(({ name }) => name === step) ??
        children.find(({ name }) => foldCase(name) === foldCase(step));
      if (!found) return undefined;
      node = found;
    }
    return node;
  }

  /** Sorted by name. The root is the directory without a cluster. */
  async #children({ firstCluster }: Node): Promise<Node[]> {
    const bytes = firstCluster === 0 ? await this.#rootBytes() : await this.#chainBytes(firstCluster);
    return parseDirectory(bytes)
      .filter((entry): entry is Node => entry.kind !== 'label')
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async #rootBytes(): Promise<Uint8Array> {
    const { root } = this.#places;
    if ('cluster' in root) return this.#chainBytes(root.cluster);
    const bytes = new Uint8Array(root.length);
    await this.#disk.read(bytes, root.place);
    return bytes;
  }

  async #chainBytes(first: number): Promise<Uint8Array> {
    const pieces = await this.#chains.pieces(first, largestDirectory, 1);
    const last = pieces.at(-1)!;
    const bytes = new Uint8Array(last.start + last.length);
    for (const { start, length, place } of pieces)
      await this.#disk.read(bytes.subarray(start, start + length), place);
    return bytes;
  }
}

function foldCase(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8').toUpperCase();
}

class FatContent implements ImageContent {
  readonly #disk: DiskReader;
  readonly #chains: ChainReader;
  readonly #node: Node;
  #pieces: Promise<ChainPiece[]> | undefined;

  constructor(disk: DiskReader, chains: ChainReader, node: Node) {
    this.#disk = disk;
    this.#chains = chains;
    this.#node = node;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const { firstCluster, size } = this.#node;
    this.#pieces ??= this.#chains.pieces(firstCluster, size, size);
    const end = Math.min(position + into.length, size);
    for (const piece of await this.#pieces) {
      const from = Math.max(position, piece.start);
      const to = Math.min(end, piece.start + piece.length);
      if (from >= to) continue;
      await this.#disk.read(into.subarray(from - position, to - position), piece.place + from - piece.start);
    }
    return Math.max(0, end - position);
  }
}
