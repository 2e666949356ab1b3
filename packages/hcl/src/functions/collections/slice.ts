import { dynamicType, numberType, type Type, tupleType } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { listValue, tupleValue, unmarked, type Value, withMarks } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { wholeNumberOf } from '../support/arguments.ts';
import { itemsOf } from '../support/sequences.ts';

export const slice: HclFunction = {
  name: 'slice',
  description: 'The elements of a list from one index up to, but not including, another.',
  parameters: [
    { name: 'list', type: dynamicType, allowMarked: true },
    { name: 'start_index', type: numberType },
    { name: 'end_index', type: numberType },
  ],
  examples: [{ call: 'slice(["a", "b", "c", "d"], 1, 3)', gives: '["b", "c"]' }],
  resultType: ([list, start, end]) => {
    const { type } = list!;
    checkSliceable(type);
    const range = rangeOf(lengthOf(list!), start!, end!);
    if (type.kind !== 'tuple') return type;
    return range ? tupleType(type.elements.slice(range.start, range.end)) : dynamicType;
  },
  call: ([list, start, end], type) => {
    const items = itemsOf(unmarked(list!));
    const { start: from, end: to } = rangeOf(items.length, start!, end!)!;
    const part = items.slice(from, to);
    return withMarks(type.kind === 'list' ? listValue(type.element, part) : tupleValue(part), list!.marks);
  },
};

function checkSliceable(type: Type): void {
  if (type.kind === 'list' || type.kind === 'tuple') return;
  const hint =
    type.kind === 'set' ? '; its elements have no order of their own, so make it a list first' : '';
  throw new FunctionError(`The argument must be a list or tuple, not ${aType(type)}${hint}.`, 0);
}

function lengthOf(list: Value): number | undefined {
  return list.type.kind === 'tuple'
    ? list.type.elements.length
    : list.kind === 'list'
      ? list.items.length
      : undefined;
}

/** Checks what is known of the indices. */
function rangeOf(
  length: number | undefined,
  start: Value,
  end: Value,
): { readonly start: number; readonly end: number } | undefined {
  const from = start.kind === 'unknown' ? undefined : checkedIndex(start, 1, length);
  const to = end.kind === 'unknown' ? undefined : checkedIndex(end, 2, length);
  if (from === undefined || to === undefined) return undefined;
  if (from > to) throw new FunctionError('The start index must not be greater than the end index.', 1);
  return { start: from, end: to };
}

function checkedIndex(value: Value, argument: 1 | 2, length: number | undefined): number {
  const which = argument === 1 ? 'start' : 'end';
  const index = wholeNumberOf(value, argument);
  if (index < 0) throw new FunctionError(`The ${which} index must not be negative.`, argument);
  if (length !== undefined && index > length) {
    throw new FunctionError(
      `The ${which} index must not be greater than the length of the list, ${length}.`,
      argument,
    );
  }
  return index;
}
