/**
 * One setting of a Vagrantfile, as data: what Ruby accepts, what is made of it, and what the documentation says are all
 * taken from these. Names are Vagrant's own.
 */
export interface Setting<T = unknown> {
  readonly type: SettingType;
  /** What it is when nobody sets it. */
  readonly fallback: T;
  /** What the file finds there before it sets it: lists and maps that are added to. Else a marker for "not set". */
  readonly initial?: 'list' | 'map' | string | boolean;
  /** What comes of it; honoured when left out. */
  readonly treatment?: Treatment;
}

export type SettingType = 'text' | 'number' | 'switch' | 'list' | 'map' | 'value';

export type Treatment =
  /** Taken without a word: with Kiln it is so in any case, or has nothing to be about. */
  | { readonly kind: 'needless'; readonly why: string }
  /** Taken, with a warning that says what is different here. */
  | { readonly kind: 'differs'; readonly why: string }
  /** The machine is not made. */
  | { readonly kind: 'refused'; readonly why: string };

export type Settings = Readonly<Record<string, Setting>>;

/** The values of a table of settings. */
export type ValuesOf<S extends Settings> = {
  readonly [Name in keyof S]: S[Name] extends Setting<infer T> ? T : never;
};

export function text<T extends string | null>(fallback: T, more: Extra = {}): Setting<string | T> {
  return { type: 'text', fallback, ...more };
}

export function number<T extends number | null>(fallback: T, more: Extra = {}): Setting<number | T> {
  return { type: 'number', fallback, ...more };
}

export function flag<T extends boolean | null>(fallback: T, more: Extra = {}): Setting<boolean | T> {
  return { type: 'switch', fallback, ...more };
}

export function list<T = unknown>(more: Extra = {}): Setting<readonly T[]> {
  return { type: 'list', fallback: [], ...more };
}

/** A list that may be left out altogether, which is something else than an empty one. */
export function optionalList<T = unknown>(more: Extra = {}): Setting<readonly T[] | null> {
  return { type: 'list', fallback: null, ...more };
}

export function map(more: Extra = {}): Setting<Readonly<Record<string, unknown>>> {
  return { type: 'map', fallback: {}, ...more };
}

/** Anything: several types are fine, or the meaning is looked at elsewhere. */
export function value<T = unknown>(fallback: T, more: Extra = {}): Setting<unknown> {
  return { type: 'value', fallback, ...more };
}

export function differs(why: string): Extra {
  return { treatment: { kind: 'differs', why } };
}

export function needless(why: string): Extra {
  return { treatment: { kind: 'needless', why } };
}

export function refused(why: string): Extra {
  return { treatment: { kind: 'refused', why } };
}

type Extra = Partial<Pick<Setting, 'initial' | 'treatment'>>;
