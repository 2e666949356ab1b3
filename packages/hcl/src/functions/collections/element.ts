import { dynamicType, numberType, type Type } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { unmarked, type Value, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { wholeNumberOf } from '../support/arguments.ts';
import { itemsOf } from '../support/sequences.ts';

export const element: HclFunction = {
  name: 'element',
  description: 'An element of a list by its index, which starts again at the first element past the last.',
  parameters: [
    { name: 'list', type: dynamicType, allowMarked: true },
    { name: 'index', type: numberType },
  ],
  examples: [
    { call: 'element(["a", "b", "c"], 1)', gives: '"b"' },
    { call: 'element(["a", "b", "c"], 3)', gives: '"a"' },
  ],
  resultType: ([list, index]) => elementType(list!.type, index!),
  call: ([list, index]) => {
    const items = itemsOf(unmarked(list!));
    return withMarks(items[wrapped(index!, items.length)]!, list!.marks);
  },
};

function elementType(list: Type, index: Value): Type {
  if (list.kind === 'list') {
    if (index.kind !== 'unknown') indexOf(index);
    return list.element;
  }
  if (list.kind !== 'tuple') {
    throw new FunctionError(
      `Elements of a list or tuple can be picked by an index, but not of ${aType(list)}.`,
      0,
    );
  }
  if (index.kind === 'unknown') return dynamicType;
  return list.elements[wrapped(index, list.elements.length)]!;
}

function wrapped(index: Value, length: number): number {
  const number = indexOf(index);
  if (length === 0) throw new FunctionError('An empty list has no elements to pick.', 0);
  return number % length;
}

function indexOf(index: Value): number {
  const number = wholeNumberOf(index, 1);
  if (number < 0) throw new FunctionError('The index must not be negative.', 1);
  return number;
}
