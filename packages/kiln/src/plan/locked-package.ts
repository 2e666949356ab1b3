/** One package of a lock: these bytes and no others. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  /** Where it can be had, best first. */
  readonly urls: readonly string[];
}
