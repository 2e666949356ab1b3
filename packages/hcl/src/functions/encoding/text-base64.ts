import { stringType } from '../../values/type.ts';
import { stringValue, type Value } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { checkTextSize } from '../support/limits.ts';
import { decodeBase64 } from './bytes.ts';
import { type Charset, charset, charsetNames } from './charsets.ts';

const encodingParameter = { name: 'encoding', type: stringType };

export const textencodebase64: HclFunction = {
  name: 'textencodebase64',
  description: 'The bytes of a text in an encoding such as `UTF-16LE`, in Base64.',
  parameters: [{ name: 'string', type: stringType }, encodingParameter],
  examples: [
    { call: 'textencodebase64("Hello World", "UTF-16LE")', gives: '"SABlAGwAbABvACAAVwBvAHIAbABkAA=="' },
    { call: 'textencodebase64("Grüße", "ISO-8859-1")', gives: '"R3L832U="' },
  ],
  resultType: () => stringType,
  call: ([string, encoding]) => {
    checkTextSize(textOf(string).length * 6);
    const bytes = charsetIn(encoding).encode(textOf(string));
    if (bytes) return stringValue(bytes.toString('base64'));
    throw new FunctionError(`The text has characters that ${textOf(encoding)} has not.`, 0);
  },
};

export const textdecodebase64: HclFunction = {
  name: 'textdecodebase64',
  description: 'The text whose bytes in an encoding such as `UTF-16LE` are given in Base64.',
  parameters: [{ name: 'source', type: stringType }, encodingParameter],
  examples: [
    { call: 'textdecodebase64("SABlAGwAbABvACAAVwBvAHIAbABkAA==", "UTF-16LE")', gives: '"Hello World"' },
  ],
  resultType: () => stringType,
  call: ([source, encoding]) => {
    const known = charsetIn(encoding);
    const bytes = decodeBase64(textOf(source));
    if (!bytes) throw new FunctionError('The text is not valid Base64.', 0);
    const text = known.decode(bytes);
    if (text !== undefined && !text.includes('\ufffd')) return stringValue(text);
    throw new FunctionError(`Some of the bytes stand for nothing in ${textOf(encoding)}.`, 0);
  },
};

function charsetIn(encoding: Value | undefined): Charset {
  const known = charset(textOf(encoding));
  if (known) return known;
  throw new FunctionError(
    `The encoding "${textOf(encoding)}" is not known here. There are ${charsetNames.join(', ')}.`,
    1,
  );
}
