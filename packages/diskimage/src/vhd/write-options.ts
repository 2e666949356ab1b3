import type { WriteOptions } from '../write/write-options.ts';

export interface VhdWriteOptions extends WriteOptions {
  /**
   * `fixed` is the disk and a footer, as Azure takes it: the disk's size is rounded up to a whole MiB, so that the file has
   * that and 512 bytes. A disk with a GPT should have such a size already, or the backup table is not at its end.
   * `dynamic` leaves out blocks of 2 MiB that are all zeros.
   */
  readonly kind: 'fixed' | 'dynamic';
  /** Identifies the disk. */
  readonly uuid: string;
  /** When it was made. Seconds since 1970, not before 2000. */
  readonly time: number;
}
