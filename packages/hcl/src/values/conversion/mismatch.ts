import {
  type CollectionType,
  isCollection,
  type ObjectType,
  sameType,
  type TupleType,
  type Type,
} from '../type.ts';
import { aType, typeWords } from '../type-words.ts';
import { conversionBetween } from './conversion.ts';

/**
 * Why there is no conversion from one type to another, as a clause for a message, such as
 * `attribute "size": a number is required`. Only for types without a conversion.
 */
export function describeMismatch(given: Type, wanted: Type): string {
  if (given.kind === 'object' && wanted.kind === 'object') return objectMismatch(given, wanted);
  if (isCollection(wanted)) {
    if (given.kind === 'tuple' && wanted.kind !== 'map') return partMismatch(tupleParts(given), wanted);
    if (given.kind === 'object' && wanted.kind === 'map') return partMismatch(objectParts(given), wanted);
    if (isCollection(given) && (given.kind === 'map') === (wanted.kind === 'map')) {
      return `wrong type of elements: ${describeMismatch(given.element, wanted.element)}`;
    }
  }
  if (given.kind === 'tuple' && wanted.kind === 'tuple') return tupleMismatch(given, wanted);
  if (given.kind === 'map' && wanted.kind === 'object') return mapMismatch(given.element, wanted);
  return `${aType(wanted)} is required`;
}

function objectMismatch(given: ObjectType, wanted: ObjectType): string {
  const missing = [...wanted.attributes.keys()].filter((name) => {
    return !given.attributes.has(name) && !wanted.optional.has(name);
  });
  if (missing.length > 0) {
    const names = missing.map((name) => JSON.stringify(name));
    if (names.length === 1) return `attribute ${names[0]} is required`;
    return `attributes ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are required`;
  }
  for (const [name, type] of wanted.attributes) {
    const other = given.attributes.get(name);
    if (other && isMismatch(other, type)) {
      return `attribute ${JSON.stringify(name)}: ${describeMismatch(other, type)}`;
    }
  }
  return 'the attributes are not of the required types';
}

function mapMismatch(element: Type, wanted: ObjectType): string {
  for (const [name, type] of wanted.attributes) {
    if (!wanted.optional.has(name) && isMismatch(element, type)) {
      return `attribute ${JSON.stringify(name)}: ${describeMismatch(element, type)}`;
    }
  }
  return 'an object is required';
}

function tupleMismatch(given: TupleType, wanted: TupleType): string {
  const count = wanted.elements.length;
  if (given.elements.length !== count) {
    const needed = count === 1 ? '1 element is' : `${count} elements are`;
    return `a tuple is required of which ${needed} given, not ${given.elements.length}`;
  }
  for (const [index, type] of given.elements.entries()) {
    const other = wanted.elements[index]!;
    if (isMismatch(type, other)) return `element ${index}: ${describeMismatch(type, other)}`;
  }
  return 'the elements are not of the required types';
}

interface Part {
  readonly name: string;
  readonly type: Type;
}

function tupleParts(type: TupleType): Part[] {
  return type.elements.map((element, index) => ({ name: `element ${index}`, type: element }));
}

function objectParts(type: ObjectType): Part[] {
  return [...type.attributes].map(([name, attribute]) => {
    return { name: `attribute ${JSON.stringify(name)}`, type: attribute };
  });
}

function partMismatch(parts: readonly Part[], wanted: CollectionType): string {
  const { element } = wanted;
  if (element.kind === 'dynamic') return `all elements of a ${wanted.kind} must have the same type`;
  const wrong = parts.find(({ type }) => isMismatch(type, element));
  if (wrong) return `${wrong.name}: ${describeMismatch(wrong.type, element)}`;
  return `all elements must be of the type ${typeWords(element)}`;
}

function isMismatch(given: Type, wanted: Type): boolean {
  return !sameType(given, wanted) && !conversionBetween(given, wanted, false);
}
