import { type MapType, type ObjectType, sameType, type Type, withoutOptional } from '../type.ts';
import { mapValue, nullValue, objectValue, type Value } from '../value.ts';
import { commonType } from './common-type.ts';
import { type Conversion, conversionBetween, elementConversion } from './conversion.ts';
import { ConversionError, within } from './conversion-error.ts';
import { describeMismatch } from './mismatch.ts';
import { unify } from './unify.ts';

export function mapConversion(from: MapType, element: Type, safe: boolean): Conversion | undefined {
  const convertElement = elementConversion(from.element, element, safe);
  if (!convertElement) return undefined;
  return (value) => {
    const converted = [...entriesOf(value)].map(([key, item]) => {
      return [key, within({ kind: 'key', key }, () => convertElement(item))] as const;
    });
    const empty = element.kind === 'dynamic' ? from.element : withoutOptional(element);
    return mapOf(hasParts(element) ? alike(converted, true) : converted, empty);
  };
}

export function objectToMap(from: ObjectType, wanted: Type, safe: boolean): Conversion | undefined {
  if (from.attributes.size === 0) return () => mapValue(withoutOptional(wanted), []);
  const element =
    wanted.kind === 'dynamic' ? unify([...from.attributes.values()], { unsafe: !safe }) : wanted;
  if (!element) return undefined;
  const conversions = new Map<string, Conversion>();
  for (const [name, type] of from.attributes) {
    const conversion = elementConversion(type, element, safe);
    if (!conversion) return undefined;
    conversions.set(name, conversion);
  }
  return (value) => {
    const converted = [...entriesOf(value)].map(([key, item]) => {
      return [key, within({ kind: 'attribute', name: key }, () => conversions.get(key)!(item))] as const;
    });
    return mapOf(hasParts(element) ? alike(converted, safe) : converted, withoutOptional(element));
  };
}

/** Attributes that are not wanted are left out; optional ones that are not there are null. */
export function objectToObject(from: ObjectType, to: ObjectType, safe: boolean): Conversion | undefined {
  const conversions = new Map<string, Conversion>();
  for (const [name, type] of to.attributes) {
    const given = from.attributes.get(name);
    if (!given) {
      if (to.optional.has(name)) continue;
      return undefined;
    }
    const conversion = elementConversion(given, type, safe);
    if (!conversion) return undefined;
    conversions.set(name, conversion);
  }
  return (value) => {
    const entries = entriesOf(value);
    const converted = [...to.attributes].map(([name, type]) => {
      const conversion = conversions.get(name);
      if (!conversion) return [name, nullValue(withoutOptional(type))] as const;
      return [name, within({ kind: 'attribute', name }, () => conversion(entries.get(name)!))] as const;
    });
    return objectValue(converted);
  };
}

export function mapToObject(from: MapType, to: ObjectType): Conversion | undefined {
  const conversions = new Map<string, Conversion | undefined>();
  for (const [name, type] of to.attributes) {
    const conversion = elementConversion(from.element, type, false);
    // An optional attribute that no map of this type can give may still be left out.
    if (!conversion && !to.optional.has(name)) return undefined;
    conversions.set(name, conversion);
  }
  return (value) => {
    const entries = entriesOf(value);
    const converted = [...to.attributes].map(([name, type]) => {
      const item = entries.get(name);
      if (!item) {
        if (to.optional.has(name)) return [name, nullValue(withoutOptional(type))] as const;
        throw new ConversionError(`an element ${JSON.stringify(name)} is required`);
      }
      const conversion = conversions.get(name);
      return [
        name,
        within({ kind: 'key', key: name }, () => {
          if (conversion) return conversion(item);
          throw new ConversionError(describeMismatch(item.type, type));
        }),
      ] as const;
    });
    return objectValue(converted);
  };
}

const noEntries: ReadonlyMap<string, Value> = new Map();

function entriesOf(value: Value): ReadonlyMap<string, Value> {
  return value.kind === 'map' || value.kind === 'object' ? value.entries : noEntries;
}

function hasParts(type: Type): boolean {
  return type.kind === 'list' || type.kind === 'set' || type.kind === 'map' || type.kind === 'object';
}

function mapOf(entries: readonly (readonly [string, Value])[], empty: Type): Value {
  const type = commonType(
    entries.map(([, item]) => item),
    empty,
    'map',
  );
  return mapValue(type, entries);
}

/** Entries of types that still differ, because the wanted type left something open, made one type. */
function alike(
  entries: readonly (readonly [string, Value])[],
  safe: boolean,
): readonly (readonly [string, Value])[] {
  const first = entries[0];
  if (!first || entries.every(([, { type }]) => sameType(type, first[1].type))) return entries;
  const type = unify(
    entries.map(([, item]) => item.type),
    { unsafe: !safe },
  );
  if (!type) throw new ConversionError('the elements have no type in common');
  return entries.map(([key, item]) => {
    if (sameType(item.type, type)) return [key, item] as const;
    const conversion = conversionBetween(item.type, type, safe);
    if (!conversion) throw new ConversionError('the elements have no type in common');
    return [key, within({ kind: 'key', key }, () => conversion(item))] as const;
  });
}
