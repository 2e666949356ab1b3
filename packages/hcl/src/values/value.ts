import type { BigFloat } from './big-float.ts';
import { compareKeys } from './compare-keys.ts';
import {
  boolType,
  type CapsuleType,
  type ListType,
  listType,
  type MapType,
  mapType,
  numberType,
  type ObjectType,
  type SetType,
  stringType,
  type TupleType,
  type Type,
  tupleType,
} from './type.ts';

export { compareKeys } from './compare-keys.ts';

/** What an expression evaluates to. Immutable. `kind` says what is there; `type` is the type, also of null and unknown. */
export type Value =
  | StringValue
  | NumberValue
  | BoolValue
  | ListValue
  | SetValue
  | MapValue
  | ObjectValue
  | TupleValue
  | CapsuleValue
  | NullValue
  | UnknownValue;

/** A label that follows a value into everything made from it, such as `sensitive`. */
export type Mark = string;

/** The mark of secrets. */
export const sensitiveMark: Mark = 'sensitive';

interface ValueBase {
  /** Marks of this very value; those of elements are on the elements. */
  readonly marks: ReadonlySet<Mark>;
}

export interface StringValue extends ValueBase {
  readonly kind: 'string';
  readonly type: Type;
  /** In Unicode normalisation form C. */
  readonly value: string;
}

export interface NumberValue extends ValueBase {
  readonly kind: 'number';
  readonly type: Type;
  readonly value: BigFloat;
}

export interface BoolValue extends ValueBase {
  readonly kind: 'bool';
  readonly type: Type;
  readonly value: boolean;
}

export interface ListValue extends ValueBase {
  readonly kind: 'list';
  readonly type: ListType;
  readonly items: readonly Value[];
}

/** Elements are distinct and in the language's own order; made by `setOf` in set.ts. */
export interface SetValue extends ValueBase {
  readonly kind: 'set';
  readonly type: SetType;
  readonly items: readonly Value[];
}

export interface MapValue extends ValueBase {
  readonly kind: 'map';
  readonly type: MapType;
  /** Sorted by key. */
  readonly entries: ReadonlyMap<string, Value>;
}

export interface ObjectValue extends ValueBase {
  readonly kind: 'object';
  readonly type: ObjectType;
  /** Sorted by key. */
  readonly entries: ReadonlyMap<string, Value>;
}

export interface TupleValue extends ValueBase {
  readonly kind: 'tuple';
  readonly type: TupleType;
  readonly items: readonly Value[];
}

export interface CapsuleValue extends ValueBase {
  readonly kind: 'capsule';
  readonly type: CapsuleType;
  readonly value: unknown;
}

export interface NullValue extends ValueBase {
  readonly kind: 'null';
  readonly type: Type;
}

export interface UnknownValue extends ValueBase {
  readonly kind: 'unknown';
  readonly type: Type;
}

export const noMarks: ReadonlySet<Mark> = new Set();
const noNames: ReadonlySet<string> = new Set();

export function stringValue(value: string): StringValue {
  return { kind: 'string', type: stringType, value: normalized(value), marks: noMarks };
}

export function numberValue(value: BigFloat): NumberValue {
  return { kind: 'number', type: numberType, value, marks: noMarks };
}

export const trueValue: BoolValue = { kind: 'bool', type: boolType, value: true, marks: noMarks };
export const falseValue: BoolValue = { kind: 'bool', type: boolType, value: false, marks: noMarks };

export function boolValue(value: boolean): BoolValue {
  return value ? trueValue : falseValue;
}

/** All items must be of the element type already. */
export function listValue(element: Type, items: readonly Value[]): ListValue {
  return { kind: 'list', type: listType(element), items, marks: noMarks };
}

/** All values must be of the element type already. */
export function mapValue(element: Type, entries: Iterable<readonly [string, Value]>): MapValue {
  return { kind: 'map', type: mapType(element), entries: sortedEntries(entries), marks: noMarks };
}

export function objectValue(entries: Iterable<readonly [string, Value]>): ObjectValue {
  const sorted = sortedEntries(entries);
  const attributes = new Map<string, Type>();
  for (const [name, value] of sorted) attributes.set(name, value.type);
  const type: ObjectType = { kind: 'object', attributes, optional: noNames };
  return { kind: 'object', type, entries: sorted, marks: noMarks };
}

export function tupleValue(items: readonly Value[]): TupleValue {
  return { kind: 'tuple', type: tupleType(items.map(({ type }) => type)), items, marks: noMarks };
}

export function capsuleValue(type: CapsuleType, value: unknown): CapsuleValue {
  return { kind: 'capsule', type, value, marks: noMarks };
}

export function nullValue(type: Type): NullValue {
  return { kind: 'null', type, marks: noMarks };
}

export function unknownValue(type: Type): UnknownValue {
  return { kind: 'unknown', type, marks: noMarks };
}

/** The value with further marks. */
export function withMarks<T extends Value>(value: T, ...more: readonly ReadonlySet<Mark>[]): T {
  if (more.every((marks) => marks.size === 0)) return value;
  const marks = new Set(value.marks);
  for (const set of more) for (const mark of set) marks.add(mark);
  return { ...value, marks };
}

/** The value without its own marks; those of its elements stay. */
export function unmarked<T extends Value>(value: T): T {
  return value.marks.size === 0 ? value : { ...value, marks: noMarks };
}

function normalized(text: string): string {
  // Most texts are ASCII, which is in form C already.
  return /^[\x00-\x7f]*$/.test(text) ? text : text.normalize('NFC');
}

function sortedEntries(entries: Iterable<readonly [string, Value]>): ReadonlyMap<string, Value> {
  const given: [string, Value][] = [];
  // Most come from something that is sorted already.
  let sorted = true;
  for (const [name, value] of entries) {
    const key = normalized(name);
    const last = given.at(-1);
    if (last && sorted) sorted = compareKeys(last[0], key) <= 0;
    given.push([key, value]);
  }
  if (!sorted) given.sort(([a], [b]) => compareKeys(a, b));
  return new Map(given);
}
