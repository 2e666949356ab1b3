import { convert } from '../convert.ts';
import { isPrimitive, sameType, type Type, withoutOptional } from '../type.ts';
import { noMarks, nullValue, unknownValue, type Value, withMarks } from '../value.ts';
import { filledType } from './filled-type.ts';
import { primitiveConversion } from './primitives.ts';
import { mapConversion, mapToObject, objectToMap, objectToObject } from './records.ts';
import { sequenceToList, sequenceToSet, tupleToList, tupleToSet, tupleToTuple } from './sequences.ts';

/**
 * Makes a value of one type a value of another.
 * @throws ConversionError
 */
export type Conversion = (value: Value) => Value;

/**
 * The conversion from one type to another, or undefined when there is none. The rules are go-cty's. A safe conversion
 * never fails and loses nothing; others may fail for some values.
 */
export function conversionBetween(from: Type, to: Type, safe: boolean): Conversion | undefined {
  const convertKnown = conversionOfKnown(from, to, safe);
  if (!convertKnown) return undefined;
  if (to.kind === 'dynamic') return convertKnown;
  return function convertAny(value: Value): Value {
    if (value.marks.size > 0) {
      return withMarks(convertAny({ ...value, marks: noMarks }), value.marks);
    }
    if (value.kind === 'unknown') return unknownValue(filledType(value.type, withoutOptional(to)));
    if (value.kind === 'null') return nullValue(filledType(value.type, withoutOptional(to)));
    return convertKnown(value);
  };
}

function conversionOfKnown(from: Type, to: Type, safe: boolean): Conversion | undefined {
  if (to.kind === 'dynamic') return asItIs;
  // Known only when there is a value, so hope for the best.
  if (from.kind === 'dynamic') return safe ? undefined : (value) => convert(value, to);
  if (isPrimitive(from)) return isPrimitive(to) ? primitiveConversion(from, to, safe) : undefined;
  switch (to.kind) {
    case 'list':
      if (from.kind === 'tuple') return tupleToList(from, to.element, safe);
      return from.kind === 'list' || from.kind === 'set' ? sequenceToList(from, to.element, safe) : undefined;
    case 'set':
      if (from.kind === 'tuple') return tupleToSet(from, to.element, safe);
      // Order and repetitions would be lost.
      if (from.kind === 'list') return safe ? undefined : sequenceToSet(from, to.element, safe);
      return from.kind === 'set' ? sequenceToSet(from, to.element, safe) : undefined;
    case 'map':
      if (from.kind === 'object') return objectToMap(from, to.element, safe);
      return from.kind === 'map' ? mapConversion(from, to.element, safe) : undefined;
    case 'object':
      if (from.kind === 'object') return objectToObject(from, to, safe);
      // The keys may not be those of the attributes.
      return from.kind === 'map' && !safe ? mapToObject(from, to) : undefined;
    case 'tuple':
      return from.kind === 'tuple' ? tupleToTuple(from, to, safe) : undefined;
    case 'capsule':
      return sameType(from, to) ? asItIs : undefined;
    default:
      return undefined;
  }
}

function asItIs(value: Value): Value {
  return value;
}

/** The same, with the conversion that changes nothing when the type is the wanted one already. */
export function elementConversion(from: Type, to: Type, safe: boolean): Conversion | undefined {
  return sameType(from, to) ? asItIs : conversionBetween(from, to, safe);
}
