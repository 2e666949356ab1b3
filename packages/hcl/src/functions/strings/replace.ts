import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { checkTextSize } from '../support/limits.ts';

export const replace: HclFunction = {
  name: 'replace',
  description:
    'The text with every occurrence of one text replaced by another. For patterns there is `regex_replace`.',
  parameters: [
    { name: 'str', type: stringType },
    { name: 'substr', type: stringType },
    { name: 'replace', type: stringType },
  ],
  examples: [
    { call: 'replace("1 + 2 + 3", "+", "-")', gives: '"1 - 2 - 3"' },
    { call: 'replace("abc", "", ".")', gives: '".a.b.c."' },
  ],
  resultType: () => stringType,
  call: ([str, substr, replacement]) => {
    const text = textOf(str);
    const wanted = textOf(substr);
    const by = textOf(replacement);
    const parts = wanted === '' ? splitAround(text) : text.split(wanted);
    checkTextSize(text.length + (parts.length - 1) * (by.length - wanted.length));
    return stringValue(parts.join(by));
  },
};

/** The empty text occurs before, between and after all characters. */
function splitAround(text: string): string[] {
  return text === '' ? ['', ''] : ['', ...text, ''];
}
