import { formatValue, plainOptions } from './format-value.ts';
import { sprint, sprintf, sprintln } from './printf.ts';
import {
  aType,
  entryOf,
  fromJavaScript,
  GoComplex,
  type GoFunction,
  type GoValue,
  isGoFunction,
  isMap,
  isTrue,
  typeName,
} from './values.ts';

/** The functions of text/template, but for `and` and `or`, which the evaluator does itself: they may stop early. */
export const builtins: Readonly<Record<string, GoFunction>> = {
  not: { parameters: ['any'], call: (value: GoValue) => !isTrue(value) },
  len: { parameters: ['any'], call: length },
  index: { parameters: ['any'], rest: 'any', call: index },
  slice: { parameters: ['any'], rest: 'any', call: slice },
  print: { parameters: [], rest: 'any', call: (...values: GoValue[]) => sprint(values) },
  printf: {
    parameters: ['string'],
    rest: 'any',
    call: (format: string, ...values: GoValue[]) => sprintf(format, values),
  },
  println: { parameters: [], rest: 'any', call: (...values: GoValue[]) => sprintln(values) },
  html: { parameters: [], rest: 'any', call: (...values: GoValue[]) => escapeHtml(sprint(values)) },
  js: { parameters: [], rest: 'any', call: (...values: GoValue[]) => escapeJs(sprint(values)) },
  urlquery: { parameters: [], rest: 'any', call: (...values: GoValue[]) => escapeQuery(sprint(values)) },
  eq: { parameters: ['any'], rest: 'any', call: equalsAny },
  ne: { parameters: ['any', 'any'], call: (a: GoValue, b: GoValue) => !equals(a, b) },
  lt: { parameters: ['any', 'any'], call: less },
  le: { parameters: ['any', 'any'], call: (a: GoValue, b: GoValue) => less(a, b) || equals(a, b) },
  gt: { parameters: ['any', 'any'], call: (a: GoValue, b: GoValue) => !(less(a, b) || equals(a, b)) },
  ge: { parameters: ['any', 'any'], call: (a: GoValue, b: GoValue) => !less(a, b) },
};

function length(value: GoValue): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value));
  if (Array.isArray(value)) return BigInt(value.length);
  if (value instanceof Map) return BigInt(value.size);
  if (isMap(value)) return BigInt(Object.keys(value).length);
  throw new TypeError(`${aType(value)} has no length`);
}

function index(value: GoValue, ...keys: GoValue[]): GoValue {
  let item = value;
  for (const key of keys) {
    if (item === undefined || item === null) throw new TypeError('nil cannot be indexed');
    if (Array.isArray(item)) item = fromJavaScript(item[position(key, item.length - 1)]);
    else if (typeof item === 'string') {
      const bytes = Buffer.from(item);
      item = BigInt(bytes[position(key, bytes.length - 1)]!);
    } else if (isMap(item)) {
      if (typeof key !== 'string') throw new TypeError(`a map's key is a string, not ${aType(key)}`);
      item = entryOf(item, key) ?? null;
    } else throw new TypeError(`${aType(item)} cannot be indexed`);
  }
  return item;
}

function position(key: GoValue, highest: number): number {
  if (typeof key !== 'bigint') throw new TypeError(`an index is an integer, not ${aType(key)}`);
  if (key < 0n || key > BigInt(highest)) throw new TypeError(`the index ${key} is out of range`);
  return Number(key);
}

function slice(value: GoValue, ...keys: GoValue[]): GoValue {
  const bytes = typeof value === 'string' ? Buffer.from(value) : undefined;
  if (!bytes && !Array.isArray(value)) throw new TypeError(`${aType(value)} cannot be sliced`);
  const list = bytes ?? (value as readonly unknown[]);
  if (keys.length > (bytes ? 2 : 3)) throw new TypeError(`too many indexes: ${keys.length}`);
  const indexes = keys.map((key) => position(key, list.length));
  const [from = 0, to = list.length, capacity = list.length] = indexes;
  if (from > to || to > capacity) throw new TypeError(`the indexes ${indexes.join(', ')} are not in order`);
  return bytes ? bytes.subarray(from, to).toString() : (list as readonly unknown[]).slice(from, to);
}

function basicKind(value: GoValue): string {
  const name = typeName(value);
  if (['bool', 'complex128', 'int', 'float64', 'string'].includes(name)) return name;
  throw new TypeError(`${aType(value)} cannot be compared`);
}

function equalsAny(first: GoValue, ...others: GoValue[]): boolean {
  if (others.length === 0) throw new TypeError('a second value to compare with is missing');
  return others.some((other) => equals(first, other));
}

function equals(a: GoValue, b: GoValue): boolean {
  const noA = a === undefined || a === null;
  const noB = b === undefined || b === null;
  if (noA || noB) return noA && noB;
  if (basicKind(a) !== basicKind(b)) throw new TypeError(`${aType(a)} cannot be compared with ${aType(b)}`);
  if (a instanceof GoComplex && b instanceof GoComplex)
    return a.real === b.real && a.imaginary === b.imaginary;
  return a === b;
}

function less(a: GoValue, b: GoValue): boolean {
  const kind = basicKind(a);
  if (kind !== basicKind(b)) throw new TypeError(`${aType(a)} cannot be compared with ${aType(b)}`);
  if (kind === 'bool' || kind === 'complex128') throw new TypeError(`${aType(a)} has no order`);
  if (typeof a === 'string' && typeof b === 'string')
    return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
  return (a as number) < (b as number);
}

const htmlEscapes: Readonly<Record<string, string>> = {
  '\0': '\uFFFD',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
};

function escapeHtml(text: string): string {
  return text.replace(/[\0"'&<>]/g, (letter) => htmlEscapes[letter]!);
}

function escapeJs(text: string): string {
  return text.replace(/[\\'"<>&=\p{C}\p{Zl}\p{Zp}]/gu, (letter) => {
    if ('\\\'"'.includes(letter)) return `\\${letter}`;
    return `\\u${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
  });
}

function escapeQuery(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      if (/[A-Za-z0-9_.~-]/.test(letter)) return letter;
      return letter === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** A value as an action prints it. */
export function printed(value: GoValue): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '<no value>';
  if (isGoFunction(value)) throw new TypeError('a function cannot be printed');
  return formatValue(value, 'v', plainOptions);
}
