import { elementKey } from '../../values/element-key.ts';
import { dynamicType, type ListType, listType, stringType } from '../../values/type.ts';
import { listValue, unknownValue } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import type { HclFunction } from '../function.ts';
import { itemsOf } from '../support/sequences.ts';

export const compact: HclFunction = {
  name: 'compact',
  description: 'A list of texts without those that are empty or null.',
  parameters: [{ name: 'list', type: listType(stringType) }],
  examples: [{ call: 'compact(["a", "", null, "b"])', gives: '["a", "b"]', loose: true }],
  resultType: () => listType(stringType),
  call: ([list], type) => {
    if (!isWhollyKnown(list!)) return unknownValue(type);
    return listValue(
      stringType,
      itemsOf(list!).filter((item) => item.kind === 'string' && item.value !== ''),
    );
  },
};

export const distinct: HclFunction = {
  name: 'distinct',
  description: 'A list without the elements that have been in it before.',
  parameters: [{ name: 'list', type: listType(dynamicType) }],
  examples: [{ call: 'distinct(["b", "a", "b", "c", "a"])', gives: '["b", "a", "c"]', loose: true }],
  resultType: ([list]) => list!.type,
  call: ([list], type) => {
    if (!isWhollyKnown(list!)) return unknownValue(type);
    const seen = new Set<string | undefined>();
    const items = itemsOf(list!).filter((item) => {
      const key = elementKey(item);
      return !seen.has(key) && seen.add(key);
    });
    return listValue((type as ListType).element, items);
  },
};
