import { formatDecimal, parseBigFloat } from '../big-float-text.ts';
import type { PrimitiveType } from '../type.ts';
import { falseValue, numberValue, stringValue, trueValue, type Value } from '../value.ts';
import type { Conversion } from './conversion.ts';
import { ConversionError } from './conversion-error.ts';

/** Numbers and bools always have a text. Texts are only sometimes numbers or bools, which is not safe. */
export function primitiveConversion(
  from: PrimitiveType,
  to: PrimitiveType,
  safe: boolean,
): Conversion | undefined {
  if (from.kind === to.kind) return (value) => value;
  if (to.kind === 'string') return toText;
  if (safe || from.kind !== 'string') return undefined;
  return to.kind === 'number' ? toNumber : toBool;
}

function toText(value: Value): Value {
  if (value.kind === 'number') return stringValue(formatDecimal(value.value));
  return stringValue(value.kind === 'bool' && value.value ? 'true' : 'false');
}

function toNumber(value: Value): Value {
  const number = value.kind === 'string' ? parseBigFloat(value.value) : 'syntax';
  if (typeof number === 'object') return numberValue(number);
  throw new ConversionError(number === 'range' ? 'this number is out of range' : 'a number is required');
}

function toBool(value: Value): Value {
  const text = value.kind === 'string' ? value.value : '';
  if (text === 'true' || text === '1') return trueValue;
  if (text === 'false' || text === '0') return falseValue;
  const lower = text.toLowerCase();
  const hint = lower === 'true' || lower === 'false' ? `; write "${lower}" in small letters` : '';
  throw new ConversionError(`a bool is required${hint}`);
}
