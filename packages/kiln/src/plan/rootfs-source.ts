import type { StoreImage } from './image-ref.ts';
import type { LockedPackage } from './locked-package.ts';

/** A system that is put together in a tree of files, with no machine, and written to a disk at the end. */
export interface RootfsSource {
  readonly kind: 'rootfs';
  readonly os: { readonly distribution: 'debian' | 'ubuntu'; readonly release: string };
  /** Exactly what is installed; undefined until it has been resolved (`kiln.lock`). */
  readonly lock?: RootfsLock;
  /** Whether steps see this host's network. Packages never need it. */
  readonly network: boolean;
  readonly result: RootfsResult;
}

export interface RootfsLock {
  /** What no file is younger than (SOURCE_DATE_EPOCH), in seconds since 1970. */
  readonly time: number;
  /** The system itself. */
  readonly base: readonly LockedPackage[];
  /** What profiles and the template want besides. */
  readonly more: readonly LockedPackage[];
  /** Lines of sources.list(5) for the finished system. */
  readonly sources: readonly string[];
}

export interface RootfsResult {
  /** Name of the image, and host name of machines that are given none. */
  readonly machineName: string;
  /** Bytes. */
  readonly diskSize: number;
  /** Paths in the image that may hold what looks like a secret. */
  readonly allowSecrets: readonly string[];
  /** Its files keep their places on the disk. The reference is an image's id once the plan is settled. */
  readonly layoutOf?: StoreImage;
}
