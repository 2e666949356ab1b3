import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseEnvelope, preAuthenticationEncoding, signerOf, signPayload } from './envelope.ts';
import { parsePublicKey, readPublicKey } from './public-key.ts';
import { existingSigningKey, openSigningKey } from './signing-key.ts';
import { distrustKey, trustedKeys, trustKey } from './trusted-keys.ts';

function workFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-signing-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const mode = (path: string) => statSync(path).mode & 0o777;

test('the first use makes a key that only its owner can read, and later ones find it', async (t) => {
  const home = join(workFolder(t), 'home');
  assert.equal(await existingSigningKey(home, {}), undefined);
  const key = await openSigningKey(home, {});
  assert.equal(key.path, join(home, 'signing', 'key.pem'));
  assert.deepEqual([mode(key.path), mode(join(home, 'signing'))], [0o600, 0o700]);
  assert.match(key.public.pem, /^-----BEGIN PUBLIC KEY-----\n/);
  assert.equal((await openSigningKey(home, {})).public.id, key.public.id);
});

test('commands that need the first key at the same time get the same one', async (t) => {
  const home = join(workFolder(t), 'home');
  const keys = await Promise.all(Array.from({ length: 8 }, () => openSigningKey(home, {})));
  assert.equal(new Set(keys.map((key) => key.public.id)).size, 1);
});

test('KILN_SIGNING_KEY names another key, and nothing is made', async (t) => {
  const folder = workFolder(t);
  const path = join(folder, 'mine.pem');
  const { privateKey } = generateKeyPairSync('ed25519');
  writeFileSync(path, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const key = await openSigningKey(join(folder, 'home'), { KILN_SIGNING_KEY: path });
  assert.equal(key.path, path);
  await assert.rejects(async () => statSync(join(folder, 'home')), { code: 'ENOENT' });
});

const { privateKey: rsa } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const { privateKey: ed } = generateKeyPairSync('ed25519');
const refused: readonly (readonly [what: string, content: string, code: string, message: RegExp])[] = [
  ['text', 'hello', 'file-unsafe', /is not a private key in PEM/],
  [
    'another kind of key',
    String(rsa.export({ type: 'pkcs8', format: 'pem' })),
    'unsupported',
    /is of the kind rsa/,
  ],
  [
    'an encrypted key',
    String(ed.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })),
    'file-unsafe',
    /is encrypted/,
  ],
];

for (const [what, content, code, message] of refused) {
  test(`${what} is no key to sign with`, async (t) => {
    const path = join(workFolder(t), 'key.pem');
    writeFileSync(path, content);
    await assert.rejects(
      openSigningKey('/nowhere', { KILN_SIGNING_KEY: path }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, code);
        assert.match(error.message, message);
        assert.ok(!error.message.includes('BEGIN'));
        return true;
      },
    );
  });
}

test('a key file that is not there, or not to be read, is said', async (t) => {
  const path = join(workFolder(t), 'key.pem');
  await assert.rejects(openSigningKey('/nowhere', { KILN_SIGNING_KEY: path }), { code: 'file-missing' });
  await assert.rejects(readPublicKey(path), { code: 'file-missing' });
  assert.throws(() => parsePublicKey('hello', path), { code: 'file-unsafe' });
});

test('what is signed is the type with the document, as DSSE has it', () => {
  assert.equal(
    preAuthenticationEncoding('http://example.com/HelloWorld', Buffer.from('hello world')).toString(),
    'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
  );
});

test('a signature holds for what was signed and for nothing else', async (t) => {
  const home = workFolder(t);
  const key = await openSigningKey(home, {});
  const envelope = signPayload('text/x', Buffer.from('content'), key);
  const keys = [parsePublicKey(key.public.pem, 'test')];
  assert.equal(signerOf(envelope, keys)?.id, key.public.id);
  assert.deepEqual(signPayload('text/x', Buffer.from('content'), key), envelope, 'the same again');
  assert.equal(signerOf({ ...envelope, payloadType: 'text/y' }, keys), undefined);
  assert.equal(
    signerOf({ ...envelope, payload: Buffer.from('Content').toString('base64') }, keys),
    undefined,
  );
  assert.equal(signerOf({ ...envelope, signatures: [] }, keys), undefined);
  assert.equal(
    signerOf({ ...envelope, signatures: [{ sig: 'AAAA' }, ...envelope.signatures] }, keys)?.id,
    key.public.id,
  );
  assert.equal(signerOf(envelope, []), undefined);
  const [stranger] = await trustedKeys(workFolder(t), {});
  assert.equal(stranger, undefined);
});

