import { BigFloat } from './big-float.ts';
import { numberType, type Type } from './type.ts';
import { numberValue, stringValue, unknownValue, type Value, withMarks } from './value.ts';
import { isWhollyKnown } from './walk.ts';

/** An element of a collection, as a `for` expression sees it. */
export interface Element {
  /** A number in lists and tuples, a string in maps and objects, the element itself in sets. */
  readonly key: Value;
  readonly value: Value;
}

/** Whether values of the type have elements to go through. */
export function canIterate(type: Type): boolean {
  return ['list', 'set', 'map', 'object', 'tuple'].includes(type.kind);
}

/**
 * The elements, in order. Marks of the collection itself are not on them. Undefined when the value is unknown, null, or
 * of a type without elements.
 */
export function elementsOf(value: Value): readonly Element[] | undefined {
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items.map((item, index) => ({ key: numberValue(BigFloat.integer(index)), value: item }));
    case 'set':
      return value.items.map((item) => ({ key: item, value: item }));
    case 'map':
    case 'object':
      return [...value.entries].map(([key, item]) => ({ key: stringValue(key), value: item }));
    default:
      return undefined;
  }
}

/**
 * The number of elements or attributes, with the marks of the value; undefined for null and for types without elements.
 * Tuples and objects have a length before they are known. A set with something unknown in it does not: it may turn out
 * to be equal to another element.
 */
export function lengthOf(value: Value): Value | undefined {
  if (value.kind === 'null') return undefined;
  const length = knownLength(value);
  if (length !== undefined) return withMarks(numberValue(BigFloat.integer(length)), value.marks);
  const some = canIterate(value.type) || value.type.kind === 'dynamic';
  return some ? withMarks(unknownValue(numberType), value.marks) : undefined;
}

function knownLength(value: Value): number | undefined {
  const { type } = value;
  if (type.kind === 'tuple') return type.elements.length;
  if (type.kind === 'object') return type.attributes.size;
  if (value.kind === 'list') return value.items.length;
  if (value.kind === 'map') return value.entries.size;
  if (value.kind !== 'set') return undefined;
  return value.items.length < 2 || isWhollyKnown(value) ? value.items.length : undefined;
}
