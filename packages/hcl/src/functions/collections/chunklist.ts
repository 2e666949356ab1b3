import { dynamicType, listType, numberType } from '../../values/type.ts';
import { type ListValue, listValue, unmarked, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { wholeNumberOf } from '../support/arguments.ts';
import { itemsOf } from '../support/sequences.ts';

export const chunklist: HclFunction = {
  name: 'chunklist',
  description:
    'A list cut into lists of that many elements; the last may be shorter. With size 0 it is not cut.',
  parameters: [
    { name: 'list', type: listType(dynamicType), allowMarked: true },
    { name: 'size', type: numberType, allowMarked: true },
  ],
  examples: [
    { call: 'chunklist(["a", "b", "c"], 2)', gives: '[["a", "b"], ["c"]]', loose: true },
    { call: 'chunklist(["a", "b", "c"], 0)', gives: '[["a", "b", "c"]]', loose: true },
  ],
  resultType: ([list]) => listType(list!.type),
  call: ([list, size]) => {
    const count = wholeNumberOf(size, 1);
    if (count < 0) throw new FunctionError('The size must not be negative.', 1);
    const plain = unmarked(list!) as ListValue;
    const items = itemsOf(plain);
    const chunks: ListValue[] = [];
    for (let start = 0; start < items.length; start += count || items.length) {
      chunks.push(listValue(plain.type.element, items.slice(start, start + (count || items.length))));
    }
    return withMarks(listValue(plain.type, chunks), list!.marks, size!.marks);
  },
};
