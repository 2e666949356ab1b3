import type { WriteOptions } from '../write/write-options.ts';

/** Controllers that a disk can be made for, in VMware's words. */
export type VmdkAdapter = 'lsilogic' | 'buslogic' | 'pvscsi' | 'ide';

export interface VmdkWriteOptions extends WriteOptions {
  /** Identifies the disk; its content id (CID) is taken from it. */
  readonly uuid: string;
  /** Name of the file as its descriptor gives it. Default: the last part of the path. */
  readonly name?: string;
  /** Controller that the disk was made for. Default `lsilogic`. */
  readonly adapter?: VmdkAdapter;
  /** Compression level, 1 to 9. Default 6. */
  readonly level?: number;
}
