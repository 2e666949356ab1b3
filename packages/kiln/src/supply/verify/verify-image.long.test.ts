import assert from 'node:assert/strict';
import { appendFile, chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { attachmentPath } from '../../store/attachments.ts';
import { layerPath } from '../../store/home.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import type { Store } from '../../store/store.ts';
import { attestFile } from '../attest/attest-file.ts';
import { attestImage } from '../attest/attest-image.ts';
import { bundleText, parseBundle } from '../provenance/bundle.ts';
import { sbomReference } from '../provenance/sbom-reference.ts';
import { signStatement, statementIn } from '../provenance/statement.ts';
import { openSigningKey } from '../signing/signing-key.ts';
import { type TrustedKey, trustedKeys } from '../signing/trusted-keys.ts';
import { workFolder } from '../testing/make-disk.ts';
import { imageFiles, makeImage, makeStore } from '../testing/make-image.ts';
import type { Check } from './check.ts';
import { verifyFile } from './verify-file.ts';
import { verifyImage } from './verify-image.ts';

const supply = {
  facts: { epoch: 1_700_000_000 },
  sboms: { spdx: '{"spdx": 1}\n', cyclonedx: '{"cyclonedx": 1}\n' },
  profile: 'os: debian/12\n',
  lock: '{"lock": 1}\n',
};

const brief = (checks: readonly Check[]) => checks.map(({ result, text }) => `${result}: ${text}`);
const bads = (checks: readonly Check[]) =>
  checks.filter(({ result }) => result === 'bad').map(({ text }) => text);

async function attested(t: TestContext): Promise<{ readonly store: Store; readonly record: ImageRecord }> {
  const store = makeStore(t);
  return { store, record: await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} }) };
}

async function verify(store: Store, trusted?: readonly TrustedKey[]): Promise<Check[]> {
  const keys = trusted ?? (await trustedKeys(store.home, {}));
  return verifyImage(store, await store.getImage('web'), {
    trusted: keys,
    mustBeSigned: trusted !== undefined,
  });
}

test('an image that nobody has touched is good in everything', async (t) => {
  const { store } = await attested(t);
  const { id } = (await openSigningKey(store.home, {})).public;
  assert.deepEqual(brief(await verify(store)), [
    'good: the disk is what it was',
    `good: the statement of how it was made is signed by the key ${id.slice(0, 16)} (own)`,
    'good: the bills of materials are those that were signed',
  ]);
});

test('one changed byte of the disk is found', async (t) => {
  const { store, record } = await attested(t);
  const path = layerPath(store.layout, record.id);
  const bytes = await readFile(path);
  bytes[bytes.length - 5]! ^= 1;
  await chmod(path, 0o644);
  await writeFile(path, bytes);
  assert.match(bads(await verify(store)).join(), /^layer sha256:[0-9a-f]{64}: its content has the digest/);
});

/** What an attacker who can write to the store does, and how it is called. */
const tampered: readonly (readonly [
  what: string,
  change: (store: Store, record: ImageRecord, t: TestContext) => Promise<unknown>,
  found: RegExp,
])[] = [
  [
    'a document that is damaged',
    (store, record) => writeFile(attachmentPath(store.layout, digestOf(record, 'spdx')), 'x'),
    /^the SPDX document: it cannot be unpacked/,
  ],
  [
    'a document that is another one under its name',
    async (store, record) =>
      writeFile(
        attachmentPath(store.layout, digestOf(record, 'spdx')),
        await promisify(zstdCompress)(Buffer.from('{"spdx": 2}\n')),
      ),
    /^the SPDX document: its content has the digest/,
  ],
  [
    'a document that is missing',
    (store, record) => rm(attachmentPath(store.layout, digestOf(record, 'lock'))),
    /^the lock: the file is missing$/,
  ],
  [
    'another bill of materials with its own digest',
    (store, record) => store.attach(record.id, [{ kind: 'spdx', content: '{"spdx": 2}\n' }]),
    /^no trusted key has signed that the SPDX document is about this image$/,
  ],
  [
    'another profile with its own digest',
    (store, record) => store.attach(record.id, [{ kind: 'profile', content: 'os: debian/11\n' }]),
    /^the profile that is kept is not the one that was signed$/,
  ],
  [
    'a statement whose words were changed',
    (store, record) => changeBundle(store, record, (text) => text.replace('"kiln.yaml"', '"evil.yaml"')),
    /^the signature does not fit: the statement of how it was made was changed after it was signed$/,
  ],
  [
    'a statement that a stranger has signed again',
    async (store, record, t) => {
      const stranger = await openSigningKey(join(workFolder(t), 'stranger'), {});
      const bundle = parseBundle((await store.readAttachment(record, 'attestations'))!.toString());
      const envelopes = bundle.map((one) => signStatement(statementIn(one)!, stranger));
      await store.attach(record.id, [{ kind: 'attestations', content: bundleText(envelopes) }]);
    },
    /^the statement of how it was made is signed by the key [0-9a-f]{16}, which is not trusted here,the statement of its contents is signed by/,
  ],
  [
    'a signed statement about another image',
    async (store, record, t) => {
      const other = await attestImage(
        store,
        await makeImage(t, store, 'db', { ...imageFiles, 'srv/x': 'x' }),
        { env: {} },
      );
      const bundle = (await store.readAttachment(other, 'attestations'))!;
      await store.attach(record.id, [{ kind: 'attestations', content: bundle }]);
    },
    /^the statement of how it was made is signed, but not about this content/,
  ],
  [
    'a bundle of nothing',
    (store, record) => store.attach(record.id, [{ kind: 'attestations', content: 'x\n{}\n' }]),
    /^no trusted key has signed that the CycloneDX document is about this image/,
  ],
];

