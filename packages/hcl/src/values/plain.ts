import { BigFloat, standardPrecision } from './big-float.ts';
import { dynamicType } from './type.ts';
import {
  boolValue,
  nullValue,
  numberValue,
  objectValue,
  stringValue,
  tupleValue,
  type Value,
} from './value.ts';

/** Data as JavaScript programs have it. */
export type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Plain[]
  | { readonly [name: string]: Plain | undefined };

/**
 * The value of some data: arrays become tuples, objects objects, null a null of any type. Use `convert` for another
 * type. Members that are undefined are left out.
 * @throws NumberError for NaN
 */
export function fromPlain(data: Plain): Value {
  if (data === null) return nullValue(dynamicType);
  switch (typeof data) {
    case 'boolean':
      return boolValue(data);
    case 'number':
      return numberValue(Number.isSafeInteger(data) ? whole(data) : BigFloat.float(data));
    case 'bigint':
      return numberValue(whole(data));
    case 'string':
      return stringValue(data);
  }
  if (isArray(data)) return tupleValue(data.map(fromPlain));
  const entries = Object.entries(data).flatMap(([name, member]) => {
    return member === undefined ? [] : [[name, fromPlain(member)] as const];
  });
  return objectValue(entries);
}

/** With the precision of numbers written in templates, so that sums are as exact. */
function whole(data: number | bigint): BigFloat {
  const number = BigFloat.integer(data);
  return number.withPrecision(Math.max(standardPrecision, number.precision));
}

function isArray(data: Plain): data is readonly Plain[] {
  return Array.isArray(data);
}

/** A value has no form as data of JavaScript. */
export class PlainError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'PlainError';
  }
}

/**
 * The data of a value. Whole numbers beyond what a double counts exactly are bigints; other numbers are the nearest
 * double. Marks are lost: what was secret is plain text.
 * @throws PlainError for unknown values and those of the host program
 */
export function toPlain(value: Value): Plain {
  switch (value.kind) {
    case 'null':
      return null;
    case 'string':
    case 'bool':
      return value.value;
    case 'number': {
      const number = value.value;
      if (!number.isInteger) return number.toNumber();
      return number.toSafeInteger() ?? number.toBigInt();
    }
    case 'list':
    case 'set':
    case 'tuple':
      return value.items.map(toPlain);
    case 'map':
    case 'object':
      return Object.fromEntries([...value.entries].map(([name, item]) => [name, toPlain(item)]));
    case 'unknown':
      throw new PlainError('the value is not known yet');
    case 'capsule':
      throw new PlainError(`values of the type ${value.type.name} exist only inside of this program`);
  }
}
