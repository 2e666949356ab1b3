import { BigFloat } from '../../values/big-float.ts';
import { dynamicType, numberType } from '../../values/type.ts';
import { numberValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';

const digits = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
/** Digits beyond this take too long to become a number, whose precision could not hold them anyway. */
const maxDigits = 20_000;

export const parseint: HclFunction = {
  name: 'parseint',
  description:
    'The whole number that a text says in a base from 2 to 62. The case of letters does not matter up to base 36; ' +
    'beyond, upper-case letters stand for 36 and more.',
  parameters: [
    { name: 'number', type: dynamicType },
    { name: 'base', type: numberType },
  ],
  examples: [
    { call: 'parseint("100", 10)', gives: '100' },
    { call: 'parseint("FF", 16)', gives: '255' },
    { call: 'parseint("-10", 16)', gives: '-16' },
    { call: 'parseint("aA", 62)', gives: '656' },
  ],
  resultType: ([number]) => {
    if (number!.type.kind !== 'string') {
      throw new FunctionError(`The argument must be a string, not ${number!.type.kind}.`, 0);
    }
    return numberType;
  },
  call: ([number, base]) => {
    const radix = base!.kind === 'number' ? base!.value.toSafeInteger() : undefined;
    if (radix === undefined || radix < 2 || radix > 62) {
      throw new FunctionError('The base must be a whole number from 2 to 62.', 1);
    }
    const parsed = parse(textOf(number), radix);
    if (parsed === undefined) {
      throw new FunctionError(`"${textOf(number)}" is not a whole number in base ${radix}.`, 0);
    }
    return numberValue(BigFloat.integer(parsed));
  },
};

function parse(text: string, base: number): bigint | undefined {
  const match = /^([+-]?)([0-9A-Za-z]+)$/.exec(text);
  if (!match) return undefined;
  const letters = base <= 36 ? match[2]!.toLowerCase() : match[2]!;
  if (letters.length > maxDigits) throw new FunctionError(`At most ${maxDigits} digits are allowed.`, 0);
  let value = 0n;
  for (const letter of letters) {
    const digit = digits.indexOf(letter);
    if (digit >= base) return undefined;
    value = value * BigInt(base) + BigInt(digit);
  }
  return match[1] === '-' ? -value : value;
}
