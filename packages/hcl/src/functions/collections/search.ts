import { BigFloat } from '../../values/big-float.ts';
import { equals } from '../../values/equal.ts';
import { boolType, dynamicType, numberType } from '../../values/type.ts';
import { falseValue, numberValue, trueValue, unknownValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { isSequenceType, itemsOf } from '../support/sequences.ts';

const parameters = [
  { name: 'list', type: dynamicType },
  { name: 'value', type: dynamicType },
];

export const contains: HclFunction = {
  name: 'contains',
  description: 'Whether a list, set or tuple has the value as an element, of the same type.',
  parameters,
  examples: [
    { call: 'contains(["a", "b", "c"], "a")', gives: 'true' },
    { call: 'contains([1, 2], "1")', gives: 'false' },
  ],
  resultType: () => boolType,
  call: ([list, value]) => {
    if (!isSequenceType(list!.type)) throw new FunctionError('The argument must be a list, set or tuple.', 0);
    let isCertain = true;
    for (const item of itemsOf(list!)) {
      const verdict = equals(value!, item);
      if (verdict.kind === 'unknown') isCertain = false;
      else if (verdict.kind === 'bool' && verdict.value) return trueValue;
    }
    return isCertain ? falseValue : unknownValue(boolType);
  },
};

export const index: HclFunction = {
  name: 'index',
  description: 'The index of the first element of a list that equals the value. It is an error if none does.',
  parameters,
  examples: [{ call: 'index(["a", "b", "c"], "b")', gives: '1' }],
  resultType: () => numberType,
  call: ([list, value]) => {
    const { kind } = list!.type;
    if (kind !== 'list' && kind !== 'tuple')
      throw new FunctionError('The argument must be a list or tuple.', 0);
    for (const [position, item] of itemsOf(list!).entries()) {
      const verdict = equals(item, value!);
      if (verdict.kind === 'unknown') return unknownValue(numberType);
      if (verdict.kind === 'bool' && verdict.value) return numberValue(BigFloat.integer(position));
    }
    throw new FunctionError('The list has no such element. To find out whether it has, use `contains`.', 1);
  },
};
