import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { checkTextSize } from '../support/limits.ts';

export const urlencode: HclFunction = {
  name: 'urlencode',
  description:
    'A text as it stands in the query of a URL: spaces as `+`, all but letters, digits and `-_.~` as `%XX`.',
  parameters: [{ name: 'str', type: stringType }],
  examples: [
    { call: 'urlencode("Hello World!")', gives: '"Hello+World%21"' },
    { call: 'urlencode("☃")', gives: '"%E2%98%83"' },
  ],
  resultType: () => stringType,
  call: ([str]) => {
    checkTextSize(textOf(str).length * 9);
    const encoded = encodeURIComponent(textOf(str).toWellFormed());
    return stringValue(encoded.replace(/%20/g, '+').replace(/[!'()*]/g, percent));
  },
};

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
