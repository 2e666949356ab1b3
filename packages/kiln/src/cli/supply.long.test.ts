import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore } from '../store/store.ts';
import { attestImage } from '../supply/attest/attest-image.ts';
import { makeImage } from '../supply/testing/make-image.ts';
import { makeWorkshop, type Workshop } from './testing.ts';

/** Keys, digests and files of a run, by stand-ins. */
const steady = (text: string) =>
  text
    .replace(/\b[0-9a-f]{64}\b/g, 'DIGEST')
    .replace(/sha256:[0-9a-f]{12}/g, 'ID')
    .replace(/\b[0-9a-f]{16}\b/g, 'KEY');

async function workshopWithImage(t: TestContext): Promise<Workshop> {
  const workshop = makeWorkshop(t);
  const store = openStore(workshop.home);
  await attestImage(store, await makeImage(t, store, 'web'), { env: {} });
  return workshop;
}

test('an image tells what is in it, how it was made, and that both are true', async (t) => {
  const { kiln, folder } = await workshopWithImage(t);
  const sbom = await kiln('image', 'sbom', 'web');
  assert.deepEqual([sbom.code, sbom.stderr], [0, '']);
  assert.equal((JSON.parse(sbom.stdout) as { spdxVersion: string }).spdxVersion, 'SPDX-2.3');
  assert.deepEqual(await kiln('image', 'sbom', 'web', '--format', 'cyclonedx', '-o', 'web.cdx.json'), {
    code: 0,
    stdout: '',
    stderr: 'wrote web.cdx.json\n',
  });
  const written = JSON.parse(readFileSync(join(folder, 'web.cdx.json'), 'utf8')) as { specVersion: string };
  assert.equal(written.specVersion, '1.6');
  const provenance = await kiln('image', 'provenance', 'web');
  const statement = JSON.parse(provenance.stdout) as { predicateType: string; subject: { name: string }[] };
  assert.deepEqual(
    [statement.predicateType, statement.subject[0]?.name],
    ['https://slsa.dev/provenance/v1', 'web'],
  );
  const envelopes = (await kiln('image', 'provenance', 'web', '--envelope')).stdout.trim().split('\n');
  assert.equal(envelopes.length, 2);
  const { code, stdout, stderr } = await kiln('image', 'verify', 'web', '--rebuild');
  assert.deepEqual(
    [code, steady(stdout), stderr],
    [
      0,
      `ok  the disk is what it was
ok  the statement of how it was made is signed by the key KEY (own)
ok  the bills of materials are those that were signed
--  it cannot be built again: its profile and lock are not kept with it
`,
      'reading images\nbuilding web again\n',
    ],
  );
  assert.equal((await kiln('image', 'verify')).stdout, 'all is well\n');
});

test('a file is given to somebody else, who trusts the key and notices what was changed', async (t) => {
  const { kiln, folder } = await workshopWithImage(t);
  const exported = await kiln('image', 'export', 'web', 'web.raw', '--attest');
  assert.deepEqual(
    [exported.code, steady(exported.stdout), exported.stderr.split('\n').at(-2)],
    [
      0,
      'web.raw is the raw disk of web (ID)\n',
      'wrote web.raw.spdx.json, web.raw.cdx.json, web.raw.intoto.jsonl beside it',
    ],
  );
  writeFileSync(join(folder, 'first.pem'), (await kiln('key', 'show')).stdout);

  const other = makeWorkshop(t);
  const path = (name: string) => join(folder, name);
  const unknown = await other.kiln('image', 'verify', path('web.raw'));
  assert.deepEqual(
    [unknown.code, unknown.stdout, steady(unknown.stderr)],
    [
      1,
      '',
      `reading images
BAD the statement of how it was made is signed by the key KEY, which is not trusted here
    hint: check whose it is, then give it with --key FILE, or once and for all with \`kiln key trust FILE\`
`,
    ],
  );
  const given = await other.kiln('image', 'verify', path('web.raw'), '--key', path('first.pem'));
  assert.equal(given.code, 0, given.stderr);
  const trusted = await other.kiln('key', 'trust', path('first.pem'));
  assert.equal(steady(trusted.stdout), 'signatures of first (DIGEST) count from now on\n');
  assert.equal(steady((await other.kiln('key', 'list')).stdout), 'NAME   ID\nfirst  DIGEST\n');
  const known = await other.kiln('image', 'verify', path('web.raw'));
  assert.deepEqual(
    [known.code, steady(known.stdout)],
    [
      0,
      `ok  the file is the one that was signed (ID)
ok  the statement of how it was made is signed by the key KEY (first)
ok  web.raw.spdx.json is the one that was signed
ok  web.raw.cdx.json is the one that was signed
`,
    ],
  );
  appendFileSync(path('web.raw'), 'x');
  const changed = await other.kiln('image', 'verify', path('web.raw'), '--json');
  assert.equal(changed.code, 1);
  const { ok, verified } = JSON.parse(changed.stdout) as {
    ok: boolean;
    verified: { checks: { text: string }[] }[];
  };
  assert.equal(ok, false);
  assert.match(verified[0]!.checks[0]!.text, /not about this content/);
  assert.equal((await other.kiln('key', 'distrust', 'first')).stdout, 'signatures of first count no more\n');
  assert.equal((await other.kiln('image', 'verify', path('web.raw'))).code, 1);
});

