import { convert, unify } from '../../values/convert.ts';
import { dynamicType, type Type, tupleType } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { listValue, tupleValue, unmarked, type Value, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { checkItemCount } from '../support/limits.ts';
import { itemsOf } from '../support/sequences.ts';

export const concat: HclFunction = {
  name: 'concat',
  description: 'The elements of several lists, one list after the other.',
  parameters: [],
  rest: { name: 'seqs', type: dynamicType, allowMarked: true },
  examples: [
    { call: 'concat(["a", ""], ["b", "c"])', gives: '["a", "", "b", "c"]' },
    { call: 'concat([1], [], ["x"])', gives: '[1, "x"]' },
  ],
  resultType: (args) => {
    if (args.length === 0) throw new FunctionError('At least one list is needed.');
    return commonListType(args) ?? tupleTypeOf(args);
  },
  call: (args, type) => {
    const lists = args.map((arg) => unmarked(type.kind === 'list' ? convert(arg, type) : arg));
    checkItemCount(lists.reduce((sum, list) => sum + itemsOf(list).length, 0));
    const items = lists.flatMap(itemsOf);
    const result = type.kind === 'list' ? listValue(type.element, items) : tupleValue(items);
    return withMarks(result, ...args.map(({ marks }) => marks));
  },
};

/** When all are lists that have a type in common. */
function commonListType(args: readonly Value[]): Type | undefined {
  const types = args.map(({ type }) => type);
  return types.every(({ kind }) => kind === 'list') ? unify(types, { unsafe: true }) : undefined;
}

function tupleTypeOf(args: readonly Value[]): Type {
  const elements: Type[] = [];
  for (const [index, arg] of args.entries()) {
    const { type } = arg;
    if (type.kind === 'tuple') {
      checkItemCount(elements.length + type.elements.length);
      for (const element of type.elements) elements.push(element);
    } else if (type.kind !== 'list') {
      throw new FunctionError(`All arguments must be lists or tuples; this one is ${aType(type)}.`, index);
    } else if (arg.kind === 'unknown') {
      return dynamicType;
    } else {
      const { length } = itemsOf(arg);
      checkItemCount(elements.length + length);
      for (let count = 0; count < length; count++) elements.push(type.element);
    }
  }
  return tupleType(elements);
}
