import type { Node } from 'yaml';
import type { SourceLocation } from '../errors.ts';

/**
 * What may stand in a file of Kiln's own formats, as data. One definition made of these drives the reading of the file
 * (`read-shape.ts`) and the JSON Schema that editors use (`json-schema.ts`).
 */
export type Shape =
  | TextShape
  | WholeNumberShape
  | SwitchShape
  | ChoiceShape
  | NotationShape
  | ListShape
  | NamedShape
  | RecordShape
  | OneOfShape
  | ActionShape
  | PlacedTextShape
  | NothingShape
  | ResettableShape
  | ForeignShape;

/** Any text. Numbers, `true` and the like are taken as they are written. */
export interface TextShape {
  readonly kind: 'text';
  /** The text is a shell script: only `${name}` is Kiln's, every other `${…}` is the shell's. */
  readonly script: boolean;
  /** What people are told was expected, when it is neither just text nor a script. */
  readonly expected?: string;
}

export interface WholeNumberShape {
  readonly kind: 'whole-number';
  readonly min: number;
  readonly max: number;
}

/** `true` or `false`. */
export interface SwitchShape {
  readonly kind: 'switch';
}

export interface ChoiceShape<C extends string = string> {
  readonly kind: 'choice';
  readonly choices: readonly C[];
}

/** A text with a notation of its own, such as a size. */
export interface NotationShape<T = unknown> {
  readonly kind: 'notation';
  /** What people are told was expected: `a size such as 512M or 4G`. */
  readonly expected: string;
  /** Undefined when the text is not in the notation; a string says what is wrong with it. */
  readonly parse: (text: string) => T | undefined | NotationProblem;
  /** The same for JSON Schema, as far as a regular expression can tell. */
  readonly pattern: string;
  /** A bare number is fine too. */
  readonly allowsNumber: boolean;
  /** Why a bare number, as it is written, is refused: YAML may have read it another way than its writer does. */
  readonly whenNumber?: (written: string) => NotationProblem | undefined;
  /** `true` and `false` are fine too. */
  readonly allowsSwitch?: boolean;
  /** The text may be one that is partly the shell's, as `TextShape.script` has it. */
  readonly script?: boolean;
}

/** A more exact reason why a text is not in a notation. */
export interface NotationProblem {
  readonly problem: string;
  readonly hint?: string;
}

export interface ListShape<S extends Shape = Shape> {
  readonly kind: 'list';
  readonly of: S;
  /** A variable that is a list may stand for it, or for some of its entries. */
  readonly byReference?: true;
}

/** A mapping whose keys are names that the user chooses. */
export interface NamedShape<S extends Shape = Shape> {
  readonly kind: 'named';
  readonly of: S;
  /** What a key is, such as `a variable's name`. */
  readonly key: { readonly what: string; readonly pattern: string; readonly expected: string };
}

/** A mapping with known fields. */
export interface RecordShape<F extends Fields = Fields> {
  readonly kind: 'record';
  /** What it is, for messages: `an image`. */
  readonly what: string;
  readonly fields: F;
  /** Words that other tools use for a field. */
  readonly synonyms: Readonly<Record<string, string>>;
  /** Keys with this prefix are the user's own, for anchors. */
  readonly ownPrefix?: string;
}

export type Fields = Readonly<Record<string, Field>>;

export interface Field<S extends Shape = Shape, R extends boolean = boolean> {
  readonly shape: S;
  readonly description: string;
  readonly required: R;
  /** What it is when it is not given, in words or as a value. */
  readonly byDefault?: string;
  readonly examples?: readonly unknown[];
  /** Read before the rest of the file, by a reading of its own. */
  readonly separate?: boolean;
}

/** Several ways to write the same; told apart by being a single value, a list or a mapping. */
export interface OneOfShape<S extends readonly Shape[] = readonly Shape[]> {
  readonly kind: 'one-of';
  readonly of: S;
}

/** A mapping that names exactly one action, beside fields that every action has. */
export interface ActionShape<A extends Fields = Fields, C extends Fields = Fields> {
  readonly kind: 'action';
  /** What it is, for messages: `a step`. */
  readonly what: string;
  readonly actions: A;
  readonly common: C;
  readonly synonyms: Readonly<Record<string, string>>;
}

/** Any text, not filled in, whose characters' places are asked for: it is in a language of its own. */
export interface PlacedTextShape {
  readonly kind: 'placed-text';
  /** What people are told was expected. */
  readonly expected: string;
}

export interface PlacedText {
  readonly text: string;
  /** What YAML takes it for. */
  readonly type: 'text' | 'number' | 'switch';
  /** Place of a character of the text. */
  at(index: number): SourceLocation;
}

/** Nothing behind the colon: the name alone says it. Only one of several ways, and read as null. */
export interface NothingShape {
  readonly kind: 'nothing';
}

