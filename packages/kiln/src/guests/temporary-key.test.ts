import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import ssh2, { type ParsedKey } from 'ssh2';
import { createTemporaryKey } from './temporary-key.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const kinds = [
  { type: 'ed25519' },
  { type: 'rsa' },
  { type: 'rsa', bits: 2048 },
  { type: 'ecdsa' },
  { type: 'ecdsa', bits: 384 },
  { type: 'ecdsa', bits: 521 },
] as const;

for (const kind of kinds) {
  const bits = 'bits' in kind ? kind.bits : '';
  test(`OpenSSH reads a key of type ${kind.type} ${bits} and finds the same public key in it`, async (t) => {
    const file = join(await temporaryFolder(t), 'key');
    const { privateKey, publicKey } = await createTemporaryKey({ ...kind, name: 'a name\nof two lines' });
    await writeFile(file, privateKey, { mode: 0o600 });
    const read = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
    assert.equal(read.trim(), publicKey);
    assert.match(publicKey, / a name of two lines$/);
  });
}

test('every key is whole: what one half signs the other verifies', async () => {
  for (let i = 0; i < 100; i += 1) {
    for (const type of ['ed25519', 'ecdsa'] as const) {
      const pair = await createTemporaryKey({ type });
      const privateKey = ssh2.utils.parseKey(pair.privateKey) as ParsedKey;
      const publicKey = ssh2.utils.parseKey(pair.publicKey) as ParsedKey;
      assert.equal(publicKey.verify('text', privateKey.sign('text')), true);
    }
  }
});

test('no two keys are alike', async () => {
  const [one, other] = [
    await createTemporaryKey({ type: 'ed25519' }),
    await createTemporaryKey({ type: 'ed25519' }),
  ];
  assert.notEqual(one.privateKey, other.privateKey);
});

test('a type or size that cannot be had is refused with the reason', async () => {
  await assert.rejects(createTemporaryKey({ type: 'dsa' }), {
    code: 'unsupported',
    message: /dsa/,
    hint: /OpenSSH/,
  });
  await assert.rejects(createTemporaryKey({ type: 'ecdsa', bits: 2048 }), {
    code: 'unsupported',
    message: /2048 bits/,
    hint: /256, 384, 521/,
  });
  await assert.rejects(createTemporaryKey({ type: 'rsa', bits: 512 }), { code: 'unsupported' });
});
