import { fromPlain, type Plain } from '../values/plain.ts';
import { type Mark, sensitiveMark, type Value, withMarks } from '../values/value.ts';

/** The value of plain data: short for tests. */
export const v: (data: Plain) => Value = fromPlain;

/** The value with the mark `sensitive`, or another one. */
export function secret(data: Plain | Value, mark: Mark = sensitiveMark): Value {
  const value = isValue(data) ? data : fromPlain(data);
  return withMarks(value, new Set([mark]));
}

function isValue(data: Plain | Value): data is Value {
  return typeof data === 'object' && data !== null && 'kind' in data && 'marks' in data;
}

/** Attributes of an object value or entries of a map value made of values. */
export function entries(members: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(members);
}
