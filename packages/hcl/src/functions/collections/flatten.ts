import { dynamicType, tupleType } from '../../values/type.ts';
import { type Mark, tupleValue, unknownValue, unmarked, type Value, withMarks } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { checkItemCount } from '../support/limits.ts';
import { hasKnownLength, isSequenceType, itemsOf } from '../support/sequences.ts';

export const flatten: HclFunction = {
  name: 'flatten',
  description:
    'The elements of a list, in which lists, sets and tuples are replaced by their elements, at any depth.',
  parameters: [{ name: 'list', type: dynamicType, allowMarked: true }],
  examples: [
    { call: 'flatten([["a", "b"], [], ["c"]])', gives: '["a", "b", "c"]' },
    { call: 'flatten([["a", ["b", []]], "c"])', gives: '["a", "b", "c"]' },
  ],
  resultType: ([list]) => {
    if (!isSequenceType(list!.type)) {
      throw new FunctionError('Only lists, sets and tuples can be flattened.', 0);
    }
    if (!isWhollyKnown(list!)) return dynamicType;
    return tupleType(flattened(list!).items.map(({ type }) => type));
  },
  call: ([list], type) => {
    const { items, marks, complete } = flattened(list!);
    return withMarks(complete ? tupleValue(items) : unknownValue(type), ...marks);
  },
};

interface Flattened {
  readonly items: Value[];
  /** Of the lists that are no more. */
  readonly marks: ReadonlySet<Mark>[];
  /** False when something unknown may bring in further elements. */
  complete: boolean;
}

function flattened(list: Value): Flattened {
  const result: Flattened = { items: [], marks: [], complete: true };
  addTo(result, list);
  return result;
}

function addTo(result: Flattened, list: Value): void {
  result.marks.push(list.marks);
  const plain = unmarked(list);
  if (!hasKnownLength(plain)) {
    result.complete = false;
    return;
  }
  for (const item of itemsOf(plain)) {
    if (item.kind !== 'null' && isSequenceType(item.type)) addTo(result, item);
    else result.items.push(item);
    if (item.kind === 'unknown' && item.type.kind === 'dynamic') result.complete = false;
    checkItemCount(result.items.length);
  }
}
