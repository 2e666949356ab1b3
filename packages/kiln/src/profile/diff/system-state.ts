/**
 * What is said of a system, in a form in which any two can be compared: an inventory says all there is, a profile only
 * what it wants.
 */
export interface SystemState {
  /** For people. */
  readonly description: string;
  /** What is not in it is not there. Of a profile it is only not said. */
  readonly whole: boolean;
  readonly sections: Readonly<Record<Section, ReadonlyMap<string, StateItem>>>;
  /** What could not be looked at, or not be said, as sentences. */
  readonly gaps: readonly string[];
}

/** In the order in which people are told of them. */
export const sections = [
  'system',
  'packages',
  'repositories',
  'groups',
  'users',
  'services',
  'settings',
  'files',
] as const;

export type Section = (typeof sections)[number];

export interface StateItem {
  /** What is known of it, by names for people. Values that nobody knows are left out. */
  readonly values: Readonly<Record<string, string>>;
  /** A profile says that it must not be there. */
  readonly absent?: true;
  /** Where nothing is said of it, it is like this. */
  readonly usual?: true;
  /** It is as the system's packages make it: where it is missing, the package is, and where it differs, the version does. */
  readonly standard?: true;
  /** It tells one machine from another, and means nothing else. */
  readonly identity?: true;
  /** Names of values that do not matter, such as numbers that packages take as they come. */
  readonly minor?: readonly string[];
  /** Names of values that could not be looked at. */
  readonly unknown?: readonly string[];
  /** What stands in `values` may be a pattern with `*`, by name. */
  readonly patterns?: readonly string[];
}

/** One thing in which two systems differ. */
export interface Difference {
  readonly section: Section;
  readonly name: string;
  /** As seen from the first system: `added` is only in the second. */
  readonly kind: 'added' | 'removed' | 'changed';
  /** Of what is in one only: what it is. */
  readonly values?: Readonly<Record<string, string>>;
  readonly changes: readonly ValueChange[];
  /** Whether it makes the systems different ones. */
  readonly matters: boolean;
}

export interface ValueChange {
  readonly what: string;
  /** Undefined where one side has no such value. */
  readonly before?: string;
  readonly after?: string;
}
