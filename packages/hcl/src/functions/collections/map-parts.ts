import {
  dynamicType,
  emptyTupleType,
  listType,
  stringType,
  type Type,
  tupleType,
} from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import {
  listValue,
  stringValue,
  tupleValue,
  unknownValue,
  unmarked,
  type Value,
  withMarks,
} from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { entriesOf } from '../support/entries.ts';

export const keys: HclFunction = {
  name: 'keys',
  description: 'The keys of a map or object, sorted.',
  parameters: [{ name: 'inputMap', type: dynamicType, allowUnknown: true, allowMarked: true }],
  examples: [{ call: 'keys({ c = 3, a = 1, d = 3 })', gives: '["a", "c", "d"]' }],
  resultType: ([map]) => {
    const { type } = map!;
    if (type.kind === 'map') return listType(stringType);
    if (type.kind === 'object') return tupleType([...type.attributes].map(() => stringType));
    throw notMap(type);
  },
  call: ([map], type) => {
    const plain = unmarked(map!);
    // What attributes an object has is known before their values are.
    if (plain.type.kind === 'object')
      return withMarks(texts(plain.type.attributes.keys(), 'tuple'), map!.marks);
    const result = plain.kind === 'unknown' ? unknownValue(type) : texts(entriesOf(plain).keys(), 'list');
    return withMarks(result, map!.marks);
  },
};

function texts(names: Iterable<string>, kind: 'list' | 'tuple'): Value {
  const items = [...names].map(stringValue);
  return kind === 'list' ? listValue(stringType, items) : tupleValue(items);
}

export const values: HclFunction = {
  name: 'values',
  description: 'The values of a map or object, in the order of their keys.',
  parameters: [{ name: 'mapping', type: dynamicType, allowMarked: true }],
  examples: [{ call: 'values({ a = 3, c = 2, d = 1 })', gives: '[3, 2, 1]' }],
  resultType: ([map]) => {
    const { type } = map!;
    if (type.kind === 'map') return listType(type.element);
    if (type.kind === 'object') {
      return type.attributes.size === 0 ? emptyTupleType : tupleType([...type.attributes.values()]);
    }
    throw notMap(type);
  },
  call: ([map], type) => {
    const items = [...entriesOf(unmarked(map!)).values()];
    return withMarks(type.kind === 'list' ? listValue(type.element, items) : tupleValue(items), map!.marks);
  },
};

function notMap(type: Type): FunctionError {
  return new FunctionError(`The argument must be a map or object, not ${aType(type)}.`, 0);
}
