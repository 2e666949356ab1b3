/**
 * Values as the evaluator sees them. Go's int is a bigint and its float64 a number, because templates can
 * tell `1` from `1.0`. Undefined is Go's invalid value (a missing key), null an untyped nil.
 */
export type GoValue = unknown;
export type GoNumber = bigint | number | GoComplex;

export class GoComplex {
  readonly real: number;
  readonly imaginary: number;

  constructor(real: number, imaginary: number) {
    this.real = real;
    this.imaginary = imaginary;
  }
}

export type ParameterKind = 'any' | 'string' | 'int' | 'bool';

/**
 * A function that templates may call. Arguments are checked against `parameters` first, so that `call` may
 * rely on them: strings, booleans, numbers for `int`, and the evaluator's values for `any`.
 */
export interface GoFunction {
  readonly parameters: readonly ParameterKind[];
  /** Kind of any number of further arguments. */
  readonly rest?: ParameterKind;
  readonly call: (...args: never[]) => unknown;
}

export function isGoFunction(value: unknown): value is GoFunction {
  return typeof value === 'object' && value !== null && 'call' in value && 'parameters' in value;
}

/** Turns whole numbers that come from JavaScript into Go ints. */
export function fromJavaScript(value: unknown): GoValue {
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value;
}

export function isMap(
  value: unknown,
): value is Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return !Array.isArray(value) && !(value instanceof GoComplex) && !isGoFunction(value);
}

/** The entry of a map, or undefined. Inherited properties are no entries. */
export function entryOf(
  map: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>,
  key: string,
): GoValue {
  if (map instanceof Map) return fromJavaScript(map.get(key));
  return Object.hasOwn(map, key) ? fromJavaScript((map as Record<string, unknown>)[key]) : undefined;
}

/** Entries in the order in which Go's templates visit and print a map. */
export function sortedEntries(
  map: Readonly<Record<string, unknown>> | ReadonlyMap<string, unknown>,
): [string, GoValue][] {
  const entries: [string, unknown][] = map instanceof Map ? [...map.entries()] : Object.entries(map);
  return entries
    .map(([key, value]): [string, GoValue] => [key, fromJavaScript(value)])
    .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Go's truth: false for zero, nil, and everything empty. */
export function isTrue(value: GoValue): boolean {
  if (value === undefined || value === null) return false;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof GoComplex) return value.real !== 0 || value.imaginary !== 0;
  if (value instanceof Map) return value.size > 0;
  if (isGoFunction(value)) return true;
  if (typeof value === 'object') return Object.keys(value).length > 0;
  return Boolean(value) || Number.isNaN(value);
}

/** The name of a value's type, as `%T` prints it. */
export function typeName(value: GoValue): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'bigint') return 'int';
  if (typeof value === 'number') return 'float64';
  if (value instanceof GoComplex) return 'complex128';
  if (Array.isArray(value)) return '[]interface {}';
  if (isGoFunction(value)) return 'func()';
  return 'map[string]interface {}';
}

/** The same with an article, for messages. */
export function aType(value: GoValue): string {
  const name = typeName(value);
  return name === 'int' ? `an ${name}` : name === '<nil>' ? 'nil' : `a ${name}`;
}
