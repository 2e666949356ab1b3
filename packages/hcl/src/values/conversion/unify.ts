import { dynamicType, objectType, sameType, type TupleType, type Type, tupleType } from '../type.ts';
import { typeExpression } from '../type-words.ts';
import { unknownValue } from '../value.ts';
import { type Conversion, conversionBetween } from './conversion.ts';
import { byPreference } from './preference.ts';

export interface UnifyOptions {
  /** Also conversions that fail for some values, such as text to number. */
  readonly unsafe?: boolean;
}

/** A type, and how values of each of the given types become values of it, in the order given. */
export interface Unification {
  readonly type: Type;
  readonly conversions: readonly Conversion[];
}

/**
 * The most general of some types that values of all of them can be converted to, or a new type made of theirs; by
 * go-cty's rules. Undefined when there is none, or when no types are given.
 */
export function unify(types: readonly Type[], options: UnifyOptions = {}): Type | undefined {
  return unification(types, options)?.type;
}

/** The same as `unify`, with the conversions. A value may become unknown: when its fellows are not known enough. */
export function unification(types: readonly Type[], options: UnifyOptions = {}): Unification | undefined {
  const [first] = types;
  if (!first) return undefined;
  const safe = options.unsafe !== true;
  if (types.every((type) => sameType(type, first))) return allTo(first, types, safe);
  const shape = shapeOf(types);
  switch (shape) {
    case 'map':
    case 'list':
    case 'set':
      return types.some(isDynamic) ? allUnknown(types) : collections(shape, types, safe);
    case 'object':
      return types.some(isDynamic) ? allUnknown(types) : objects(types, safe);
    case 'tuple':
      return types.some(isDynamic) ? allUnknown(types) : tuples(types, safe);
    case 'maps and objects':
    case 'lists and tuples': {
      const found = disguised(shape, types, safe);
      if (found) return found;
      break;
    }
    case 'objects and tuples':
      return undefined;
  }
  return oneOfThem(types, safe);
}

function isDynamic(type: Type): boolean {
  return type.kind === 'dynamic';
}

type Shape =
  | 'map'
  | 'list'
  | 'set'
  | 'object'
  | 'tuple'
  | 'maps and objects'
  | 'lists and tuples'
  | 'objects and tuples';

/** What kinds of types these are, beside those that are not known yet. */
function shapeOf(types: readonly Type[]): Shape | undefined {
  const kinds = new Set(types.map(({ kind }) => kind));
  kinds.delete('dynamic');
  if (kinds.size === 1) {
    const [kind] = kinds;
    return kind === 'map' || kind === 'list' || kind === 'set' || kind === 'object' || kind === 'tuple'
      ? kind
      : undefined;
  }
  if (kinds.size === 2 && kinds.has('map') && kinds.has('object')) return 'maps and objects';
  if (kinds.size === 2 && kinds.has('list') && kinds.has('tuple')) return 'lists and tuples';
  return kinds.has('object') && kinds.has('tuple') ? 'objects and tuples' : undefined;
}

/** Each of the types converted to this one, or undefined when one cannot be. */
function allTo(type: Type, types: readonly Type[], safe: boolean): Unification | undefined {
  const known = new Map<Type, Conversion | undefined>();
  const conversions: Conversion[] = [];
  for (const from of types) {
    if (!known.has(from))
      known.set(from, sameType(from, type) ? asItIs : conversionBetween(from, type, safe));
    const conversion = known.get(from);
    if (!conversion) return undefined;
    conversions.push(conversion);
  }
  return { type, conversions };
}

const asItIs: Conversion = (value) => value;

/** What is not known yet may change the outcome, so nothing can be said about any of them. */
function allUnknown(types: readonly Type[]): Unification {
  return { type: dynamicType, conversions: types.map(() => () => unknownValue(dynamicType)) };
}

function oneOfThem(types: readonly Type[], safe: boolean): Unification | undefined {
  const distinct = [...new Map(types.map((type) => [typeExpression(type), type])).values()];
  for (const wanted of byPreference(distinct)) {
    const found = allTo(wanted, types, safe);
    if (found) return found;
  }
  return undefined;
}

function collections(
  kind: 'list' | 'set' | 'map',
  types: readonly Type[],
  safe: boolean,
): Unification | undefined {
  const element = unify(types.map(elementOf), { unsafe: !safe });
  return element && allTo({ kind, element }, types, safe);
}

function elementOf(type: Type): Type {
  return type.kind === 'list' || type.kind === 'set' || type.kind === 'map' ? type.element : dynamicType;
}

/** Objects with the same attributes stay objects; others may become maps. */
function objects(types: readonly Type[], safe: boolean): Unification | undefined {
  const given = types.filter((type) => type.kind === 'object');
  const names = [...given[0]!.attributes.keys()];
  const alike = given.every(
    ({ attributes }) => attributes.size === names.length && names.every((name) => attributes.has(name)),
  );
  if (!alike) return parts(types, 'map', safe);
  const attributes: [string, Type][] = [];
  for (const name of names) {
    const type = unify(
      given.map((object) => object.attributes.get(name)!),
      { unsafe: !safe },
    );
    if (!type) return undefined;
    attributes.push([name, type]);
  }
  return allTo(objectType(attributes), types, safe) ?? parts(types, 'map', safe);
}

/** Tuples of the same length stay tuples; others may become lists. */
function tuples(types: readonly Type[], safe: boolean): Unification | undefined {
  const given = types.filter((type): type is TupleType => type.kind === 'tuple');
  const { length } = given[0]!.elements;
  if (!given.every(({ elements }) => elements.length === length)) return parts(types, 'list', safe);
  const elements: Type[] = [];
  for (let index = 0; index < length; index++) {
    const type = unify(
      given.map((tuple) => tuple.elements[index]!),
      { unsafe: !safe },
    );
    if (!type) return undefined;
    elements.push(type);
  }
  return allTo(tupleType(elements), types, safe) ?? parts(types, 'list', safe);
}

/** A collection of one type for all parts of all of them. */
function parts(types: readonly Type[], kind: 'map' | 'list', safe: boolean): Unification | undefined {
  const all = types.flatMap((type) => {
    return type.kind === 'object'
      ? [...type.attributes.values()]
      : type.kind === 'tuple'
        ? type.elements
        : [];
  });
  const element = unify(all, { unsafe: !safe });
  return element && allTo({ kind, element }, types, safe);
}

/** Objects are often written where a map is meant, and tuples where a list is. */
function disguised(
  shape: 'maps and objects' | 'lists and tuples',
  types: readonly Type[],
  safe: boolean,
): Unification | undefined {
  const [structural, collection] =
    shape === 'maps and objects' ? (['object', 'map'] as const) : (['tuple', 'list'] as const);
  const written = types.filter(({ kind }) => kind === structural);
  const asCollection = parts(written, collection, safe);
  if (!asCollection) return undefined;
  const replaced = types.map((type) => (type.kind === structural ? asCollection.type : type));
  const found = unification(replaced, { unsafe: !safe });
  if (found?.type.kind !== collection) return undefined;
  let next = 0;
  const conversions = types.map((type, index): Conversion => {
    const second = found.conversions[index]!;
    if (type.kind !== structural) return second;
    const first = asCollection.conversions[next]!;
    next += 1;
    return (value) => second(first(value));
  });
  return { type: found.type, conversions };
}
