import { BigFloat } from '../../values/big-float.ts';
import { numberType } from '../../values/type.ts';
import { numberValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { numberOf, wholeNumberOf } from '../support/arguments.ts';

const num = { name: 'num', type: numberType };

export const abs: HclFunction = {
  name: 'abs',
  description: 'The number without its sign.',
  parameters: [num],
  examples: [
    { call: 'abs(-12.4)', gives: '12.4' },
    { call: 'abs(0)', gives: '0' },
  ],
  resultType: () => numberType,
  call: ([value]) => numberValue(numberOf(value).absolute()),
};

export const ceil: HclFunction = {
  name: 'ceil',
  description: 'The smallest whole number that is not less than the number.',
  parameters: [num],
  examples: [
    { call: 'ceil(5.1)', gives: '6' },
    { call: 'ceil(-5.1)', gives: '-5' },
  ],
  resultType: () => numberType,
  call: ([value]) => numberValue(numberOf(value).ceil()),
};

export const floor: HclFunction = {
  name: 'floor',
  description: 'The largest whole number that is not greater than the number.',
  parameters: [num],
  examples: [
    { call: 'floor(4.9)', gives: '4' },
    { call: 'floor(-4.9)', gives: '-5' },
  ],
  resultType: () => numberType,
  call: ([value]) => numberValue(numberOf(value).floor()),
};

export const signum: HclFunction = {
  name: 'signum',
  description: '-1, 0 or 1: the sign of a whole number.',
  parameters: [num],
  examples: [
    { call: 'signum(-13)', gives: '-1' },
    { call: 'signum(0)', gives: '0' },
    { call: 'signum(344)', gives: '1' },
  ],
  resultType: () => numberType,
  call: ([value]) => numberValue(BigFloat.integer(Math.sign(wholeNumberOf(value, 0)))),
};
