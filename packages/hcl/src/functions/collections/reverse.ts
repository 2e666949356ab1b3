import { dynamicType, listType, tupleType } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { listValue, tupleValue, unmarked, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { itemsOf } from '../support/sequences.ts';

export const reverse: HclFunction = {
  name: 'reverse',
  description: 'The elements of a list in reverse order. For texts there is `strrev`.',
  parameters: [{ name: 'list', type: dynamicType, allowMarked: true }],
  examples: [{ call: 'reverse([1, 2, "c"])', gives: '["c", 2, 1]' }],
  resultType: ([list]) => {
    const { type } = list!;
    if (type.kind === 'tuple') return tupleType(type.elements.toReversed());
    if (type.kind === 'list' || type.kind === 'set') return listType(type.element);
    throw new FunctionError(`The argument must be a list, set or tuple, not ${aType(type)}.`, 0);
  },
  call: ([list], type) => {
    const items = itemsOf(unmarked(list!)).toReversed();
    return withMarks(type.kind === 'list' ? listValue(type.element, items) : tupleValue(items), list!.marks);
  },
};
