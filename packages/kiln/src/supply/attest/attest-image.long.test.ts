import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../../store/store.ts';
import { parseBundle } from '../provenance/bundle.ts';
import { type Provenance, provenanceType } from '../provenance/provenance-statement.ts';
import { statementIn } from '../provenance/statement.ts';
import { openSigningKey } from '../signing/signing-key.ts';
import { trustedKeys, trustKey } from '../signing/trusted-keys.ts';
import { workFolder } from '../testing/make-disk.ts';
import { imageFiles, makeImage, makeStore } from '../testing/make-image.ts';
import { verifyFile } from '../verify/verify-file.ts';
import { verifyImage } from '../verify/verify-image.ts';
import { attestFile } from './attest-file.ts';
import { attestImage } from './attest-image.ts';
import { imageSboms } from './image-sboms.ts';

const supply = {
  facts: { epoch: 1_700_000_000, parameters: { size: '4G' }, secretParameters: ['token'] },
  sboms: { spdx: '{"spdx": 1}\n', cyclonedx: '{"cyclonedx": 1}\n' },
  profile: 'os: debian/12\n',
  lock: '{"lock": 1}\n',
};

test('what a build says of its image is kept with it, signed', async (t) => {
  const store = makeStore(t);
  const record = await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} });
  assert.deepEqual(
    record.attachments?.map(({ kind }) => kind),
    ['attestations', 'cyclonedx', 'lock', 'profile', 'spdx'],
  );
  assert.equal((await store.readAttachment(record, 'profile'))?.toString(), supply.profile);
  const bundle = (await store.readAttachment(record, 'attestations'))!.toString();
  const statement = parseBundle(bundle)
    .map(statementIn)
    .find((one) => one?.predicateType === provenanceType)!;
  assert.deepEqual(statement.subject, [{ name: 'web', digest: { sha256: record.id } }]);
  const { buildDefinition, runDetails } = statement.predicate as Provenance;
  assert.deepEqual(Object.keys(buildDefinition.externalParameters), [
    'image',
    'builder',
    'template',
    'profile',
    'lock',
    'variables',
    'secretVariables',
  ]);
  assert.deepEqual(buildDefinition.resolvedDependencies, [
    { name: 'page/index.html', digest: { sha256: 'c'.repeat(64) } },
  ]);
  assert.equal(
    runDetails.metadata,
    undefined,
    'a build with a time of its own can be made again bit for bit',
  );
});

test('the same build signed with the same key gives the same statement; one of a machine has its times', async (t) => {
  const [one, two] = [makeStore(t), makeStore(t)];
  const key = (await openSigningKey(one.home, {})).path;
  const bundles: string[] = [];
  for (const store of [one, two]) {
    const record = await attestImage(store, await makeImage(t, store, 'web'), {
      supply,
      env: { KILN_SIGNING_KEY: key },
    });
    bundles.push((await store.readAttachment(record, 'attestations'))!.toString());
  }
  assert.equal(bundles[0], bundles[1]);
  const record = await attestImage(one, await makeImage(t, one, 'web'), { env: {} });
  const bundle = (await one.readAttachment(record, 'attestations'))!.toString();
  const { runDetails } = statementIn(parseBundle(bundle)[0]!)!.predicate as Provenance;
  assert.deepEqual(runDetails.metadata, {
    startedOn: '2026-01-02T03:04:00.000Z',
    finishedOn: '2026-01-02T03:04:05.000Z',
  });
});

test('a bill of materials is made from the disk when it is first asked for, and kept', async (t) => {
  const store = makeStore(t);
  await attestImage(store, await makeImage(t, store, 'web'), { env: {} });
  const made = await imageSboms(store, await store.getImage('web'), { env: {} });
  assert.equal(made.made, true);
  assert.deepEqual(made.gaps, []);
  const spdx = JSON.parse(made.spdx.toString()) as {
    name: string;
    creationInfo: { created: string };
    files: { fileName: string }[];
  };
  assert.deepEqual([spdx.name, spdx.creationInfo.created], ['web', '2026-01-02T03:04:05Z']);
  assert.ok(spdx.files.some(({ fileName }) => fileName === './usr/bin/hello'));
  const kept = await imageSboms(store, await store.getImage('web'), { env: {} });
  assert.deepEqual([kept.made, kept.spdx, kept.cyclonedx], [false, made.spdx, made.cyclonedx]);
  const checks = await verifyImage(store, await store.getImage('web'), {
    trusted: await trustedKeys(store.home, {}),
    mustBeSigned: true,
  });
  assert.deepEqual(
    checks.map(({ name, result }) => [name, result]),
    [
      ['disk', 'good'],
      ['provenance', 'good'],
      ['sbom', 'good'],
    ],
  );
});

test('what is made from the disk names the package files that the signed statement names', async (t) => {
  const store = makeStore(t);
  const hello = {
    name: 'hello',
    version: '1.0',
    architecture: 'amd64',
    sha256: 'd'.repeat(64),
    size: 1,
    urls: ['https://deb.example.org/hello.deb'],
  };
  const dependencies = [{ kind: 'package', package: hello, os: { id: 'debian', version: '12' } }] as const;
  await attestImage(store, await makeImage(t, store, 'web'), {
    supply: { facts: { dependencies, epoch: 1_700_000_000 } },
    env: {},
  });
  const { spdx, cyclonedx } = await imageSboms(store, await store.getImage('web'), { env: {} });
  for (const document of [spdx, cyclonedx]) {
    assert.ok(document.includes('2023-11-14T22:13:20Z'), "the build's own time");
    assert.ok(document.includes(hello.sha256));
    assert.ok(document.includes(hello.urls[0]!));
  }
});

