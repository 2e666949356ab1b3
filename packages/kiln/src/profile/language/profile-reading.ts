import type { Diagnostic } from '../../base/diagnostics.ts';
import type { Facts, Profile } from '../../plan/profile.ts';

/** A profile as it is written, and what else takes part in resolving it. */
export interface ProfileInput {
  /** As the user named it: messages show it, and relative paths in it start in its folder. */
  readonly file: string;
  readonly text: string;
  /** Values of parameters from the command line, the strongest. */
  readonly parameters: Readonly<Record<string, string>>;
  /** `KILN_VAR_name` gives a parameter its value where the command line does not. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /**
   * What is known of the machine: texts that use facts (`${os.codename}`) take them from here. What the profile's
   * `os` tells need not be given. Conditions stay conditions; `profileFor` evaluates them.
   */
  readonly facts?: Facts;
  /** Bases that are no local files, as far as they were looked up already, by `BaseReference.key`. */
  readonly bases: ReadonlyMap<string, FoundBase>;
}

/** A base in the store (`store:name:tag`) or behind a URL, which takes waiting to have. */
export interface BaseReference {
  readonly kind: 'store' | 'url';
  /** The image's name in the store, or the URL. */
  readonly name: string;
  /** SHA-256 of the text, lower-case hexadecimal; every URL has one. */
  readonly digest?: string;
  readonly key: string;
}

/** What looking a base up gave: its text, or why there is none. */
export type FoundBase = { readonly text: string } | { readonly problem: string; readonly hint?: string };

export interface ProfileReading {
  /** Frozen. Undefined when there are errors, or `missing` is not empty. */
  readonly profile: Profile | undefined;
  /** Everything to say about the profile and its bases, in their order. Shows no secret. */
  readonly diagnostics: readonly Diagnostic[];
  /** Everything whose content the profile depends on, itself first. */
  readonly inputs: readonly ProfileSource[];
  /** Values that must not be shown or stored in clear: those of secret parameters. */
  readonly secrets: readonly string[];
  /**
   * Bases that have to be looked up before the reading can be whole: reading never waits. Look them up, add them to
   * `bases` and read again, as `loadProfile` does.
   */
  readonly missing: readonly BaseReference[];
}

/** Something that a profile was read from, or refers to. Digests are SHA-256 in lower-case hexadecimal. */
export type ProfileSource =
  | { readonly kind: 'file'; readonly path: string; readonly digest: string }
  /** Over names, modes, link targets and contents of everything in it. */
  | { readonly kind: 'folder'; readonly path: string; readonly digest: string }
  | { readonly kind: 'url'; readonly url: string; readonly digest: string }
  | { readonly kind: 'store'; readonly reference: string; readonly digest: string };
