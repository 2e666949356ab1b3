import type { Type } from '../../values/type.ts';
import type { Value } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';

/** The elements of a list, set or tuple; of others none. */
export function itemsOf(value: Value): readonly Value[] {
  return value.kind === 'list' || value.kind === 'set' || value.kind === 'tuple' ? value.items : [];
}

/** Whether values of the type are lists, sets or tuples. */
export function isSequenceType(type: Type): boolean {
  return type.kind === 'list' || type.kind === 'set' || type.kind === 'tuple';
}

/** Whether it is known how many elements there are; unknown elements of a set may turn out to be the same. */
export function hasKnownLength(value: Value): boolean {
  if (value.kind === 'unknown') return false;
  return value.kind !== 'set' || value.items.length < 2 || isWhollyKnown(value);
}