const refused: readonly (readonly [what: string, args: readonly string[], code: number, stderr: string])[] = [
  [
    'rebuilding everything',
    ['image', 'verify', '--rebuild'],
    2,
    'error: kiln image verify: --rebuild needs the name of an image\nhint: building everything again would take long; name one\n',
  ],
  [
    'statements beside an archive',
    ['image', 'export', 'web', 'web.kiln', '--attest'],
    2,
    'error: kiln image export: --attest is for disks\nhint: an archive has the statements and documents in it; leave --attest out\n',
  ],
  [
    'a key that is none',
    ['image', 'verify', '--key', 'text'],
    1,
    'error: FOLDER/text is not a key in PEM\nhint: give a file that starts with -----BEGIN PUBLIC KEY-----, such as `kiln key show` prints\n',
  ],
  [
    'trusting a file that is not there',
    ['key', 'trust', 'gone.pem'],
    1,
    'error: the key FOLDER/gone.pem cannot be read (ENOENT)\nhint: name a file that holds a public key in PEM\n',
  ],
  [
    'distrusting nobody',
    ['key', 'distrust', 'builder'],
    1,
    'error: no key is trusted as "builder"\nhint: see `kiln key list`\n',
  ],
  [
    'a bill of materials in another form',
    ['image', 'sbom', 'web', '--format', 'csv'],
    2,
    'error: kiln image sbom: --format cannot be "csv"; it is one of spdx, cyclonedx\nhint: see `kiln image sbom --help`\n',
  ],
];

for (const [what, args, code, stderr] of refused) {
  test(`${what} is refused`, async (t) => {
    const { kiln, folder } = await workshopWithImage(t);
    writeFileSync(join(folder, 'text'), 'hello');
    const result = await kiln(...args);
    assert.deepEqual(
      [result.code, result.stdout, result.stderr.replace('reading images\n', '')],
      [code, '', stderr],
    );
  });
}

test('imported disks have no story, and nobody pretends that they have', async (t) => {
  const { kiln, folder } = await workshopWithImage(t);
  assert.equal((await kiln('image', 'export', 'web', 'disk.raw')).code, 0);
  const other = makeWorkshop(t);
  assert.equal((await other.kiln('image', 'import', join(folder, 'disk.raw'), 'copy')).code, 0);
  const provenance = await other.kiln('image', 'provenance', 'copy');
  assert.deepEqual([provenance.code, provenance.stdout], [1, '']);
  assert.match(provenance.stderr, /^error: nothing is said of how copy was made\n/);
  const verified = await other.kiln('image', 'verify', 'copy');
  assert.equal(
    verified.stdout,
    'ok  the disk is what it was\n--  it was imported; nothing is said of how it was made\n',
  );
});

test('a builder signs with the key that it is given', async (t) => {
  const { kiln, folder, start } = await workshopWithImage(t);
  const key = join(folder, 'mine.pem');
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  writeFileSync(key, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const shown = await start(['key', 'show'], { KILN_SIGNING_KEY: key }).done;
  assert.equal(shown.stdout, publicKey.export({ type: 'spki', format: 'pem' }));
  assert.notEqual((await kiln('key', 'show')).stdout, shown.stdout);
  const wrong = await start(['key', 'show'], { KILN_SIGNING_KEY: join(folder, 'gone') }).done;
  assert.deepEqual(
    [wrong.code, wrong.stderr],
    [
      1,
      'error: the signing key FOLDER/gone cannot be read\nhint: KILN_SIGNING_KEY names a file that holds an Ed25519 private key in PEM\n',
    ],
  );
});