test('documents go with an image into an archive and another store, and away with it', async (t) => {
  const store = makeStore(t);
  const record = await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} });
  const archive = join(workFolder(t), 'web.kiln');
  await store.exportImage('web', archive, { format: 'archive' });
  const other = makeStore(t);
  const imported = await other.importImage(archive, { references: ['web'] });
  assert.deepEqual(imported.attachments, record.attachments);
  for (const { kind } of record.attachments!)
    assert.deepEqual(await other.readAttachment(imported, kind), await store.readAttachment(record, kind));
  const trusted = await trustedKeys(store.home, {});
  const checks = await verifyImage(other, imported, { trusted, mustBeSigned: true });
  assert.ok(
    checks.every(({ result }) => result === 'good'),
    JSON.stringify(checks),
  );
  assert.equal(readdirSync(other.layout.attachments).length, 5);
  await other.removeImage('web');
  assert.deepEqual(readdirSync(other.layout.attachments), []);
});

test('prune leaves documents of images that stay, and takes those of others', async (t) => {
  const store = makeStore(t);
  await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} });
  const second = { ...supply, profile: 'another\n' };
  await attestImage(store, await makeImage(t, store, 'db', { ...imageFiles, 'srv/x': 'x' }), {
    supply: second,
    env: {},
  });
  const names = () => readdir(store.layout.attachments);
  // Two bundles, two profiles, and three documents that both have.
  assert.equal((await names()).length, 7);
  await store.untag('db');
  await store.prune({ dryRun: true });
  assert.equal((await names()).length, 7);
  await store.prune();
  assert.equal((await names()).length, 5);
  assert.ok(await store.readAttachment(await store.getImage('web'), 'spdx'));
});

test('building the same image again keeps what is known of it', async (t) => {
  const store = makeStore(t);
  const record = await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} });
  await makeImage(t, store, 'web');
  assert.deepEqual((await store.getImage('web')).attachments, record.attachments);
});

test('a file that was made of an image carries what is said of the image', async (t) => {
  const store = makeStore(t);
  await attestImage(store, await makeImage(t, store, 'web'), { env: {} });
  const file = join(workFolder(t), 'web.raw');
  await store.exportImage('web', file, { format: 'raw' });
  const { files } = await attestFile(store, await store.getImage('web'), file, { env: {} });
  assert.deepEqual(files, [`${file}.spdx.json`, `${file}.cdx.json`, `${file}.intoto.jsonl`]);
  const bundle = parseBundle(await readFile(files[2]!, 'utf8')).map(statementIn);
  const provenance = bundle.find((one) => one?.predicateType === provenanceType)!;
  assert.equal(provenance.subject[0]!.name, 'web.raw');
  const { resolvedDependencies } = (provenance.predicate as Provenance).buildDefinition;
  assert.deepEqual(resolvedDependencies[0], {
    name: 'image',
    digest: { sha256: (await store.getImage('web')).id },
  });
  const checks = await verifyFile(file, { trusted: await trustedKeys(store.home, {}) });
  assert.deepEqual(
    checks.map(({ name, result }) => [name, result]),
    [
      ['disk', 'good'],
      ['provenance', 'good'],
      ['sbom', 'good'],
      ['sbom', 'good'],
    ],
  );
});

test('of a disk that cannot be read is said how it was made, and why not what is in it', async (t) => {
  const store = makeStore(t);
  const diskPath = join(workFolder(t), 'disk.raw');
  await writeFile(diskPath, Buffer.concat([Buffer.from('XFSB'), Buffer.alloc(1 << 20)]));
  const layer = await store.addLayer({ diskPath, format: 'raw', move: false });
  const template = await makeImage(t, store, 'web');
  const record = { ...template, id: layer.digest, layers: layer.layers };
  await store.putImage(record, ['xfs']);
  await attestImage(store, record, { env: {} });
  const { files, gaps } = await attestFile(store, await store.getImage('xfs'), diskPath, { env: {} });
  assert.deepEqual(files, [`${diskPath}.intoto.jsonl`]);
  assert.match(
    gaps.join(),
    /^no bill of materials: no system can be read in .*: the disk is left out: it has an XFS filesystem/,
  );
  const checks = await verifyFile(diskPath, { trusted: await trustedKeys(store.home, {}) });
  assert.deepEqual(
    checks.map(({ name, result }) => [name, result]),
    [
      ['disk', 'good'],
      ['provenance', 'good'],
    ],
  );
  await assert.rejects(imageSboms(store, await store.getImage('xfs'), { env: {} }), { code: 'unsupported' });
});

test('nothing is said of files of an image that a stranger has signed, until the key is trusted', async (t) => {
  const [store, other] = [makeStore(t), makeStore(t)];
  await attestImage(store, await makeImage(t, store, 'web'), { supply, env: {} });
  const archive = join(workFolder(t), 'web.kiln');
  await store.exportImage('web', archive, { format: 'archive' });
  const record = await other.importImage(archive, { references: ['web'] });
  const file = join(workFolder(t), 'web.raw');
  await other.exportImage('web', file, { format: 'raw' });
  await assert.rejects(attestFile(other, record, file, { env: {} }), {
    code: 'file-unsafe',
    message: /not trusted here/,
  });
  await trustKey(other.home, 'first', (await openSigningKey(store.home, {})).public);
  await attestFile(openStore(other.home), record, file, { env: {} });
});
