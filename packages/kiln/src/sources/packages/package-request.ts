import type { SourceLocation } from '../../base/errors.ts';
import type { Release } from '../bootstrap/release.ts';

/** What a machine's packages are to be, in terms of one release of a distribution that uses apt. */
export interface PackageRequest {
  readonly release: Release;
  /** As dpkg calls it: `amd64`. */
  readonly architecture: string;
  /**
   * What the operating system's layer has beside the packages that are essential or required: found in the
   * distribution's own repositories only, without recommended packages, so that all profiles share that layer.
   */
  readonly base: readonly string[];
  /** Repositories beside the distribution's own. */
  readonly repositories: readonly ForeignRepository[];
  readonly wishes: readonly RequestedPackage[];
  /** Install what the wished packages recommend. */
  readonly recommends: boolean;
}

/** A repository that a profile adds. */
export interface ForeignRepository {
  readonly name: string;
  /** Bases of the archive; all are asked for the same suites. */
  readonly urls: readonly string[];
  /** A suite that ends with a slash is a folder of a flat repository and has no components. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Empty: the machine's own. */
  readonly architectures: readonly string[];
  /** OpenPGP key, ASCII-armoured or binary. Without one, the keys of the distribution must have signed it. */
  readonly key?: Uint8Array;
  /** Where the profile names it. */
  readonly at?: SourceLocation;
}

export interface RequestedPackage {
  readonly name: string;
  readonly state: 'present' | 'absent' | 'latest';
  /** Exact version, or a pattern with `*`. */
  readonly version?: string;
  /** Where the profile names it. */
  readonly at?: SourceLocation;
}
