import { dirname } from 'node:path/posix';

/** A file that an evaluation wrote. Open descriptors and the tree share it. */
export class MemoryFile {
  #bytes: Buffer;
  #length: number;

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.#bytes = bytes;
    this.#length = bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  get content(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  write(bytes: Uint8Array, offset: number): void {
    const end = offset + bytes.length;
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, this.#bytes.length * 2, 1024));
      this.content.copy(larger);
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, offset);
    this.#length = Math.max(this.#length, end);
  }

  resize(length: number): void {
    if (length > this.#length) this.write(Buffer.alloc(length - this.#length), this.#length);
    else this.#bytes.fill(0, length, this.#length);
    this.#length = length;
  }
}

export type MemoryNode =
  | { readonly kind: 'file'; readonly file: MemoryFile; readonly modified: number }
  /** A folder that the evaluation made: nothing of the host shines through. */
  | { readonly kind: 'folder'; readonly modified: number }
  | { readonly kind: 'link'; readonly target: string; readonly modified: number }
  /** Was on the host; the evaluation removed it. */
  | { readonly kind: 'gone' };

/** What an evaluation did to files, over those of the host. Paths are absolute and have no `..`. */
export class MemoryTree {
  readonly #nodes = new Map<string, MemoryNode>();

  /** `undefined`: the host's files say what is there. */
  get(path: string): MemoryNode | undefined {
    const node = this.#nodes.get(path);
    if (node !== undefined) return node;
    for (let above = dirname(path); ; above = dirname(above)) {
      const over = this.#nodes.get(above);
      if (over !== undefined && over.kind !== 'link') return { kind: 'gone' };
      if (above === dirname(above)) return undefined;
    }
  }

  set(path: string, node: MemoryNode): void {
    this.#nodes.set(path, node);
  }

  /** Names right below a folder: true for those that are there, false for those that are gone. */
  names(folder: string): Map<string, boolean> {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    const found = new Map<string, boolean>();
    for (const [path, node] of this.#nodes) {
      const name = path.slice(prefix.length);
      if (path.startsWith(prefix) && name !== '' && !name.includes('/'))
        found.set(name, node.kind !== 'gone');
    }
    return found;
  }

  /** Everything that was changed, folders before what is in them. */
  changes(): [string, MemoryNode][] {
    return [...this.#nodes].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  clear(): void {
    this.#nodes.clear();
  }
}
