import type { LockedPackage } from '../../plan/locked-package.ts';
import type { SecretFinding } from '../../supply/secrets/secret-finding.ts';

/** What `tree-worker.ts` is to do: a file of JSON, since it is another process. */
export interface ImageSpec {
  /** `write` the filesystem, or `look` through the tree for secrets and for what is in it: two processes do both at once. */
  readonly task: 'write' | 'look';
  readonly tree: string;
  /** Name of the image. */
  readonly name: string;
  /** SOURCE_DATE_EPOCH: no file is younger, in seconds since 1970. */
  readonly time: number;
  /** The file of the root filesystem, which is there and all zeros, and its size in bytes. */
  readonly filesystem: string;
  readonly size: number;
  readonly uuid: string;
  /** The file of a layout (`layoutToJson`) whose files keep their places. */
  readonly layout?: string;
  /** Files of the tree that are wanted beside it: where they go here, by their path in the tree. */
  readonly extract: Readonly<Record<string, string>>;
  /** Paths in the tree that are no part of the filesystem. */
  readonly leaveOut: readonly string[];
  readonly allowSecrets: readonly string[];
  /** Bills of materials: the packages that are locked, where the documents go, and where digests are remembered. */
  readonly sboms: {
    readonly locked: readonly LockedPackage[];
    readonly spdx: string;
    readonly cyclonedx: string;
    readonly memory: string;
  };
}

/** A line of JSON that the worker prints. */
export type WorkerLine =
  | { readonly kind: 'stage'; readonly text: string }
  | { readonly kind: 'secrets'; readonly found: readonly SecretFinding[] }
  | { readonly kind: 'full'; readonly message: string }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'done'; readonly files: number; readonly bytes: number };