for (const [what, change, found] of tampered) {
  test(`${what} is found`, async (t) => {
    const { store, record } = await attested(t);
    await change(store, record, t);
    assert.match(bads(await verify(store)).join(), found);
  });
}

test('a given key is the only one that counts', async (t) => {
  const { store } = await attested(t);
  const stranger = (await openSigningKey(join(workFolder(t), 'stranger'), {})).public;
  assert.match(
    bads(await verify(store, [{ key: stranger, name: 'builder.pem' }])).join(),
    /which is not trusted here/,
  );
  const own = (await openSigningKey(store.home, {})).public;
  assert.deepEqual(bads(await verify(store, [{ key: own, name: 'own.pem' }])), []);
});

test('an image that nobody has signed is nothing bad, unless a key was given', async (t) => {
  const store = makeStore(t);
  await makeImage(t, store, 'web');
  assert.deepEqual(brief(await verify(store)), [
    'good: the disk is what it was',
    'note: nobody has signed it: it has no statement of how it was made',
  ]);
  const own = (await openSigningKey(store.home, {})).public;
  assert.equal(bads(await verify(store, [{ key: own, name: 'own.pem' }])).length, 1);
});

test('further statements of others in a bundle do no harm', async (t) => {
  const { store, record } = await attested(t);
  const stranger = await openSigningKey(join(workFolder(t), 'stranger'), {});
  const more = signStatement(
    sbomReference([{ name: 'web', sha256: record.id }], { spdx: 'x', cyclonedx: 'y' }),
    stranger,
  );
  const bundle = (await store.readAttachment(record, 'attestations'))!.toString();
  await store.attach(record.id, [{ kind: 'attestations', content: `${bundleText([more])}${bundle}` }]);
  assert.deepEqual(bads(await verify(store)), []);
});

test('a file is checked by what lies beside it', async (t) => {
  const { store } = await attested(t);
  const record = await store.getImage('web');
  const file = join(workFolder(t), 'web.raw');
  await store.exportImage('web', file, { format: 'raw' });
  const trusted = await trustedKeys(store.home, {});
  assert.match(bads(await verifyFile(file, { trusted })).join(), /there is no .*web\.raw\.intoto\.jsonl/);
  await attestFile(store, record, file, { env: {} });
  assert.deepEqual(bads(await verifyFile(file, { trusted })), []);
  await appendFile(`${file}.spdx.json`, ' ');
  assert.deepEqual(bads(await verifyFile(file, { trusted })), [
    'no trusted key has signed that web.raw.spdx.json is about this file',
  ]);
  await rm(`${file}.spdx.json`);
  await rm(`${file}.cdx.json`);
  assert.ok(
    brief(await verifyFile(file, { trusted })).includes(
      'note: the bills of materials that were signed are not beside the file',
    ),
  );
  assert.match(bads(await verifyFile(file, { trusted: [] })).join(), /which is not trusted here/);
  await appendFile(file, 'x');
  assert.match(
    bads(await verifyFile(file, { trusted })).join(),
    /^the statement of how it was made is signed, but not about this content/,
  );
  await assert.rejects(verifyFile(`${file}.gone`, { trusted }), { code: 'file-missing' });
});

function digestOf(record: ImageRecord, kind: string): string {
  return record.attachments!.find((one) => one.kind === kind)!.digest;
}

/** Changes the statements in a bundle, with everything else as it is. */
async function changeBundle(
  store: Store,
  record: ImageRecord,
  change: (text: string) => string,
): Promise<void> {
  const bundle = parseBundle((await store.readAttachment(record, 'attestations'))!.toString());
  const changed = bundle.map((envelope) => {
    const text = change(Buffer.from(envelope.payload, 'base64').toString());
    return { ...envelope, payload: Buffer.from(text).toString('base64') };
  });
  await store.attach(record.id, [{ kind: 'attestations', content: bundleText(changed) }]);
}
