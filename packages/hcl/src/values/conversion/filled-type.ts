import { dynamicType, listType, mapType, objectType, setType, type Type, tupleType } from '../type.ts';
import { unify } from './unify.ts';

/**
 * The wanted type with the parts that it leaves open taken from the type of the value that is converted to it. There
 * must be a conversion between the two.
 */
export function filledType(from: Type, wanted: Type): Type {
  if (from.kind === 'dynamic') return wanted;
  switch (wanted.kind) {
    case 'dynamic':
      return from;
    case 'list':
      return listType(filledType(elementTypeOf(from), wanted.element));
    case 'set':
      return setType(filledType(elementTypeOf(from), wanted.element));
    case 'map':
      return mapType(filledType(elementTypeOf(from), wanted.element));
    case 'tuple': {
      const given = from.kind === 'tuple' ? from.elements : [];
      return tupleType(
        wanted.elements.map((element, index) => filledType(given[index] ?? dynamicType, element)),
      );
    }
    case 'object': {
      const attributes = [...wanted.attributes].map(([name, type]) => {
        const given = from.kind === 'object' ? from.attributes.get(name) : elementTypeOf(from);
        return [name, filledType(given ?? dynamicType, type)] as const;
      });
      return objectType(attributes, wanted.optional);
    }
    default:
      return wanted;
  }
}

/** The one type of all elements; dynamic when there is none. */
function elementTypeOf(type: Type): Type {
  switch (type.kind) {
    case 'list':
    case 'set':
    case 'map':
      return type.element;
    case 'tuple':
      return unify(type.elements, { unsafe: true }) ?? dynamicType;
    case 'object':
      return unify([...type.attributes.values()], { unsafe: true }) ?? dynamicType;
    default:
      return dynamicType;
  }
}
