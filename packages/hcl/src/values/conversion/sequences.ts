import { setOf } from '../set.ts';
import {
  type ListType,
  type SetType,
  sameType,
  type TupleType,
  type Type,
  withoutOptional,
} from '../type.ts';
import { listValue, type SetValue, tupleValue, unknownValue, type Value } from '../value.ts';
import { isWhollyKnown } from '../walk.ts';
import { commonType } from './common-type.ts';
import { type Conversion, conversionBetween, elementConversion } from './conversion.ts';
import { ConversionError, within } from './conversion-error.ts';
import { unify } from './unify.ts';

export function sequenceToList(
  from: ListType | SetType,
  element: Type,
  safe: boolean,
): Conversion | undefined {
  const convertElement = elementConversion(from.element, element, safe);
  if (!convertElement) return undefined;
  return (value) => {
    if (value.kind === 'set' && !hasKnownLength(value))
      return unknownValue({ kind: 'list', element: from.element });
    const items = itemsOf(value).map((item, index) =>
      within({ kind: 'index', index }, () => convertElement(item)),
    );
    return listValue(commonType(items, emptyElement(element, from.element), 'list'), items);
  };
}

export function sequenceToSet(
  from: ListType | SetType,
  element: Type,
  safe: boolean,
): Conversion | undefined {
  const convertElement = elementConversion(from.element, element, safe);
  if (!convertElement) return undefined;
  return (value) => {
    const items = itemsOf(value).map((item, index) =>
      within({ kind: 'index', index }, () => convertElement(item)),
    );
    return setOf(commonType(items, emptyElement(element, from.element), 'set'), items);
  };
}

export function tupleToList(from: TupleType, wanted: Type, safe: boolean): Conversion | undefined {
  const plan = tuplePlan(from, wanted, safe);
  if (!plan) return undefined;
  return (value) => {
    const items = alike(convertedItems(value, plan.conversions), safe);
    return listValue(commonType(items, plan.element, 'list'), items);
  };
}

export function tupleToSet(from: TupleType, wanted: Type, safe: boolean): Conversion | undefined {
  const plan = tuplePlan(from, wanted, safe);
  if (!plan) return undefined;
  return (value) => {
    const items = convertedItems(value, plan.conversions);
    return setOf(commonType(items, plan.element, 'set'), items);
  };
}

export function tupleToTuple(from: TupleType, to: TupleType, safe: boolean): Conversion | undefined {
  if (from.elements.length !== to.elements.length) return undefined;
  const conversions: Conversion[] = [];
  for (const [index, element] of from.elements.entries()) {
    const conversion = elementConversion(element, to.elements[index]!, safe);
    if (!conversion) return undefined;
    conversions.push(conversion);
  }
  return (value) => tupleValue(convertedItems(value, conversions));
}

/** How each element of a tuple becomes an element of a collection; `element` is the type that an empty one has. */
function tuplePlan(
  from: TupleType,
  wanted: Type,
  safe: boolean,
): { readonly element: Type; readonly conversions: readonly Conversion[] } | undefined {
  if (from.elements.length === 0) return { element: withoutOptional(wanted), conversions: [] };
  const element = wanted.kind === 'dynamic' ? elementOfAny(from.elements, safe) : wanted;
  if (!element) return undefined;
  const conversions: Conversion[] = [];
  let [lastType, lastConversion]: [Type | undefined, Conversion | undefined] = [undefined, undefined];
  for (const type of from.elements) {
    if (type !== lastType) {
      lastType = type;
      lastConversion = elementConversion(type, element, safe);
    }
    if (!lastConversion) return undefined;
    conversions.push(lastConversion);
  }
  return { element: withoutOptional(element), conversions };
}

/** The one type that all elements can have, when nobody said which one it should be. */
function elementOfAny(types: readonly Type[], safe: boolean): Type | undefined {
  const element = unify(types, { unsafe: !safe });
  // Nothing that is known can stand beside something of a type that is not.
  const open = element?.kind === 'dynamic' && types.some(({ kind }) => kind !== 'dynamic');
  return open ? undefined : element;
}

function convertedItems(value: Value, conversions: readonly Conversion[]): Value[] {
  return itemsOf(value).map((item, index) =>
    within({ kind: 'index', index }, () => conversions[index]!(item)),
  );
}

function itemsOf(value: Value): readonly Value[] {
  return value.kind === 'list' || value.kind === 'set' || value.kind === 'tuple' ? value.items : [];
}

function hasKnownLength(set: SetValue): boolean {
  return set.items.length < 2 || isWhollyKnown(set);
}

function emptyElement(wanted: Type, given: Type): Type {
  return wanted.kind === 'dynamic' ? given : withoutOptional(wanted);
}

/** Items of types that still differ, because the wanted type left something open, made one type. */
function alike(items: readonly Value[], safe: boolean): readonly Value[] {
  const first = items[0];
  if (!first || items.every(({ type }) => sameType(type, first.type))) return items;
  const type = unify(
    items.map((item) => item.type),
    { unsafe: !safe },
  );
  if (!type) throw new ConversionError('the elements have no type in common');
  return items.map((item, index) => {
    if (sameType(item.type, type)) return item;
    const conversion = conversionBetween(item.type, type, safe);
    if (!conversion) throw new ConversionError('the elements have no type in common');
    return within({ kind: 'index', index }, () => conversion(item));
  });
}
