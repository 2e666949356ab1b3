import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';

const str = { name: 'str', type: stringType };

export const chomp: HclFunction = {
  name: 'chomp',
  description: 'The text without the line breaks at its end.',
  parameters: [str],
  examples: [
    { call: 'chomp("hello\\n")', gives: '"hello"' },
    { call: 'chomp("hello\\r\\n\\n")', gives: '"hello"' },
  ],
  resultType: () => stringType,
  call: ([value]) => {
    const text = textOf(value);
    let end = text.length;
    while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--;
    return stringValue(text.slice(0, end));
  },
};

export const trimspace: HclFunction = {
  name: 'trimspace',
  description: 'The text without white space, line breaks included, at its start and end.',
  parameters: [str],
  examples: [{ call: 'trimspace("  hello\\n\\n")', gives: '"hello"' }],
  resultType: () => stringType,
  call: ([value]) => stringValue(trimmed(textOf(value), (character) => /\p{White_Space}/u.test(character))),
};

export const trim: HclFunction = {
  name: 'trim',
  description: 'The text without any of the given characters at its start and end.',
  parameters: [str, { name: 'cutset', type: stringType }],
  examples: [{ call: 'trim("?!hello?!", "!?")', gives: '"hello"' }],
  resultType: () => stringType,
  call: ([value, cutset]) => {
    const cut = new Set(textOf(cutset));
    return stringValue(trimmed(textOf(value), (character) => cut.has(character)));
  },
};

export const trimprefix: HclFunction = {
  name: 'trimprefix',
  description: 'The text without the prefix, if it starts with it.',
  parameters: [str, { name: 'prefix', type: stringType }],
  examples: [
    { call: 'trimprefix("helloworld", "hello")', gives: '"world"' },
    { call: 'trimprefix("helloworld", "cat")', gives: '"helloworld"' },
  ],
  resultType: () => stringType,
  call: ([value, prefix]) => {
    const text = textOf(value);
    return stringValue(text.startsWith(textOf(prefix)) ? text.slice(textOf(prefix).length) : text);
  },
};

export const trimsuffix: HclFunction = {
  name: 'trimsuffix',
  description: 'The text without the suffix, if it ends with it.',
  parameters: [str, { name: 'suffix', type: stringType }],
  examples: [{ call: 'trimsuffix("disk.qcow2", ".qcow2")', gives: '"disk"' }],
  resultType: () => stringType,
  call: ([value, suffix]) => {
    const text = textOf(value);
    return stringValue(
      text.endsWith(textOf(suffix)) ? text.slice(0, text.length - textOf(suffix).length) : text,
    );
  },
};

function trimmed(text: string, isCut: (character: string) => boolean): string {
  const characters = [...text];
  let start = 0;
  let end = characters.length;
  while (start < end && isCut(characters[start]!)) start++;
  while (end > start && isCut(characters[end - 1]!)) end--;
  return characters.slice(start, end).join('');
}
