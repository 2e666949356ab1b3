import type { LockedPackage } from '../../plan/locked-package.ts';
import type { SystemFiles } from '../system/system-files.ts';

/** What an SBOM is made of. The same input gives the same bytes. */
export interface SbomInput {
  readonly system: SystemFiles;
  /** Name of the image, for people. */
  readonly name: string;
  /** SOURCE_DATE_EPOCH: seconds since 1970 that the documents give as their time. */
  readonly created: number;
  /** Digests of regular files by path, of whoever had to read them anyway. Others are read. */
  readonly digests?: ReadonlyMap<string, FileDigests>;
  /** The package files that a lock names: what was installed came from these. */
  readonly locked?: readonly LockedPackage[];
  /** What is known not to be among the files, as sentences; the documents say it too. */
  readonly gaps?: readonly string[];
}

/** Lower-case hexadecimal. SPDX demands the SHA-1 of every file. */
export interface FileDigests {
  readonly sha1: string;
  readonly sha256: string;
}

/** Documents as they are to be stored: JSON with a line break at the end. */
export interface Sboms {
  readonly spdx: string;
  readonly cyclonedx: string;
  /** What could not be told, as sentences: filesystems or databases that nothing here reads. */
  readonly gaps: readonly string[];
}
