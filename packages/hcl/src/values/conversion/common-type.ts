import { sameType, type Type } from '../type.ts';
import type { Value } from '../value.ts';
import { ConversionError } from './conversion-error.ts';

/**
 * The type of all items, of which those that are not known yet may be of any; `empty` when there are none.
 * @throws ConversionError when they differ
 */
export function commonType(items: Iterable<Value>, empty: Type, collection: string): Type {
  let common: Type | undefined;
  for (const { type } of items) {
    if (common === undefined || common.kind === 'dynamic') common = type;
    else if (type !== common && type.kind !== 'dynamic' && !sameType(type, common)) {
      throw new ConversionError(`all elements of a ${collection} must have the same type`);
    }
  }
  return common ?? empty;
}
