import type { Profile } from '../../plan/profile.ts';

/** What capturing a system gives. Nothing in it holds a secret, unless hashes of passwords were asked for. */
export interface CapturedProfile {
  /** Local contents are named relative to the profile's folder (`./files/etc/app.conf`). */
  readonly profile: Profile;
  /** Remarks for people, for the text of the profile. */
  readonly remarks: readonly Remark[];
  /** Contents of the local files, by path relative to the profile's folder. */
  readonly files: ReadonlyMap<string, CapturedFile>;
  /** What is not in the profile, and has to be known by whoever uses it. */
  readonly warnings: readonly string[];
  /** What was left out because it is a secret. */
  readonly secrets: readonly LeftOutSecret[];
}

export interface Remark {
  /** Names and numbers that lead to the place, such as `['users', 'deploy']`. Only `[]` need not be in the profile. */
  readonly at: readonly (string | number)[];
  readonly text: string;
}

export interface CapturedFile {
  readonly bytes: Uint8Array;
  /** Permission bits. */
  readonly mode: number;
}

/** Never holds any part of the secret. */
export interface LeftOutSecret {
  /** A path in the system, with a line where only that is secret; or `password of NAME`. */
  readonly name: string;
  /** What it is, for people. */
  readonly what: string;
}
