import type { LockedPackage } from '../../plan/locked-package.ts';
import type { GitState } from './git-state.ts';
import type { Subject } from './statement.ts';

/** What is known of how files were made, in the words of whoever made them. Holds no secret. */
export interface BuildFacts {
  /** The files. */
  readonly subjects: readonly Subject[];
  /** The way of building: `rootfs`, `qemu`, `bootstrap`. */
  readonly builder: string;
  /** The image's name in its template. */
  readonly image: string;
  readonly template?: Subject;
  readonly profile?: Subject;
  readonly lock?: Subject;
  /** The state of the project that the template is in. */
  readonly source?: GitState;
  /** Values of variables and options that shaped the result, without secrets. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** Names of parameters whose values are secret. */
  readonly secretParameters?: readonly string[];
  readonly dependencies: readonly Dependency[];
  /** SOURCE_DATE_EPOCH of the build, in seconds since 1970. */
  readonly epoch?: number;
  /** Hash over everything that determined the result. */
  readonly key?: string;
  /** ISO 8601. Left out where the same build is to give the same statement. */
  readonly times?: { readonly startedAt: string; readonly finishedAt: string };
}

/** Something that went into the files. */
export type Dependency =
  /** The image that the build began with. */
  | { readonly kind: 'base'; readonly name: string; readonly sha256: string }
  | {
      readonly kind: 'package';
      readonly package: LockedPackage;
      readonly os: SystemName;
    }
  /** A Debian package of which only name and version are known. */
  | {
      readonly kind: 'named-package';
      readonly name: string;
      readonly version: string;
      readonly os: SystemName;
    }
  /** A local file or folder, by its path from the template's folder. */
  | { readonly kind: 'file'; readonly path: string; readonly sha256: string }
  | { readonly kind: 'download'; readonly url: string; readonly sha256: string };

/** What a system calls itself in os-release(5): `debian` and `12`. */
export interface SystemName {
  readonly id: string;
  readonly version: string;
}
