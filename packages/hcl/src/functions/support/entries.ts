import type { Value } from '../../values/value.ts';

/** The elements of a map or object by their keys, in order; of others none. */
export function entriesOf(value: Value): ReadonlyMap<string, Value> {
  return value.kind === 'map' || value.kind === 'object' ? value.entries : new Map();
}
