import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { checkTextSize } from '../support/limits.ts';
import { nodeModules } from '../support/node-modules.ts';
import { decodeBase64, decodeUtf8 } from './bytes.ts';

const str = { name: 'str', type: stringType };

export const base64encode: HclFunction = {
  name: 'base64encode',
  description: 'The UTF-8 bytes of a text in Base64.',
  parameters: [str],
  examples: [{ call: 'base64encode("Hello World")', gives: '"SGVsbG8gV29ybGQ="' }],
  resultType: () => stringType,
  call: ([value]) => {
    checkTextSize(textOf(value).length * 4);
    return stringValue(Buffer.from(textOf(value), 'utf8').toString('base64'));
  },
};

export const base64decode: HclFunction = {
  name: 'base64decode',
  description:
    'The text whose UTF-8 bytes are given in Base64. For other encodings there is `textdecodebase64`.',
  parameters: [str],
  examples: [{ call: 'base64decode("SGVsbG8gV29ybGQ=")', gives: '"Hello World"' }],
  resultType: () => stringType,
  call: ([value]) => {
    const bytes = decodeBase64(textOf(value));
    if (!bytes) throw new FunctionError('The text is not valid Base64.', 0);
    const text = decodeUtf8(bytes);
    if (text === undefined) throw new FunctionError('The decoded bytes are not valid UTF-8.', 0);
    return stringValue(text);
  },
};

export const base64gzip: HclFunction = {
  name: 'base64gzip',
  description:
    'The UTF-8 bytes of a text compressed with gzip, in Base64. The same text always gives the same result.',
  parameters: [str],
  examples: [{ call: 'substr(base64gzip("test"), 0, 6)', gives: '"H4sIAA"' }],
  resultType: () => stringType,
  call: ([value]) => {
    const bytes = nodeModules.zlib.gzipSync(Buffer.from(textOf(value), 'utf8'));
    // The header names the system that compressed; 255 means unknown, so that results do not depend on it.
    bytes[9] = 255;
    return stringValue(bytes.toString('base64'));
  },
};
