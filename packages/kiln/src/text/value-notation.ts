import {
  type BigFloat,
  boolValue,
  dynamicType,
  formatDecimal,
  listValue,
  mapValue,
  nullValue,
  numberValue,
  objectValue,
  parseBigFloat,
  parseExpression,
  sensitiveMark,
  setOf,
  stringValue,
  type Type,
  tupleValue,
  typeExpression,
  unknownValue,
  type Value,
  withMarks,
} from '@kiln/hcl';
import { KilnError } from '../base/errors.ts';

/**
 * Values of HCL2 in JSON, with their types and the mark of secrets: texts, booleans, tuples and objects are what they
 * are in JSON, objects inside of `{"object": …}`; everything else is an object with one telling member, such as
 * `{"number": "1"}`. Numbers are texts, so that all their digits stay and hiding a secret leaves JSON that is right.
 */
export function encodeValue(value: Value): unknown {
  const encoded = encodeUnmarked(value);
  return value.marks.has(sensitiveMark) ? { secret: encoded } : encoded;
}

function encodeUnmarked(value: Value): unknown {
  switch (value.kind) {
    case 'string':
    case 'bool':
      return value.value;
    case 'number':
      return { number: formatDecimal(value.value) };
    case 'tuple':
      return value.items.map(encodeValue);
    case 'object':
      return { object: encodeEntries(value.entries) };
    case 'list':
    case 'set':
      return { [value.kind]: value.items.map(encodeValue), of: typeExpression(value.type.element) };
    case 'map':
      return { map: encodeEntries(value.entries), of: typeExpression(value.type.element) };
    case 'null':
    case 'unknown':
      return { [value.kind]: typeExpression(value.type) };
    case 'capsule':
      throw new KilnError('internal', `a value of the type ${value.type.name} cannot be written down`);
  }
}

function encodeEntries(entries: ReadonlyMap<string, Value>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...entries].map(([key, value]) => [key, encodeValue(value)]));
}

/** The value that `encodeValue` has written. */
export function decodeValue(encoded: unknown): Value {
  if (typeof encoded === 'string') return stringValue(encoded);
  if (typeof encoded === 'boolean') return boolValue(encoded);
  if (Array.isArray(encoded)) return tupleValue(encoded.map(decodeValue));
  const { secret, number, object, list, set, map, of, null: nothing, unknown } = encoded as Encoded;
  if (secret !== undefined) return withMarks(decodeValue(secret), new Set([sensitiveMark]));
  if (number !== undefined) return numberValue(parseBigFloat(number) as BigFloat);
  if (object !== undefined) return objectValue(decodeEntries(object));
  if (list !== undefined) return listValue(typeOf(of), list.map(decodeValue));
  if (set !== undefined) return setOf(typeOf(of), set.map(decodeValue));
  if (map !== undefined) return mapValue(typeOf(of), decodeEntries(map));
  if (nothing !== undefined) return nullValue(typeOf(nothing));
  return unknownValue(typeOf(unknown));
}

interface Encoded {
  readonly secret?: unknown;
  readonly number?: string;
  readonly object?: Readonly<Record<string, unknown>>;
  readonly list?: readonly unknown[];
  readonly set?: readonly unknown[];
  readonly map?: Readonly<Record<string, unknown>>;
  /** The element type of a collection. */
  readonly of?: string;
  readonly null?: string;
  readonly unknown?: string;
}

function decodeEntries(entries: Readonly<Record<string, unknown>>): readonly (readonly [string, Value])[] {
  return Object.entries(entries).map(([key, value]) => [key, decodeValue(value)]);
}

function typeOf(text: string | undefined): Type {
  if (text === undefined || text === 'any') return dynamicType;
  return parseExpression(text, 'type').value.asType().value.type;
}
