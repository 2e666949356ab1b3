import type { BigFloat } from '../../values/big-float.ts';
import { numberType } from '../../values/type.ts';
import { numberValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { numberOf } from '../support/arguments.ts';

export const max: HclFunction = extreme('max', 'greatest', (a, b) => a.compare(b) > 0, '31');
export const min: HclFunction = extreme('min', 'least', (a, b) => a.compare(b) < 0, '9');

function extreme(
  name: string,
  which: string,
  beats: (a: BigFloat, b: BigFloat) => boolean,
  example: string,
): HclFunction {
  return {
    name,
    description: `The ${which} of the numbers. For a list, write \`${name}(list...)\`.`,
    parameters: [],
    rest: { name: 'numbers', type: numberType },
    examples: [
      { call: `${name}(12, 31, 9)`, gives: example },
      { call: `${name}([12, 31, 9]...)`, gives: example },
    ],
    resultType: () => numberType,
    call: (args) => {
      if (args.length === 0) throw new FunctionError('At least one number is needed.');
      const numbers = args.map(numberOf);
      return numberValue(numbers.reduce((best, number) => (beats(number, best) ? number : best)));
    },
  };
}
