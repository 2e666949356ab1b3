import type { Communicator } from './communicator.ts';
import type { ImageRef } from './image-ref.ts';
import type { QemuSource } from './qemu-source.ts';
import type { RootfsSource } from './rootfs-source.ts';

/** What a build starts from. */
export type Source = QemuSource | RootfsSource | NullSource | FileSource;

/** A source of a system that steps change, and of which an image is made. */
export type BuiltSource = QemuSource | RootfsSource;

export function isBuilt(source: Source): source is BuiltSource {
  return source.kind === 'qemu' || source.kind === 'rootfs';
}

/** No machine is made: steps run on one that is there already. */
export interface NullSource {
  readonly kind: 'null';
  readonly communicator: Communicator;
}

/** The artifact is a file with the given content. */
export interface FileSource {
  readonly kind: 'file';
  /** Absolute path of the file to write. */
  readonly target: string;
  readonly from:
    | { readonly kind: 'content'; readonly content: string }
    | { readonly kind: 'copy'; readonly path: string };
}

export type { ImageRef, QemuSource, RootfsSource };
