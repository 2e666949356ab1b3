import { BigFloat } from '../../values/big-float.ts';
import { doublePower } from '../../values/double-power.ts';
import { numberType } from '../../values/type.ts';
import { numberValue, type Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { numberOf } from '../support/arguments.ts';

export const log: HclFunction = {
  name: 'log',
  description: 'The logarithm of a number in a base.',
  parameters: [
    { name: 'num', type: numberType },
    { name: 'base', type: numberType },
  ],
  examples: [
    { call: 'log(50, 10)', gives: '1.6989700043360185' },
    { call: 'floor(log(16, 2))', gives: '4' },
  ],
  resultType: () => numberType,
  call: ([num, base]) => result(Math.log(doubleOf(num, 0)) / Math.log(doubleOf(base, 1))),
};

export const pow: HclFunction = {
  name: 'pow',
  description: 'A number raised to a power.',
  parameters: [
    { name: 'num', type: numberType },
    { name: 'power', type: numberType },
  ],
  examples: [
    { call: 'pow(3, 2)', gives: '9' },
    { call: 'pow(2, -2)', gives: '0.25' },
  ],
  resultType: () => numberType,
  call: ([num, power]) => result(doublePower(doubleOf(num, 0), doubleOf(power, 1))),
};

/** These two functions work with doubles, in which they lose the digits that big numbers have. */
function doubleOf(value: Value | undefined, index: number): number {
  const number = numberOf(value);
  const double = number.toNumber();
  if (!Number.isFinite(double) && !number.isInfinite) {
    throw new FunctionError('The number is too large for this function.', index);
  }
  return double;
}

function result(double: number): Value {
  if (Number.isNaN(double)) throw new FunctionError('The result is not a number.');
  return numberValue(BigFloat.float(double));
}
