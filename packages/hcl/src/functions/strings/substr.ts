import { numberType, stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { textOf, wholeNumberOf } from '../support/arguments.ts';
import { graphemes } from '../support/grapheme.ts';

export const substr: HclFunction = {
  name: 'substr',
  description:
    'The part of a text that starts at the offset and has at most that many characters. A negative offset counts from ' +
    'the end; a negative length means the rest.',
  parameters: [
    { name: 'str', type: stringType },
    { name: 'offset', type: numberType },
    { name: 'length', type: numberType },
  ],
  examples: [
    { call: 'substr("hello world", 1, 4)', gives: '"ello"' },
    { call: 'substr("hello world", -5, -1)', gives: '"world"' },
  ],
  resultType: () => stringType,
  call: ([str, offset, length]) => {
    const start = wholeNumberOf(offset, 1);
    const count = wholeNumberOf(length, 2);
    if (count === 0 && start >= 0) return stringValue('');
    const clusters = graphemes(textOf(str));
    const from = Math.max(0, start < 0 ? clusters.length + start : start);
    // With a negative offset a length of zero means the rest as well: a quirk of Packer's that templates may rely on.
    return stringValue(clusters.slice(from, count <= 0 ? undefined : from + count).join(''));
  },
};

export const strrev: HclFunction = {
  name: 'strrev',
  description: 'The text with its characters in reverse order.',
  parameters: [{ name: 'str', type: stringType }],
  examples: [
    { call: 'strrev("hello")', gives: '"olleh"' },
    { call: 'strrev("a☃b")', gives: '"b☃a"' },
  ],
  resultType: () => stringType,
  call: ([str]) => stringValue(graphemes(textOf(str)).reverse().join('')),
};
