/** A package as a system's own database has it. */
export interface InstalledPackage {
  readonly manager: PackageManager;
  readonly name: string;
  /** As the manager writes it, epoch and revision included. */
  readonly version: string;
  /** As the manager calls it: `amd64`, `x86_64`, `all`, `noarch`. */
  readonly architecture: string;
  /** What it was built from. */
  readonly source: { readonly name: string; readonly version: string };
  /** `Name <address>`, or a company's name. */
  readonly maintainer?: string;
  readonly homepage?: string;
  /** One line. */
  readonly summary?: string;
  /** Names or expressions as its makers write them; all of them apply. Empty where nothing says. */
  readonly licenses: readonly string[];
  /** Alternatives by alternatives: one name of each inner list must be there. Without versions. */
  readonly depends: readonly (readonly string[])[];
  /** Names that it can stand for, apart from its own. */
  readonly provides: readonly string[];
  /** Paths of a tree, as they were packed: links of folders on the way are not followed. Folders may be among them. */
  readonly files: readonly string[];
}

export type PackageManager = 'dpkg' | 'apk' | 'rpm';

/** What a package manager remembers of the content of a file that it installed. */
export interface PackagedDigest {
  readonly algorithm: 'md5' | 'sha1' | 'sha256';
  /** Lower-case hexadecimal. */
  readonly digest: string;
}
