/** What functions need from outside: files, the clock, the environment, secrets. */
export interface FunctionHost {
  /** Absolute; relative paths in templates start here. */
  readonly baseFolder: string;
  /** Absolute; where the program was started. */
  readonly currentFolder: string;
  /** Absolute; what `~` stands for. Undefined if it is not known. */
  readonly homeFolder: string | undefined;
  /** When the run began. */
  readonly startedAt: Date;
  now(): Date;
  /** Undefined when the variable is not set. */
  environment(name: string): string | undefined;
  readonly files: FileHost;
  readonly secrets: SecretHost;
}

/** All paths are absolute. */
export interface FileHost {
  /** @throws Error of node:fs */
  read(path: string): Uint8Array;
  /**
   * What is there, through symbolic links; undefined if nothing is.
   * @throws Error of node:fs
   */
  kind(path: string): 'file' | 'folder' | 'other' | undefined;
  /**
   * The names in a folder. Empty when it cannot be read.
   */
  list(folder: string): readonly string[];
}

/** Each method throws a SecretError that says what went wrong, without the secret. */
export interface SecretHost {
  /** A field of a secret of Vault. */
  vault(path: string, key: string): string;
  /** The value of a key in Consul. */
  consulKey(key: string): string;
  /** The text of a secret of AWS Secrets Manager, or its one field if it is JSON with a single one and no key is given. */
  awsSecret(name: string, key: string | undefined): string;
  awsSecretRaw(name: string): string;
}

/** A secret could not be had. */
export class SecretError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SecretError';
  }
}