/** Something that a file may have inherited, and forget with `!reset`. */
export interface ResettableShape<S extends Shape = Shape> {
  readonly kind: 'resettable';
  readonly of: S;
}

/** What stood behind `!reset`: it alone counts. Undefined when nothing did. */
export class Reset<T = unknown> {
  readonly value: T | undefined;

  constructor(value: T | undefined) {
    this.value = value;
  }
}

/** A part of the file that somebody else reads; the reader of the file hands it on as it stands there. */
export interface ForeignShape {
  readonly kind: 'foreign';
  /** What it is, for the schema. */
  readonly of: Shape;
}

export function foreign(of: Shape): ForeignShape {
  return { kind: 'foreign', of };
}

/** The value that reading a shape gives. */
export type Infer<S> = S extends TextShape
  ? string
  : S extends PlacedTextShape
    ? PlacedText
    : S extends ForeignShape
      ? Node
      : S extends NothingShape
        ? null
        : S extends ResettableShape<infer R>
          ? Infer<R> | Reset<Infer<R>>
          : S extends WholeNumberShape
            ? number
            : S extends SwitchShape
              ? boolean
              : S extends ChoiceShape<infer C>
                ? C
                : S extends NotationShape<infer T>
                  ? T
                  : S extends ListShape<infer I>
                    ? readonly Infer<I>[]
                    : S extends NamedShape<infer I>
                      ? Readonly<Record<string, Infer<I>>>
                      : S extends RecordShape<infer F>
                        ? InferFields<F>
                        : S extends OneOfShape<infer L>
                          ? Infer<L[number]>
                          : S extends ActionShape<infer A, infer C>
                            ? InferAction<A> & { readonly common: InferFields<C> }
                            : never;

export type InferFields<F extends Fields> = {
  readonly [K in keyof F as F[K]['required'] extends true ? K : never]: Infer<F[K]['shape']>;
} & {
  readonly [K in keyof F as F[K]['required'] extends true ? never : K]?: Infer<F[K]['shape']>;
};

export type InferAction<A extends Fields> = {
  readonly [K in keyof A & string]: { readonly action: K; readonly value: Infer<A[K]['shape']> };
}[keyof A & string];

export const text: TextShape = { kind: 'text', script: false };
export const scriptText: TextShape = { kind: 'text', script: true };
/** Text of a file: what looks like the shell's is left alone in it too. */
export const contentText: TextShape = { kind: 'text', script: true, expected: 'text' };
export const onOff: SwitchShape = { kind: 'switch' };
export const nothing: NothingShape = { kind: 'nothing' };

export function placedText(expected: string): PlacedTextShape {
  return { kind: 'placed-text', expected };
}

export function resettable<S extends Shape>(of: S): ResettableShape<S> {
  return { kind: 'resettable', of };
}

export function wholeNumber(min: number, max: number): WholeNumberShape {
  return { kind: 'whole-number', min, max };
}

export function choice<const C extends string>(...choices: readonly C[]): ChoiceShape<C> {
  return { kind: 'choice', choices };
}

export function notation<T>(details: Omit<NotationShape<T>, 'kind'>): NotationShape<T> {
  return { kind: 'notation', ...details };
}

export function list<S extends Shape>(of: S): ListShape<S> {
  return { kind: 'list', of };
}

/** A list that a variable may stand for, whole or in part. */
export function openList<S extends Shape>(of: S): ListShape<S> {
  return { kind: 'list', of, byReference: true };
}

export function named<S extends Shape>(key: NamedShape['key'], of: S): NamedShape<S> {
  return { kind: 'named', of, key };
}

export function record<F extends Fields>(
  what: string,
  fields: F,
  more: { synonyms?: RecordShape['synonyms']; ownPrefix?: string } = {},
): RecordShape<F> {
  return { kind: 'record', what, fields, synonyms: more.synonyms ?? {}, ...ownPrefix(more.ownPrefix) };
}

function ownPrefix(prefix: string | undefined): { ownPrefix?: string } {
  return prefix === undefined ? {} : { ownPrefix: prefix };
}

export function oneOf<const S extends readonly Shape[]>(...of: S): OneOfShape<S> {
  return { kind: 'one-of', of };
}

export function action<A extends Fields, C extends Fields>(
  what: string,
  actions: A,
  common: C,
  synonyms: ActionShape['synonyms'] = {},
): ActionShape<A, C> {
  return { kind: 'action', what, actions, common, synonyms };
}

type FieldDetails = Pick<Field, 'byDefault' | 'examples' | 'separate'>;

export function optional<S extends Shape>(
  shape: S,
  description: string,
  details: FieldDetails = {},
): Field<S, false> {
  return { shape, description, required: false, ...details };
}

export function required<S extends Shape>(
  shape: S,
  description: string,
  details: FieldDetails = {},
): Field<S, true> {
  return { shape, description, required: true, ...details };
}
