import { boolType, stringType } from '../../values/type.ts';
import { boolValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';

const str = { name: 'str', type: stringType };

export const startswith: HclFunction = {
  name: 'startswith',
  description: 'Whether the text starts with the prefix.',
  parameters: [str, { name: 'prefix', type: stringType }],
  examples: [
    { call: 'startswith("hello world", "hello")', gives: 'true' },
    { call: 'startswith("hello world", "world")', gives: 'false' },
  ],
  resultType: () => boolType,
  call: ([value, prefix]) => boolValue(textOf(value).startsWith(textOf(prefix))),
};

export const endswith: HclFunction = {
  name: 'endswith',
  description: 'Whether the text ends with the suffix.',
  parameters: [str, { name: 'suffix', type: stringType }],
  examples: [
    { call: 'endswith("hello world", "world")', gives: 'true' },
    { call: 'endswith("hello world", "hello")', gives: 'false' },
  ],
  resultType: () => boolType,
  call: ([value, suffix]) => boolValue(textOf(value).endsWith(textOf(suffix))),
};

export const strcontains: HclFunction = {
  name: 'strcontains',
  description: 'Whether one text occurs in another.',
  parameters: [str, { name: 'substr', type: stringType }],
  examples: [
    { call: 'strcontains("hello world", "lo w")', gives: 'true' },
    { call: 'strcontains("hello world", "wo wo")', gives: 'false' },
  ],
  resultType: () => boolType,
  call: ([value, substr]) => boolValue(textOf(value).includes(textOf(substr))),
};
