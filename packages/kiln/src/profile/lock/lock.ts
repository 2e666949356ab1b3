import type { ResolvedPackages } from '../../sources/packages/resolved-packages.ts';

/** The content of `kiln.lock`: what each profile (or image) of a file was resolved to. */
export interface LockFile {
  readonly schema: 1;
  /** By the name of the profile or image. */
  readonly profiles: Readonly<Record<string, LockedProfile>>;
}

/** What one profile was resolved to. With the same profile and the same of these, an image is the same bit for bit. */
export interface LockedProfile {
  readonly os: { readonly distribution: string; readonly release: string };
  /** What the packages were resolved for, so that a change of the profile can be told from it. */
  readonly asked: LockedRequest;
  readonly resolved: ResolvedPackages;
  /** Everything else that was fetched. */
  readonly fetched: readonly FetchedFile[];
}

/** The parts of a package request that decide what comes out, in a form that people can read. */
export interface LockedRequest {
  /** `name`, `name=version`, `name-` for absent and `name+` for the latest, sorted. */
  readonly packages: readonly string[];
  readonly recommends: boolean;
  /** Packages of the operating system's layer, sorted. */
  readonly base: readonly string[];
  /** Each in one line, as sources.list(5) would have it, with the digest of its key. */
  readonly repositories: readonly string[];
}

export interface FetchedFile {
  readonly url: string;
  /** Lower-case hexadecimal SHA-256. */
  readonly sha256: string;
}

/** One thing that differs between two locks, or between a lock and a profile. */
export type LockChange =
  | { readonly kind: 'added' | 'removed'; readonly package: string; readonly version: string }
  | {
      readonly kind: 'changed';
      readonly package: string;
      readonly before: string;
      readonly after: string;
      /** By dpkg's order of versions. */
      readonly direction: 'newer' | 'older' | 'rebuilt';
    }
  | { readonly kind: 'fetched'; readonly url: string; readonly before?: string; readonly after?: string };
