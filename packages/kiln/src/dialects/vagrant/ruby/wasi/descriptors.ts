import type { MemoryFile } from '../../files/memory-files.ts';
import { Errno, WasiError } from './wasi-codes.ts';

/** What the program in WebAssembly has open. */
export type Descriptor = StreamDescriptor | FolderDescriptor | FileDescriptor | ChannelDescriptor;

/** Standard input, output and error. Input is always at its end. */
export interface StreamDescriptor {
  readonly kind: 'stream';
  readonly write: ((bytes: Buffer) => void) | undefined;
}

export interface FolderDescriptor {
  readonly kind: 'folder';
  readonly path: string;
  /** Read when it is first listed. */
  entries?: readonly { name: string; type: number }[];
}

export interface FileDescriptor {
  readonly kind: 'file';
  readonly path: string;
  readonly file: MemoryFile;
  readonly writable: boolean;
  append: boolean;
  position: number;
}

/** A request is written to it and the answer read from it. */
export interface ChannelDescriptor {
  readonly kind: 'channel';
  request: Buffer[];
  answer?: Buffer;
}

const mostOpen = 1024;

export class DescriptorTable {
  readonly #open = new Map<number, Descriptor>();

  constructor(streams: { out: (bytes: Buffer) => void; error: (bytes: Buffer) => void }) {
    this.#open.set(0, { kind: 'stream', write: undefined });
    this.#open.set(1, { kind: 'stream', write: streams.out });
    this.#open.set(2, { kind: 'stream', write: streams.error });
    // The one folder that the program is given at its start; everything else it opens below it.
    this.#open.set(3, { kind: 'folder', path: '/' });
  }

  get(number: number): Descriptor {
    const found = this.#open.get(number);
    if (found === undefined) throw new WasiError(Errno.badDescriptor);
    return found;
  }

  folder(number: number): FolderDescriptor {
    const found = this.get(number);
    if (found.kind !== 'folder') throw new WasiError(Errno.notFolder);
    return found;
  }

  file(number: number): FileDescriptor {
    const found = this.get(number);
    if (found.kind === 'folder') throw new WasiError(Errno.isFolder);
    if (found.kind !== 'file') throw new WasiError(Errno.noSeek);
    return found;
  }

  add(descriptor: Descriptor): number {
    for (let number = 4; number < mostOpen; number++) {
      if (this.#open.has(number)) continue;
      this.#open.set(number, descriptor);
      return number;
    }
    throw new WasiError(Errno.tooManyFiles);
  }

  close(number: number): void {
    this.get(number);
    this.#open.delete(number);
  }

  renumber(from: number, to: number): void {
    const descriptor = this.get(from);
    this.#open.delete(from);
    this.#open.set(to, descriptor);
  }
}
