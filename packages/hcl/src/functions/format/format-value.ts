import type { BigFloat } from '../../values/big-float.ts';
import { ConversionError, convert } from '../../values/convert.ts';
import { encodeJson } from '../../values/json.ts';
import { boolType, numberType, stringType, type Type } from '../../values/type.ts';
import { type NumberValue, type StringValue, stringValue, type Value } from '../../values/value.ts';
import { FunctionError } from '../function.ts';
import { truthOf } from '../support/arguments.ts';
import { graphemeCount, graphemes } from '../support/grapheme.ts';
import { floatText } from './number-text.ts';
import type { Verb } from './verb.ts';

/**
 * What a verb makes of a value, which must be wholly known.
 * @throws FunctionError
 */
export function formatValue(verb: Verb, value: Value): string {
  if (verb.letter === 'v') return general(verb, value);
  if (value.kind === 'null') {
    throw problem(verb, 'the value is null; only %v and %#v can write that');
  }
  switch (verb.letter) {
    case 't':
      return String(truthOf(as(boolType, verb, value)));
    case 's':
    case 'q':
      return text(verb, (as(stringType, verb, value) as StringValue).value);
    case 'b':
    case 'd':
    case 'o':
    case 'x':
    case 'X':
      return integer(verb, (as(numberType, verb, value) as NumberValue).value);
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return float(verb, (as(numberType, verb, value) as NumberValue).value);
    default:
      throw problem(verb, 'there is no such verb; there are v, s, q, d, b, o, x, X, e, E, f, g, G, t');
  }
}

function general(verb: Verb, value: Value): string {
  if (!verb.sharp && value.kind === 'string') return padded(verb, value.value);
  if (!verb.sharp && value.kind === 'number') return padded(verb, floatText(value.value, 'g', undefined));
  return padded(verb, encodeJson(value));
}

function text(verb: Verb, value: string): string {
  // A precision of zero cuts nothing, unlike in C.
  const cut = verb.precision ? graphemes(value).slice(0, verb.precision).join('') : value;
  return padded(verb, verb.letter === 'q' ? encodeJson(stringValue(cut)) : cut);
}

function integer(verb: Verb, number: BigFloat): string {
  if (!number.isInteger) throw problem(verb, 'the number is not whole');
  const value = number.toBigInt();
  const size = value < 0n ? -value : value;
  const digits = integerDigits(size, verb.letter);
  if (verb.precision === 0 && size === 0n) return '';
  const sign = value < 0n ? '-' : signOf(verb);
  const prefix = verb.sharp ? (integerPrefixes[verb.letter] ?? '') : '';
  const least = digits.padStart(verb.precision ?? 0, '0');
  const room = (verb.width ?? 0) - sign.length - prefix.length;
  if (verb.minus) return (sign + prefix + least).padEnd(verb.width ?? 0);
  if (verb.zero && verb.precision === undefined) return sign + prefix + least.padStart(room, '0');
  return (sign + prefix + least).padStart(verb.width ?? 0);
}

const integerPrefixes: Readonly<Record<string, string>> = { b: '0b', o: '0', x: '0x', X: '0X' };
const integerBases: Readonly<Record<string, number>> = { b: 2, o: 8, d: 10, x: 16, X: 16 };

function integerDigits(size: bigint, letter: string): string {
  const digits = size.toString(integerBases[letter]);
  return letter === 'X' ? digits.toUpperCase() : digits;
}

function float(verb: Verb, number: BigFloat): string {
  const letter = verb.letter.toLowerCase() as 'e' | 'f' | 'g';
  const precision = verb.precision ?? (letter === 'g' ? undefined : 6);
  let digits = floatText(number, letter, precision);
  if (verb.letter !== letter && !number.isInfinite) digits = digits.toUpperCase();
  let sign = signOf(verb);
  if (digits.startsWith('-') || digits.startsWith('+')) {
    sign = digits[0] === '+' && verb.space ? ' ' : digits[0]!;
    digits = digits.slice(1);
  }
  const width = verb.width ?? 0;
  if (verb.minus) return (sign + digits).padEnd(width);
  if (verb.zero && !number.isInfinite) return sign + digits.padStart(width - sign.length, '0');
  return (sign + digits).padStart(width);
}

function signOf(verb: Verb): string {
  return verb.plus ? '+' : verb.space ? ' ' : '';
}

function padded(verb: Verb, value: string): string {
  const missing = verb.width === undefined ? 0 : verb.width - graphemeCount(value);
  if (missing <= 0) return value;
  const padding = (verb.zero ? '0' : ' ').repeat(missing);
  return verb.minus ? value + padding : padding + value;
}

function as(type: Type, verb: Verb, value: Value): Value {
  try {
    return convert(value, type);
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
    throw problem(verb, error.message);
  }
}

function problem(verb: Verb, reason: string): FunctionError {
  return new FunctionError(`"${verb.raw}" at offset ${verb.offset} of the format: ${reason}.`, verb.argument);
}
