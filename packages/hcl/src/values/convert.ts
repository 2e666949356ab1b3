import { conversionBetween } from './conversion/conversion.ts';
import { ConversionError } from './conversion/conversion-error.ts';
import { describeMismatch } from './conversion/mismatch.ts';
import { sameType, type Type, withoutOptional } from './type.ts';
import type { Value } from './value.ts';

export { ConversionError } from './conversion/conversion-error.ts';
export { unification, unify } from './conversion/unify.ts';

/**
 * The value as a value of the type: https://github.com/hashicorp/hcl/blob/main/spec.md#type-conversions-and-unification
 * Attributes of objects that the type does not name are left out; optional ones that are missing are null. Null and
 * unknown stay what they are, with the new type. Marks stay.
 * @throws ConversionError
 */
export function convert(value: Value, type: Type): Value {
  if (value.type === type || sameType(value.type, withoutOptional(type))) return value;
  const conversion = conversionBetween(value.type, type, false);
  if (!conversion) throw new ConversionError(describeMismatch(value.type, type));
  return conversion(value);
}

/**
 * Whether values of one type can be converted to another. Without `safe`, conversions count that fail for some values,
 * such as text to number.
 */
export function canConvert(
  from: Type,
  to: Type,
  { safe = false }: { readonly safe?: boolean } = {},
): boolean {
  return sameType(from, withoutOptional(to)) || conversionBetween(from, to, safe) !== undefined;
}
