import type { ResolvedPackages } from '../../sources/packages/resolved-packages.ts';

/** The content of `kiln.lock`: what each profile (or image) of a folder was resolved to. */
export interface LockFile {
  /** By the name of the profile or image. */
  readonly profiles: ReadonlyMap<string, LockedProfile>;
}

/** What one profile was resolved to. The same profile and the same of these give the same image, bit for bit. */
export interface LockedProfile {
  readonly os: LockedSystem;
  /** What it was resolved for, so that a change of the profile can be told from it. */
  readonly asked: LockedRequest;
  readonly resolved: ResolvedPackages;
  /** Everything else that was fetched. */
  readonly fetched: readonly FetchedFile[];
}

export interface LockedSystem {
  readonly distribution: 'debian' | 'ubuntu';
  readonly release: string;
}

/** The parts of a request for packages that decide what comes out, in a form that people can read. */
export interface LockedRequest {
  /** `name`, `name=version`, `name (absent)` or `name (latest)`, sorted. */
  readonly packages: readonly string[];
  readonly recommends: boolean;
  /** What the operating system's layer was asked for, sorted. */
  readonly base: readonly string[];
  /** Those that the profile adds: each as a line of sources.list(5), with the digest of its key at the end. */
  readonly repositories: readonly string[];
}

export interface FetchedFile {
  readonly url: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
}

/** The name of the file, which stands beside the profile or the kiln.yaml. */
export const lockFileName = 'kiln.lock';
