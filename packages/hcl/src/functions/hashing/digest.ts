import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import type { HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { nodeModules } from '../support/node-modules.ts';

function digest(algorithm: string, hello: string): HclFunction {
  return {
    name: algorithm,
    description: `The ${algorithm.toUpperCase()} digest of a text's UTF-8 bytes, in hexadecimal.`,
    parameters: [{ name: 'str', type: stringType }],
    examples: [{ call: `${algorithm}("hello world")`, gives: `"${hello}"` }],
    resultType: () => stringType,
    call: ([str]) =>
      stringValue(nodeModules.crypto.createHash(algorithm).update(textOf(str), 'utf8').digest('hex')),
  };
}

export const md5 = digest('md5', '5eb63bbbe01eeed093cb22bb8f5acdc3');
export const sha1 = digest('sha1', '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed');
export const sha256 = digest('sha256', 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9');
export const sha512 = digest(
  'sha512',
  '309ecc489c12d6eb4cc40f50c902f2b4d0ed77ee511a7c7a9bcd3ca86d4cd86f' +
    '989dd35bc5ff499670da34255b45b0cfd830e81f605dcf7dc5542e93ae9cd76f',
);
