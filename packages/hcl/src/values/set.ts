import { unmarkedDeep } from './deep-marks.ts';
import { elementKey, orderKey } from './element-key.ts';
import { sameType, setType, type Type } from './type.ts';
import { compareKeys, type Mark, noMarks, type SetValue, type Value, withMarks } from './value.ts';

/**
 * A set of these values, which must be of the element type already. Equal ones become one; what is or holds something
 * unknown is not equal to anything. The marks of the elements, at any depth, become marks of the set, because elements
 * have no place in it.
 *
 * The order is go-cty's: strings by code points, numbers ascending, false before true, others by a fixed order of their
 * own; then unknown values, then null.
 */
export function setOf(element: Type, values: Iterable<Value>): SetValue {
  const marks: ReadonlySet<Mark>[] = [];
  const byKey = new Map<string, Value>();
  const unknown: Value[] = [];
  for (const given of values) {
    const plain = unmarkedDeep(given);
    if (plain.marks.size > 0) marks.push(plain.marks);
    const key = elementKey(plain.value);
    if (key === undefined) unknown.push(plain.value);
    else if (!byKey.has(key)) byKey.set(key, plain.value);
  }
  const items = inOrder([...byKey.values(), ...unknown]);
  return withMarks({ kind: 'set', type: setType(element), items, marks: noMarks }, ...marks);
}

function inOrder(items: readonly Value[]): readonly Value[] {
  if (items.length < 2) return items;
  const keyed = items.map((value) => ({ value, rank: rankOf(value), key: sortKey(value) }));
  keyed.sort((a, b) => {
    if (a.rank !== b.rank) return a.rank - b.rank;
    const [x, y] = [a.value, b.value];
    if (x.kind === 'number' && y.kind === 'number') return x.value.compare(y.value);
    return compareKeys(a.key, b.key);
  });
  return keyed.map(({ value }) => value);
}

function rankOf(value: Value): number {
  return value.kind === 'null' ? 2 : value.kind === 'unknown' ? 1 : 0;
}

function sortKey(value: Value): string {
  switch (value.kind) {
    case 'string':
      return value.value;
    case 'number':
    case 'null':
    case 'unknown':
      return '';
    default:
      // Numbers that agree in ten digits still need a fixed order.
      return `${orderKey(value)}\0${elementKey(value) ?? ''}`;
  }
}

/** Whether a value is in a set; undefined when the value is not known. Marks do not count. */
export function isInSet(set: SetValue, value: Value): boolean | undefined {
  const plain = unmarkedDeep(value).value;
  if (plain.kind === 'unknown') return undefined;
  if (!sameType(plain.type, set.type.element)) return false;
  const key = elementKey(plain);
  return key !== undefined && keysOf(set).has(key);
}

const knownKeys = new WeakMap<SetValue, ReadonlySet<string>>();

function keysOf(set: SetValue): ReadonlySet<string> {
  let keys = knownKeys.get(set);
  if (!keys) {
    keys = new Set(set.items.map(elementKey).filter((key) => key !== undefined));
    knownKeys.set(set, keys);
  }
  return keys;
}

/** What is in one of two sets of the same type. Has the marks of both, as all of these operations. */
export function union(a: SetValue, b: SetValue): SetValue {
  return combined(a, b, [...a.items, ...b.items]);
}

/** What is in both of two sets of the same type. */
export function intersection(a: SetValue, b: SetValue): SetValue {
  return combined(
    a,
    b,
    a.items.filter((item) => isMember(b, item)),
  );
}

/** What is in the first of two sets of the same type, and not in the second. */
export function subtraction(a: SetValue, b: SetValue): SetValue {
  return combined(
    a,
    b,
    a.items.filter((item) => !isMember(b, item)),
  );
}

/** What is in exactly one of two sets of the same type. */
export function symmetricDifference(a: SetValue, b: SetValue): SetValue {
  const only = (one: SetValue, other: SetValue) => one.items.filter((item) => !isMember(other, item));
  return combined(a, b, [...only(a, b), ...only(b, a)]);
}

function combined(a: SetValue, b: SetValue, items: readonly Value[]): SetValue {
  return withMarks(setOf(a.type.element, items), a.marks, b.marks);
}

function isMember(set: SetValue, item: Value): boolean {
  const key = elementKey(item);
  return key !== undefined && keysOf(set).has(key);
}
