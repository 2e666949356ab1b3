import { dynamicType, emptyObjectType, objectType, sameType, type Type } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { mapValue, objectValue, unmarked, type Value, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { entriesOf } from '../support/entries.ts';

export const merge: HclFunction = {
  name: 'merge',
  description:
    'All elements of several maps or objects in one; of those with the same key the last one counts.',
  parameters: [],
  rest: { name: 'maps', type: dynamicType, allowDynamic: true, allowNull: true, allowMarked: true },
  examples: [
    { call: 'merge({ a = "b", c = "d" }, { e = "f", c = "z" })', gives: '{ a = "b", c = "z", e = "f" }' },
    { call: 'merge({ a = 1 }, null)', gives: '{ a = 1 }' },
  ],
  resultType: (args) => {
    if (args.length === 0) return emptyObjectType;
    const types = args.map(({ type }) => type);
    for (const [index, type] of types.entries()) {
      if (type.kind === 'map' || type.kind === 'object' || type.kind === 'dynamic') continue;
      throw new FunctionError(`All arguments must be maps or objects; this one is ${aType(type)}.`, index);
    }
    if (types.some(({ kind }) => kind === 'dynamic')) return dynamicType;
    return types.every((type) => sameType(type, types[0]!)) ? types[0]! : mixedType(args);
  },
  call: (args, type) => {
    const merged = new Map<string, Value>();
    for (const arg of args) for (const [key, value] of entriesOf(unmarked(arg))) merged.set(key, value);
    const result = type.kind === 'map' ? mapValue(type.element, merged) : objectValue(merged);
    return withMarks(result, ...args.map(({ marks }) => marks));
  },
};

/** An object of all attributes, unless the keys of some map are not known. */
function mixedType(args: readonly Value[]): Type {
  const attributes = new Map<string, Type>();
  for (const arg of args) {
    const { type } = arg;
    if (arg.kind === 'null') continue;
    if (type.kind === 'object') {
      for (const [name, attribute] of type.attributes) attributes.set(name, attribute);
    } else if (type.kind === 'map') {
      if (arg.kind === 'unknown') return dynamicType;
      for (const key of entriesOf(arg).keys()) attributes.set(key, type.element);
    }
  }
  return objectType(attributes);
}