test('openssl agrees with the signature', {
  skip: spawnSync('openssl', ['version']).error && 'openssl is not installed',
}, async (t) => {
  const folder = workFolder(t);
  const key = await openSigningKey(folder, {});
  const envelope = signPayload('application/vnd.in-toto+json', Buffer.from('{"a":1}'), key);
  const path = (name: string) => join(folder, name);
  writeFileSync(path('public.pem'), key.public.pem);
  writeFileSync(
    path('signed'),
    preAuthenticationEncoding(envelope.payloadType, Buffer.from(envelope.payload, 'base64')),
  );
  writeFileSync(path('signature'), Buffer.from(envelope.signatures[0]!.sig, 'base64'));
  const verify = [
    'pkeyutl',
    '-verify',
    '-pubin',
    '-inkey',
    path('public.pem'),
    '-rawin',
    '-in',
    path('signed'),
    '-sigfile',
    path('signature'),
  ];
  assert.match(execFileSync('openssl', verify, { encoding: 'utf8' }), /Signature Verified Successfully/);
  // Its own name for the key, and the private half, are what openssl makes of them too.
  const der = execFileSync('openssl', ['pkey', '-in', key.path, '-pubout', '-outform', 'DER']);
  const digest = execFileSync('openssl', ['dgst', '-sha256', '-r'], { input: der, encoding: 'utf8' });
  assert.equal(digest.slice(0, 64), key.public.id);
});

test('keys are trusted by name, until they are not', async (t) => {
  const home = workFolder(t);
  const own = await openSigningKey(home, {});
  const other = (await openSigningKey(workFolder(t), {})).public;
  const third = (await openSigningKey(workFolder(t), {})).public;
  await trustKey(home, 'builder', other);
  await trustKey(home, 'builder', other);
  const names = async () => (await trustedKeys(home, {})).map(({ name, key }) => [name, key.id]);
  assert.deepEqual(await names(), [
    ['own', own.public.id],
    ['builder', other.id],
  ]);
  await assert.rejects(trustKey(home, 'builder', third), { code: 'already-exists' });
  for (const name of ['own', '../x', '', '.hidden'])
    await assert.rejects(trustKey(home, name, third), { code: 'bad-usage' });
  await assert.rejects(distrustKey(home, 'bilder'), /no key is trusted as "bilder"/);
  await assert.rejects(distrustKey(home, 'own'), { code: 'bad-usage' });
  await distrustKey(home, 'builder');
  assert.deepEqual(await names(), [['own', own.public.id]]);
  assert.equal(readFileSync(own.path, 'utf8').includes('PRIVATE KEY'), true);
});

test('what this store has signed before stays good when another key is given for now', async (t) => {
  const [home, folder] = [workFolder(t), workFolder(t)];
  const own = await openSigningKey(home, {});
  const given = await openSigningKey(folder, {});
  const names = async (path: string) =>
    (await trustedKeys(home, { KILN_SIGNING_KEY: path })).map(({ name, key }) => [name, key.id]);
  assert.deepEqual(await names(given.path), [
    ['own', own.public.id],
    ['environment', given.public.id],
  ]);
  assert.deepEqual(await names(own.path), [['own', own.public.id]]);
});

test('lines that are no envelope are passed over', () => {
  for (const line of ['', 'x', '1', 'null', '{}', '{"payload":"","payloadType":"","signatures":"x"}'])
    assert.equal(parseEnvelope(line), undefined, line);
  assert.deepEqual(
    parseEnvelope('{"payload":"YQ==","payloadType":"t","signatures":[1,{"sig":"x","keyid":2}]}'),
    {
      payload: 'YQ==',
      payloadType: 't',
      signatures: [{ sig: 'x' }],
    },
  );
});
