import type { DiskReader } from '../disk-reader.ts';
import type { WriteOptions } from '../write/write-options.ts';

export interface Qcow2WriteOptions extends WriteOptions {
  /** Bytes of a cluster: a power of two, 512 to 2 MiB. Default 64 KiB. */
  readonly clusterSize?: number;
  /** Default: clusters are stored as they are. */
  readonly compression?: Qcow2WriteCompression;
  /** Writes only what differs from this disk, which must be there whenever the image is used. */
  readonly backing?: Qcow2Backing;
}

export type Qcow2WriteCompression =
  /** `level` 1 to 9, default 6. Read by every program. */
  | { readonly kind: 'deflate'; readonly level?: number }
  /** `level` 1 to 19, default 3. Read by QEMU 5.1 and later. */
  | { readonly kind: 'zstd'; readonly level?: number };

export interface Qcow2Backing {
  /** What the image says it stands on: a path, relative ones from the image's folder. At most 1023 bytes. */
  readonly name: string;
  /** QEMU's word for its format. */
  readonly format: 'raw' | 'qcow2' | 'vpc' | 'vmdk';
  /** What is in it. Stays open. */
  readonly disk: DiskReader;
}
