import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { simpleLower, simpleTitle, simpleUpper } from '../support/letter-case.ts';

export const upper: HclFunction = {
  name: 'upper',
  description: 'The text with all letters in upper case.',
  parameters: [{ name: 'str', type: stringType }],
  examples: [
    { call: 'upper("hello")', gives: '"HELLO"' },
    { call: 'upper("straße")', gives: '"STRAßE"' },
  ],
  resultType: () => stringType,
  call: ([str]) => stringValue(simpleUpper(textOf(str))),
};

export const lower: HclFunction = {
  name: 'lower',
  description: 'The text with all letters in lower case.',
  parameters: [{ name: 'str', type: stringType }],
  examples: [{ call: 'lower("HELLO Ä")', gives: '"hello ä"' }],
  resultType: () => stringType,
  call: ([str]) => stringValue(simpleLower(textOf(str))),
};

export const title: HclFunction = {
  name: 'title',
  description: 'The text with the first letter of each word in upper case.',
  parameters: [{ name: 'str', type: stringType }],
  examples: [{ call: 'title("hello wide-open world")', gives: '"Hello Wide-Open World"' }],
  resultType: () => stringType,
  call: ([str]) => stringValue(titled(textOf(str))),
};

function titled(text: string): string {
  let result = '';
  let afterSeparator = true;
  for (const character of text) {
    result += afterSeparator ? simpleTitle(character) : character;
    afterSeparator = isSeparator(character);
  }
  return result;
}

/** In ASCII all but letters, digits and `_`; beyond it only white space. */
function isSeparator(character: string): boolean {
  return character <= '\x7f' ? /\W/.test(character) : /[\p{White_Space}]/u.test(character);
}
