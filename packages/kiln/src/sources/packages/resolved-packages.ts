/** The exact answer to a package request: what to install, and where each file is to be had. */
export interface ResolvedPackages {
  /**
   * Seconds since 1970 of the newest index's date: the time that an image of these packages pretends to be made at
   * (SOURCE_DATE_EPOCH).
   */
  readonly epoch: number;
  readonly architecture: string;
  readonly repositories: readonly ResolvedRepository[];
  /** Sorted by layer, name and architecture. */
  readonly packages: readonly ResolvedPackage[];
  /** Packages of the operating system's layer that the wishes take away again, sorted. */
  readonly removed: readonly string[];
}

/** One suite of one archive. */
export interface ResolvedRepository {
  /** Short name, unique in the answer: `debian`, `debian-security`, a profile's own. */
  readonly name: string;
  /** Base of the archive as this host reaches it, with a slash at its end. */
  readonly url: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** SHA-256 of the signed index (InRelease, or Release). */
  readonly indexDigest: string;
  /** What the index says of its own time, in seconds since 1970. */
  readonly indexDate: number;
  /** Base URL under which an archive of all times keeps this state, where there is one. */
  readonly snapshot?: string;
}

export interface ResolvedPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Of the file, in bytes. */
  readonly size: number;
  /** Below the repository's base. */
  readonly path: string;
  /** Name of the repository. */
  readonly repository: string;
  /**
   * The layer it is installed in. A package of the operating system's layer that a profile wants in another version is
   * there twice.
   */
  readonly layer: 'os' | 'profile';
  /** Only there because others need it: nobody asked for it by name, and not every system has it. */
  readonly automatic: boolean;
}
