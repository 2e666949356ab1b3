import { type BigFloat, NumberError } from '../../values/big-float.ts';
import { ConversionError, convert } from '../../values/convert.ts';
import { boolType, dynamicType, listType, numberType } from '../../values/type.ts';
import { aType } from '../../values/type-words.ts';
import { boolValue, numberValue, unknownValue, type Value } from '../../values/value.ts';
import { isWhollyKnown } from '../../values/walk.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { isSequenceType, itemsOf } from '../support/sequences.ts';

export const sum: HclFunction = {
  name: 'sum',
  description: 'The sum of the numbers of a list, set or tuple, which must not be empty.',
  parameters: [{ name: 'list', type: dynamicType }],
  examples: [
    { call: 'sum([10, 13, 6, 4.5])', gives: '33.5' },
    { call: 'sum(["1", 2])', gives: '3' },
  ],
  resultType: () => numberType,
  call: ([list]) => {
    if (!isSequenceType(list!.type)) {
      throw new FunctionError(`The argument must be a list, set or tuple, not ${aType(list!.type)}.`, 0);
    }
    if (itemsOf(list!).length === 0) throw new FunctionError('An empty list has no sum.', 0);
    if (!isWhollyKnown(list!)) return unknownValue(numberType);
    return numberValue(itemsOf(list!).map(numberIn).reduce(added));
  },
};

function numberIn(item: Value, index: number): BigFloat {
  try {
    const number = convert(item, numberType);
    if (number.kind === 'number') return number.value;
  } catch (error) {
    if (!(error instanceof ConversionError)) throw error;
  }
  throw new FunctionError(`Element ${index} is not a number.`, 0);
}

function added(a: BigFloat, b: BigFloat): BigFloat {
  try {
    return a.add(b);
  } catch (error) {
    if (!(error instanceof NumberError)) throw error;
    throw new FunctionError(`The numbers cannot be added: ${error.message}.`, 0);
  }
}

export const alltrue: HclFunction = {
  name: 'alltrue',
  description: 'Whether all elements of a list are true; so for an empty list. Null counts as false.',
  parameters: [{ name: 'list', type: listType(boolType) }],
  examples: [
    { call: 'alltrue(["true", true])', gives: 'true' },
    { call: 'alltrue([true, false])', gives: 'false' },
    { call: 'alltrue([])', gives: 'true' },
  ],
  resultType: () => boolType,
  call: ([list]) => {
    for (const item of itemsOf(list!)) {
      if (item.kind === 'unknown') return unknownValue(boolType);
      if (item.kind !== 'bool' || !item.value) return boolValue(false);
    }
    return boolValue(true);
  },
};

export const anytrue: HclFunction = {
  name: 'anytrue',
  description: 'Whether an element of a list is true; not so for an empty list. Null counts as false.',
  parameters: [{ name: 'list', type: listType(boolType) }],
  examples: [
    { call: 'anytrue([false, true])', gives: 'true' },
    { call: 'anytrue([false])', gives: 'false' },
    { call: 'anytrue([])', gives: 'false' },
  ],
  resultType: () => boolType,
  call: ([list]) => {
    const items = itemsOf(list!);
    if (items.some((item) => item.kind === 'bool' && item.value)) return boolValue(true);
    return items.some(({ kind }) => kind === 'unknown') ? unknownValue(boolType) : boolValue(false);
  },
};
