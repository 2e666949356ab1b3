import { convert, unify } from '../../values/convert.ts';
import { setOf } from '../../values/set.ts';
import { dynamicType, listType, setType, type TupleType, type Type, tupleType } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { listValue, tupleValue, unknownValue, unmarked, type Value, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { checkItemCount } from '../support/limits.ts';
import { hasKnownLength, itemsOf } from '../support/sequences.ts';

export const setproduct: HclFunction = {
  name: 'setproduct',
  description:
    'All combinations of one element of each of the sets. A list in the order of the arguments if all of them are ' +
    'lists, otherwise a set.',
  parameters: [],
  rest: { name: 'sets', type: dynamicType, allowUnknown: true, allowMarked: true },
  examples: [
    {
      call: 'setproduct(["a", "b"], [1, 2])',
      gives: '[["a", 1], ["a", 2], ["b", 1], ["b", 2]]',
      loose: true,
    },
  ],
  resultType: (args) => {
    if (args.length < 2) throw new FunctionError('At least two sets are needed.');
    const product = tupleType(args.map(elementTypeOf));
    return args.every(({ type }) => type.kind !== 'set') ? listType(product) : setType(product);
  },
  call: (args, type) => {
    const marks = args.map((arg) => arg.marks);
    const lists = args.map((arg) => unmarked(arg));
    if (!lists.every(hasKnownLength)) return withMarks(unknownValue(type), ...marks);
    const element = (type as { readonly element: TupleType }).element;
    // What is not known yet may turn out to be of a type that no other element has.
    const isEmpty = lists.some((list) => itemsOf(list).length === 0);
    const isOpen = lists.some((list, index) => {
      return element.elements[index]!.kind === 'dynamic' && itemsOf(list).some(isOfUnknownType);
    });
    if (isOpen && !isEmpty) return withMarks(unknownValue(type), ...marks);
    const combinations = product(lists.map((list, index) => convertedItems(list, element.elements[index]!)));
    const items = combinations.map((items) => ({ ...tupleValue(items), type: element }));
    return withMarks(type.kind === 'list' ? listValue(element, items) : setOf(element, items), ...marks);
  },
};

function isOfUnknownType({ kind, type }: Value): boolean {
  return kind === 'unknown' && type.kind === 'dynamic';
}

function elementTypeOf(value: Value, index: number): Type {
  const { type } = unmarked(value);
  if (type.kind === 'list' || type.kind === 'set') return type.element;
  if (type.kind !== 'tuple') {
    throw new FunctionError(
      `All arguments must be sets, lists or tuples; this one is ${aType(type)}.`,
      index,
    );
  }
  if (type.elements.length === 0) return dynamicType;
  const element = unify(type.elements, { unsafe: true });
  // Of a null, or of something unknown, any type can be thought; but then of the others, too.
  const isOpen = element?.kind === 'dynamic' && !type.elements.every(({ kind }) => kind === 'dynamic');
  if (!element || (isOpen && !itemsOf(value).some(isOfUnknownType))) {
    throw new FunctionError('The elements have no type in common.', index);
  }
  return element;
}

function convertedItems(list: Value, type: Type): readonly Value[] {
  return itemsOf(list).map((item) => (type.kind === 'dynamic' ? item : convert(item, type)));
}

function product(lists: readonly (readonly Value[])[]): readonly (readonly Value[])[] {
  checkItemCount(lists.reduce((total, { length }) => total * length, 1));
  return lists.reduce<readonly (readonly Value[])[]>(
    (combinations, items) => combinations.flatMap((start) => items.map((item) => [...start, item])),
    [[]],
  );
}
