import type { Caller } from '../access/caller.ts';

export interface PublishRequest {
  readonly runId: string;
  readonly runOutputName: string;
  /** Of the lease by which the worker holds the run: who lost it publishes nothing. */
  readonly fence: number;
  /** A member of the template's `distribute`, with defaults. */
  readonly target: Readonly<Record<string, unknown>>;
  /** Whose rights count: the template's user-assigned identity, or who made the template when it has none. */
  readonly identity: Caller;
  readonly location: string;
  /** Image (name or digest) in the store of `home` that the build left. */
  readonly image: string;
  readonly home: string;
  /** Digests and ids of what the image was made from, for lineage. */
  readonly sources: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

export interface Published {
  /** ARM id of the managed image or gallery version. */
  readonly artifactId?: string;
  /** Of a VHD. */
  readonly artifactUri?: string;
}

export interface ResolvedSource {
  /** Image in a store, or a distribution as plans name it (`debian/12`). */
  readonly image: string;
  /** ARM id or version of exactly what was taken. */
  readonly exactVersion: string;
  readonly digest?: string;
  /** Folder of the store that has the image, when it has a digest: every layer of it was read through just now. */
  readonly home?: string;
}

/** What runs ask of the galleries. */
export interface Publishing {
  /** Once for each run and output: asked again, it gives what it gave. All or nothing. */
  publish(request: PublishRequest): Promise<Published>;
  /**
   * The image that a template's `source` is for this identity, now.
   * @param location of the template: a version of a gallery must have a replica there
   * @throws ServiceError 403, 404, 409 for a version that is revoked
   */
  resolveSource(
    source: Readonly<Record<string, unknown>>,
    identity: Caller,
    location?: string,
  ): Promise<ResolvedSource>;
}
