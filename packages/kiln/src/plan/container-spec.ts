/** A container that stands for a machine (Docker Engine API, https://docs.docker.com/reference/api/engine/). */
export interface ContainerSpec {
  readonly from:
    | { readonly kind: 'image'; readonly reference: string; readonly pull: boolean }
    | {
        readonly kind: 'build';
        /** Absolute path, or the URL of a Git repository. */
        readonly context: string;
        /** Within the context. */
        readonly file?: string;
        /** More words for `docker build`. */
        readonly arguments: readonly string[];
      }
    | { readonly kind: 'compose'; readonly configuration: Readonly<Record<string, unknown>> };
  readonly name?: string;
  readonly command: readonly string[];
  /** More words for `docker create`. */
  readonly createArguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly expose: readonly number[];
  /** As `docker run --publish` takes them. */
  readonly publish: readonly string[];
  /** As `docker run --volume` takes them. */
  readonly volumes: readonly string[];
  /** `container:alias`. */
  readonly links: readonly string[];
  readonly privileged: boolean;
  /** False: it does its work and ends. */
  readonly remainsRunning: boolean;
  /** It has an SSH server. */
  readonly hasSsh: boolean;
  /** How long it may take to end by itself, in milliseconds. */
  readonly stopTimeout: number;
  readonly registry?: {
    readonly server: string | undefined;
    readonly user: string;
    readonly password: string;
  };
}
