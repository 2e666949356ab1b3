/** Something in a tree that must not be published. Never holds any part of the secret. */
export interface SecretFinding {
  /** Absolute. */
  readonly path: string;
  readonly kind: SecretKind;
  /** What it is, for people: `an OpenSSH private key`. */
  readonly what: string;
  /** Counts from 1; left out when the whole file is meant. */
  readonly line?: number;
}

export type SecretKind =
  | 'private-key'
  | 'host-key'
  | 'token'
  | 'password-file'
  | 'password'
  | 'history'
  | 'machine-id'
  | 'random-seed';

export interface SecretScanOptions {
  /**
   * Paths that may hold secrets, as the template has them in `allow_secrets`: a file, a folder with all in it, or either
   * with `*` for any part of one name.
   */
  readonly allow: readonly string[];
}
