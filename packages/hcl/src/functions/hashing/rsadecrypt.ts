import type { KeyObject } from 'node:crypto';
import { stringType } from '../../values/type.ts';
import { stringValue } from '../../values/value.ts';
import { decodeBase64, decodeUtf8 } from '../encoding/bytes.ts';
import { FunctionError, type HclFunction } from '../function.ts';
import { textOf } from '../support/arguments.ts';
import { nodeModules } from '../support/node-modules.ts';

export const rsadecrypt: HclFunction = {
  name: 'rsadecrypt',
  description:
    'The text that was encrypted with an RSA key (PKCS #1 v1.5) and is given in Base64, by the private key in PEM form.',
  parameters: [
    { name: 'ciphertext', type: stringType },
    { name: 'privatekey', type: stringType },
  ],
  examples: [{ call: 'can(rsadecrypt("AAAA", "not a key"))', gives: 'false' }],
  resultType: () => stringType,
  call: ([ciphertext, privatekey]) => {
    const bytes = decodeBase64(textOf(ciphertext));
    if (!bytes) throw new FunctionError('The text to decrypt must be Base64.', 0);
    const text = decodeUtf8(decrypt(bytes, readKey(textOf(privatekey))));
    if (text === undefined) throw new FunctionError('What was encrypted is not a text in UTF-8.', 0);
    return stringValue(text);
  },
};

function readKey(pem: string): KeyObject {
  if (/ENCRYPTED/.test(pem)) {
    throw new FunctionError('The key is protected by a password; remove it from the key first.', 1);
  }
  try {
    const key = nodeModules.crypto.createPrivateKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Said below; the errors of the library speak of its insides.
  }
  throw new FunctionError('The key must be a private RSA key in PEM form.', 1);
}

/**
 * Without padding in the library, which for PKCS #1 v1.5 gives random bytes instead of an error when the key is wrong.
 */
function decrypt(bytes: Buffer, key: KeyObject): Buffer {
  let padded: Buffer;
  try {
    const { constants, privateDecrypt } = nodeModules.crypto;
    padded = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, bytes);
  } catch {
    throw new FunctionError('The text cannot be decrypted; it was not encrypted with this key.', 0);
  }
  // 00 02, at least eight bytes that are not zero, 00, the text: https://www.rfc-editor.org/rfc/rfc8017#section-7.2.2
  const end = padded.indexOf(0, 2);
  if (padded[0] !== 0 || padded[1] !== 2 || end < 10) {
    throw new FunctionError('The text cannot be decrypted; it was not encrypted with this key.', 0);
  }
  return padded.subarray(end + 1);
}
