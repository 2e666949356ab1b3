import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, publicEncrypt } from 'node:crypto';
import { test } from 'node:test';
import { compareSync } from 'bcryptjs';
import { stringValue, type Value } from '../../values/value.ts';
import { callFunction } from '../call-function.ts';
import { standardFunctions } from '../index.ts';
import { evaluateText } from '../testing/evaluate.ts';

function textOf(value: Value): string {
  return value.kind === 'string' ? value.value : assert.fail(`not a text but ${value.kind}`);
}

test('bcrypt gives a salted hash of the password, by the cost', () => {
  const hash = textOf(evaluateText('bcrypt("hello", 4)').value);
  assert.match(hash, /^\$2a\$04\$[./0-9A-Za-z]{53}$/);
  assert.ok(compareSync('hello', hash));
  assert.notEqual(hash, textOf(evaluateText('bcrypt("hello", 4)').value));
  assert.match(textOf(evaluateText('bcrypt("hello")').value), /^\$2a\$10\$/);
  assert.match(evaluateText('bcrypt("hello", 31)').error ?? '', /The cost must be from 4 to 18/);
  assert.match(evaluateText(`bcrypt("${'x'.repeat(73)}", 4)`).error ?? '', /not have more than 72 bytes/);
  assert.match(evaluateText('bcrypt("hello", 4, 5)').error ?? '', /takes a text and a cost/);
});

test('rsadecrypt decrypts what was encrypted with the public key', () => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const encrypted = publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_PADDING },
    Buffer.from('hé'),
  );
  const decrypt = (key: string) => {
    const fn = standardFunctions().get('rsadecrypt')!;
    return callFunction(fn, [stringValue(encrypted.toString('base64')), stringValue(key)]);
  };
  for (const type of ['pkcs1', 'pkcs8'] as const) {
    assert.equal(textOf(decrypt(privateKey.export({ type, format: 'pem' }) as string)), 'hé');
  }
  const pem = (key: typeof other) => key.export({ type: 'pkcs1', format: 'pem' }) as string;
  assert.throws(() => decrypt(pem(other)), /not encrypted with this key/);
  assert.throws(() => decrypt('no key'), /must be a private RSA key in PEM form/);
  const locked = privateKey.export({
    type: 'pkcs1',
    format: 'pem',
    cipher: 'aes-128-cbc',
    passphrase: 'x',
  }) as string;
  assert.throws(() => decrypt(locked), /protected by a password/);
});

test('uuidv4 gives another UUID each time', () => {
  const [first, second] = [0, 1].map(() => textOf(evaluateText('uuidv4()').value));
  assert.match(first!, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.notEqual(first, second);
});
