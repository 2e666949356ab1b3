import { genSaltSync, hashSync } from 'bcryptjs';
import { numberType, stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf, wholeNumberOf } from '../support/arguments.ts';

/**
 * The algorithm comes from the package bcryptjs, which has no dependencies: it needs four kilobytes of constants and is
 * easy to get subtly wrong, and Node has none.
 */
const defaultCost = 10;
/** Each step doubles the time; 18 takes about half a minute. */
const maxCost = 18;
/** The algorithm looks at no more. */
const maxBytes = 72;

export const bcrypt: HclFunction = {
  name: 'bcrypt',
  description:
    `The bcrypt hash of a password, another one at each call, because it is salted. The cost is ${defaultCost} unless ` +
    `it is given, from 4 to ${maxCost}.`,
  parameters: [{ name: 'str', type: stringType }],
  rest: { name: 'cost', type: numberType },
  examples: [{ call: 'substr(bcrypt("hello world", 4), 0, 7)', gives: '"$2a$04$"' }],
  impure: true,
  resultType: () => stringType,
  call: ([str, cost, ...more]) => {
    if (more.length > 0) throw new FunctionError('It takes a text and a cost.', 2);
    const given = cost ? wholeNumberOf(cost, 1) : defaultCost;
    if (given > maxCost) throw new FunctionError(`The cost must be from 4 to ${maxCost}.`, 1);
    if (Buffer.byteLength(textOf(str)) > maxBytes) {
      throw new FunctionError(
        `The text must not have more than ${maxBytes} bytes; bcrypt would ignore the rest.`,
        0,
      );
    }
    // Lower costs than the algorithm has mean the usual one. The older prefix, which Packer writes, means the same.
    const salt = genSaltSync(given < 4 ? defaultCost : given).replace(/^\$2b/, '$2a');
    return stringValue(hashSync(textOf(str), salt));
  },
};
