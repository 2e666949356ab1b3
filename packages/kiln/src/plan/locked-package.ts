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
  /** Only there because others need it: nobody asked for it by name, and not every system has it. */
  readonly automatic?: true;
}
