import { strictBoolean, strictDuration, strictInteger, strictString } from './strict-values.ts';
import type { ScalarNode } from './value-node.ts';
import { weakBoolean, weakDuration, weakInteger, weakString } from './weak-values.ts';

/** How a language turns the values that people write into those that an option wants. */
export interface ValueTyping {
  readonly boolean: (node: ScalarNode) => boolean | undefined;
  readonly integer: (node: ScalarNode) => number | undefined;
  readonly string: (node: ScalarNode) => string | undefined;
  readonly duration: (node: ScalarNode) => number | undefined;
  /** A lone value counts as a list of one, a text as one with commas. */
  readonly takesLoneItems: boolean;
  /** Capitals in names of options do not matter. */
  readonly ignoresCase: boolean;
  /** `null` is the same as leaving the option out. */
  readonly nullIsAbsent: boolean;
}

/** JSON templates, and overrides in templates of both languages. */
export const weakTyping: ValueTyping = {
  boolean: weakBoolean,
  integer: weakInteger,
  string: weakString,
  duration: weakDuration,
  takesLoneItems: true,
  ignoresCase: true,
  nullIsAbsent: false,
};

/** HCL2 templates, in the native syntax and in JSON. */
export const strictTyping: ValueTyping = {
  boolean: strictBoolean,
  integer: strictInteger,
  string: strictString,
  duration: strictDuration,
  takesLoneItems: false,
  ignoresCase: false,
  nullIsAbsent: true,
};
