import { listType, stringType } from '../../values/type.ts';
import { compareKeys, listValue, stringValue, unknownValue } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { itemsOf } from '../support/sequences.ts';

export const sort: HclFunction = {
  name: 'sort',
  description:
    'A list of texts in the order of their characters in Unicode, so upper case comes before lower case.',
  parameters: [{ name: 'list', type: listType(stringType), allowUnknown: true }],
  examples: [{ call: 'sort(["e", "d", "a", "X"])', gives: '["X", "a", "d", "e"]', loose: true }],
  resultType: () => listType(stringType),
  call: ([list], type) => {
    if (!isWhollyKnown(list!)) return unknownValue(type);
    const texts = itemsOf(list!).map((item, index) => {
      if (item.kind === 'string') return item.value;
      throw new FunctionError(`Element ${index} is null; only texts can be sorted.`, 0);
    });
    return listValue(stringType, texts.sort(compareKeys).map(stringValue));
  },
};
