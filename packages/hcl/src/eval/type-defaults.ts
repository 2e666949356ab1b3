import { ConversionError, unification } from '../values/convert.ts';
import { setOf } from '../values/set.ts';
import type { Type } from '../values/type.ts';
import {
  listValue,
  mapValue,
  objectValue,
  tupleValue,
  unmarked,
  type Value,
  withMarks,
} from '../values/value.ts';

/** The defaults of optional attributes at some place in a type, and those further inside. */
export interface Defaults {
  readonly type: Type;
  /** Of the attributes of an object. */
  readonly values: ReadonlyMap<string, Value>;
  /** Of attributes by name, of the elements of a tuple by number, of the elements of a collection by ''. */
  readonly children: ReadonlyMap<string, Defaults>;
}

/**
 * The value with defaults wherever an optional attribute is missing or null. The result may be of another type than
 * the value and is not yet of the wanted one; where the value does not fit the type, it is left as it is.
 */
export function applyDefaults(value: Value, defaults: Defaults | undefined): Value {
  if (!defaults || value.kind === 'null' || value.kind === 'unknown') return value;
  return withMarks(applied(unmarked(value), defaults), value.marks);
}

function applied(value: Value, defaults: Defaults): Value {
  switch (value.kind) {
    case 'list':
    case 'set':
    case 'tuple': {
      const items = value.items.map((item, index) => applyDefaults(item, childOf(defaults, index)));
      if (value.kind === 'tuple') return tupleValue(items);
      if (items.length === 0) return value;
      const alike = unified(items);
      if (!alike) return tupleValue(items);
      const element = alike[0]!.type;
      return value.kind === 'list' ? listValue(element, alike) : setOf(element, alike);
    }
    case 'map':
    case 'object': {
      const entries = withDefaults(value.entries, defaults);
      if (value.kind === 'object') return objectValue(entries);
      if (entries.size === 0) return value;
      const alike = unified([...entries.values()]);
      if (!alike) return objectValue(entries);
      return mapValue(
        alike[0]!.type,
        [...entries.keys()].map((key, index) => [key, alike[index]!]),
      );
    }
    default:
      return value;
  }
}

function withDefaults(given: ReadonlyMap<string, Value>, defaults: Defaults): Map<string, Value> {
  const entries = new Map<string, Value>();
  for (const [key, entry] of given) entries.set(key, applyDefaults(entry, childOf(defaults, key)));
  for (const [name, fallback] of defaults.values) {
    const entry = entries.get(name);
    if (!entry || entry.kind === 'null')
      entries.set(name, applyDefaults(fallback, defaults.children.get(name)));
  }
  return entries;
}

function childOf(defaults: Defaults, key: number | string): Defaults | undefined {
  const { kind } = defaults.type;
  if (kind === 'tuple' && typeof key === 'number') return defaults.children.get(String(key));
  if (kind === 'object' && typeof key === 'string') return defaults.children.get(key);
  return defaults.children.get('');
}

/** The values as values of one type, if there is one. */
function unified(values: readonly Value[]): readonly Value[] | undefined {
  const found = unification(
    values.map(({ type }) => type),
    { unsafe: true },
  );
  if (!found) return undefined;
  try {
    return values.map((value, index) => found.conversions[index]!(value));
  } catch (error) {
    if (error instanceof ConversionError) return undefined;
    throw error;
  }
}
