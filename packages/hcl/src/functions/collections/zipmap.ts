import { dynamicType, listType, mapType, objectType, stringType, type Type } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { mapValue, objectValue, unknownValue, unmarked, type Value, withMarks } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { itemsOf } from '../support/sequences.ts';

export const zipmap: HclFunction = {
  name: 'zipmap',
  description: 'A map from a list of keys and a list of as many values.',
  parameters: [
    { name: 'keys', type: listType(stringType), allowMarked: true },
    { name: 'values', type: dynamicType, allowMarked: true },
  ],
  examples: [{ call: 'zipmap(["a", "b"], [1, 2])', gives: '{ a = 1, b = 2 }' }],
  resultType: ([keys, values]) => {
    const { type } = values!;
    if (type.kind === 'list') return mapType(type.element);
    if (type.kind !== 'tuple') {
      throw new FunctionError(`The values must be a list or tuple, not ${aType(type)}.`, 1);
    }
    if (!isWhollyKnown(keys!)) return dynamicType;
    const names = keyNames(keys!, type.elements.length);
    return objectType(lastOfEach(names, type.elements));
  },
  call: ([keys, values], type) => {
    const marks = [keys!.marks, values!.marks, ...itemsOf(keys!).map((key) => key.marks)];
    if (!isWhollyKnown(keys!)) return withMarks(unknownValue(type), ...marks);
    const items = itemsOf(unmarked(values!));
    const entries = lastOfEach(keyNames(keys!, items.length), items);
    return withMarks(type.kind === 'map' ? mapValue(type.element, entries) : objectValue(entries), ...marks);
  },
};

function keyNames(keys: Value, wanted: number): readonly string[] {
  const items = itemsOf(keys);
  if (items.length !== wanted) {
    throw new FunctionError(`There are ${items.length} keys, but ${wanted} values; there must be as many.`);
  }
  return items.map((key: Value, index: number) => {
    if (key.kind === 'null') throw new FunctionError(`Key ${index} is null; keys must be texts.`, 0);
    return textOf(key);
  });
}

function lastOfEach<T extends Value | Type>(names: readonly string[], items: readonly T[]): Map<string, T> {
  return new Map(names.map((name, index) => [name, items[index]!]));
}
