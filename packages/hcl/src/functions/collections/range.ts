import { BigFloat } from '../../values/big-float.ts';
import { listType, numberType } from '../../values/type.ts';
import { listValue, numberValue, type Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { numberOf } from '../support/arguments.ts';

/** What Packer allows, too. */
const maxCount = 1024;

export const range: HclFunction = {
  name: 'range',
  description:
    `Numbers from a start (or 0) up to, but not including, a limit, a step (or 1) apart; at most ${maxCount} of them. ` +
    'Without a step it counts down if the limit is below the start.',
  parameters: [],
  rest: { name: 'params', type: numberType },
  examples: [
    { call: 'range(3)', gives: '[0, 1, 2]', loose: true },
    { call: 'range(1, 4)', gives: '[1, 2, 3]', loose: true },
    { call: 'range(1, 8, 2)', gives: '[1, 3, 5, 7]', loose: true },
    { call: 'range(4, 1)', gives: '[4, 3, 2]', loose: true },
  ],
  resultType: () => listType(numberType),
  call: (args) => {
    if (args.length < 1 || args.length > 3) {
      throw new FunctionError('It takes a limit; a start and a limit; or a start, a limit and a step.');
    }
    const [first, second, third] = args.map(numberOf);
    const start = second ? first! : BigFloat.zero;
    const limit = second ?? first!;
    const step = third ?? (limit.compare(start) < 0 ? BigFloat.one.negate() : BigFloat.one);
    if (step.isZero) throw new FunctionError('The step must not be zero.', 2);
    return listValue(numberType, steps(start, limit, step));
  },
};

function steps(start: BigFloat, limit: BigFloat, step: BigFloat): Value[] {
  if (start.compare(limit) * step.sign > 0) {
    const where = step.sign > 0 ? 'below' : 'above';
    throw new FunctionError(
      `The limit must not be ${where} the start when the step is ${step.sign > 0 ? 'positive' : 'negative'}.`,
      1,
    );
  }
  const numbers: Value[] = [];
  for (let number = start; number.compare(limit) * step.sign < 0; number = number.add(step)) {
    if (numbers.length >= maxCount) {
      throw new FunctionError(
        `There would be more than ${maxCount} numbers; use a larger step, or a nearer limit.`,
      );
    }
    numbers.push(numberValue(number));
  }
  return numbers;
}
