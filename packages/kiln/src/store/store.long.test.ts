import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readQcow2Header } from '@kiln/diskimage';
import { digestFile } from '../base/files.ts';
import { kilnVersion } from '../base/version.ts';
import { openStore, type Store } from './store.ts';
import { qemuImg, recordOf, Workshop } from './test-support.ts';

const workshop = new Workshop();
const { folder } = workshop;
after(() => workshop.remove());
const freshStore = () => workshop.store();
const makeDisk = (text: string, format?: string) => workshop.disk(text, format);
const makeOverlay = (backing: string, letter: string) => workshop.overlay(backing, letter);
const addImage = (store: Store, text: string, ...references: string[]) =>
  workshop.image(store, text, ...references);

test('a layer is named by its digest, read-only, and the moved disk is gone', async () => {
  const store = freshStore();
  const diskPath = makeDisk('hello');
  const layer = await store.addLayer({ diskPath, move: true });
  assert.equal(layer.digest, await digestFile(layer.path));
  assert.equal(layer.path, join(store.layout.layers, `${layer.digest}.qcow2`));
  assert.equal(statSync(layer.path).mode & 0o777, 0o444);
  assert.equal(layer.virtualSize, 8 * 2 ** 20);
  assert.deepEqual(layer.layers, [layer.digest]);
  assert.ok(!existsSync(diskPath));
  assert.deepEqual(readdirSync(store.layout.runs), []);
});

test('a copied disk stays, and the same content is stored once', async () => {
  const store = freshStore();
  const diskPath = makeDisk('same');
  const first = await store.addLayer({ diskPath, move: false });
  const second = await store.addLayer({ diskPath, move: true });
  assert.equal(first.digest, second.digest);
  assert.deepEqual(readdirSync(store.layout.layers), [`${first.digest}.qcow2`]);
  assert.ok(!existsSync(diskPath));
});

test('an overlay names the layer below in the same folder, so that qemu-img reads the chain in place', async () => {
  const store = freshStore();
  const base = await addImage(store, 'base', 'base');
  const overlay = makeOverlay(store.diskPath(base), 'x');
  const layer = await store.addLayer({ diskPath: overlay, parent: base.id, move: true });
  assert.deepEqual(layer.layers, [layer.digest, base.id]);
  const header = await readQcow2Header(layer.path);
  assert.equal(header.backingFile, `${base.id}.qcow2`);
  assert.equal(header.backingFormat, 'qcow2');
  const out = execFileSync(
    'qemu-io',
    ['-r', '-f', 'qcow2', '-c', 'read -P 120 1M 64k', '-c', 'read -P 98 0 1', layer.path],
    {
      encoding: 'utf8',
    },
  );
  assert.doesNotMatch(out, /verification failed/);
  await store.putImage(recordOf(layer), ['web:1']);
  // The same overlay made elsewhere is the same layer: its old backing path is not part of it.
  const again = await store.addLayer({
    diskPath: makeOverlay(store.diskPath(base), 'x'),
    parent: base.id,
    move: true,
  });
  assert.equal(again.digest, layer.digest);
  assert.deepEqual(await store.verify('web:1'), []);
});

test('raw disks become qcow2, whatever a guest wrote at their start', async () => {
  const store = freshStore();
  const raw = makeDisk('plain', 'raw');
  const layer = await store.addLayer({ diskPath: raw, move: true });
  assert.equal((await readQcow2Header(layer.path)).virtualSize, 8 * 2 ** 20);
  assert.ok(!existsSync(raw));
  const sly = join(folder, 'sly.raw');
  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', '/etc/hostname', '-F', 'raw', sly, '8M');
  await assert.rejects(store.addLayer({ diskPath: sly, move: false }), { code: 'file-unsafe' });
  const kept = await store.addLayer({ diskPath: sly, format: 'raw', move: false });
  const flat = join(folder, 'flat.raw');
  qemuImg('convert', '-f', 'qcow2', '-O', 'raw', kept.path, flat);
  const original = readFileSync(sly);
  assert.ok(readFileSync(flat).subarray(0, original.length).equals(original));
});

test('a damaged disk of a stranger is refused and stays where it is', async () => {
  const store = freshStore();
  const diskPath = makeDisk('damaged');
  const bytes = readFileSync(diskPath);
  bytes.fill(0xff, 3 * 65536, 3 * 65536 + 64);
  writeFileSync(diskPath, bytes);
  await assert.rejects(store.addLayer({ diskPath, move: true }), {
    code: 'file-unsafe',
    message: /is not a sound disk/,
  });
  assert.ok(readFileSync(diskPath).equals(bytes));
  writeFileSync(diskPath, bytes.subarray(0, 20));
  await assert.rejects(store.addLayer({ diskPath, format: 'qcow2', move: true }), { code: 'file-unsafe' });
  assert.deepEqual(readdirSync(store.layout.runs), []);
});

test('an overlay on something else than it says is refused and stays where it is', async () => {
  const store = freshStore();
  const base = await addImage(store, 'base', 'base');
  const other = await addImage(store, 'other', 'other');
  const overlay = makeOverlay(store.diskPath(other), 'x');
  await assert.rejects(store.addLayer({ diskPath: overlay, parent: base.id, move: true }), {
    code: 'file-unsafe',
    message: new RegExp(`stands on ".*${other.id}.qcow2", not on the image sha256:${base.id}`),
  });
  await assert.rejects(store.addLayer({ diskPath: overlay, format: 'qcow2', move: true }), {
    code: 'file-unsafe',
  });
  assert.ok(existsSync(overlay));
  const flat = await store.addLayer({ diskPath: overlay, format: 'qcow2', flatten: true, move: true });
  assert.equal((await readQcow2Header(flat.path)).backingFile, undefined);
  assert.deepEqual(readdirSync(store.layout.runs), []);
});

test('images are found by name, tag, id and the start of an id', async () => {
  const store = freshStore();
  const record = await addImage(store, 'one', 'team/web:1.0', 'web');
  for (const reference of [
    'web',
    'web:latest',
    'team/web:1.0',
    `sha256:${record.id}`,
    `sha256:${record.id.slice(0, 6)}`,
    record.id.slice(0, 12),
  ])
    assert.deepEqual(await store.getImage(reference), record, reference);
});

test('what is not there is named, with the nearest that is', async () => {
  const store = freshStore();
  const record = await addImage(store, 'one', 'web:1.0', 'web:2.0');
  const cases: [string, RegExp, RegExp][] = [
    ['wep', /no image "wep"/, /did you mean "web"/],
    ['web:1.1', /"web" has no tag "1.1"/, /did you mean "1.0"/],
    ['web', /no tag "latest"/, /it has 1.0, 2.0/],
    ['zzzzzzzz', /no image "zzzzzzzz"/, /kiln image list/],
    ['sha256:000000', /no image sha256:000000/, /kiln image list/],
  ];
  for (const [reference, message, hint] of cases)
    await assert.rejects(store.getImage(reference), { code: 'not-found', message, hint }, reference);
  for (const bad of [
    '',
    'Web',
    'a//b',
    '../etc',
    'web:',
    'web:-x',
    'sha256:xyz',
    'sha256:12345',
    'a_',
    'sha256',
    'web\n',
  ])
    await assert.rejects(store.getImage(bad), { code: 'bad-usage' }, JSON.stringify(bad));
  for (const bad of ['../x', 'web:../x', `sha256:${record.id}`, 'a:b/c'])
    await assert.rejects(store.putImage(record, [bad]), { code: 'bad-usage' }, bad);
});

test('an ambiguous start of an id is refused with the ids', async () => {
  const store = freshStore();
  const record = await addImage(store, 'one', 'web');
  const twin = `${record.id.slice(0, 63)}${record.id.endsWith('0') ? '1' : '0'}`;
  writeFileSync(join(store.layout.images, `${twin}.json`), '{}');
  await assert.rejects(store.getImage(`sha256:${record.id.slice(0, 10)}`), {
    code: 'not-found',
    message: /2 image ids/,
  });
});

test('names move over, are taken away, and share the image', async () => {
  const store = freshStore();
  const one = await addImage(store, 'one', 'web');
  const two = await addImage(store, 'two', 'web');
  assert.equal((await store.getImage('web')).id, two.id);
  await store.tag(`sha256:${one.id}`, 'web:old');
  await store.tag('web:old', 'a');
  await store.tag('web', 'a/b');
  assert.deepEqual(
    (await store.listImages()).map(({ record, references }) => [record.id, references]).sort(),
    [
      [one.id, ['a:latest', 'web:old']],
      [two.id, ['a/b:latest', 'web:latest']],
    ].sort(),
  );
  await store.untag('a');
  await assert.rejects(store.untag('a'), { code: 'not-found' });
  assert.deepEqual(readdirSync(store.layout.tags).sort(), ['a+b', 'web']);
});

test('an image is found by what it was made from, until a layer is missing', async () => {
  const store = freshStore();
  const layer = await store.addLayer({ diskPath: makeDisk('keyed'), move: true });
  const key = 'f'.repeat(64);
  const record = recordOf(layer, { provenance: { kilnVersion, made: 'build web', key } });
  await store.putImage(record);
  assert.deepEqual(await store.findByKey(key), record);
  assert.equal(await store.findByKey('e'.repeat(64)), undefined);
  const odd = { ...record, provenance: { kilnVersion, made: 'import', key: 'file ../x' } };
  await store.putImage(odd);
  assert.deepEqual(await store.findByKey('file ../x'), odd);
  rmSync(layer.path);
  assert.equal(await store.findByKey(key), undefined);
});

test('an image needs all of its layers', async () => {
  const store = freshStore();
  const layer = await store.addLayer({ diskPath: makeDisk('lost'), move: true });
  rmSync(layer.path);
  await assert.rejects(store.putImage(recordOf(layer), ['lost']), { code: 'store-corrupt' });
  assert.deepEqual(await store.listImages(), []);
});

test('several who remove the same name at once take that name alone', async () => {
  const store = freshStore();
  await addImage(store, 'base', 'base');
  for (let turn = 0; turn < 5; turn++) {
    await store.tag('base', 'passing:1');
    const removals = await Promise.allSettled([1, 2, 3, 4].map(() => store.removeImage('passing:1')));
    assert.equal(removals.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.ok(await store.getImage('base'));
  }
});

test('removing takes one name of several, or the image with the last one', async () => {
  const store = freshStore();
  const base = await addImage(store, 'base', 'base');
  const layer = await store.addLayer({
    diskPath: makeOverlay(store.diskPath(base), 'x'),
    parent: base.id,
    move: true,
  });
  await store.putImage(recordOf(layer), ['web:1', 'web:2']);
  assert.deepEqual(await store.removeImage('web:1'), {
    id: layer.digest,
    references: ['web:1'],
    removed: false,
    bytes: 0,
  });
  const removedBase = await store.removeImage('base');
  assert.ok(removedBase.removed);
  assert.equal(removedBase.bytes, 0, 'the layer is still part of web:2');
  const removed = await store.removeImage(`sha256:${layer.digest}`);
  assert.deepEqual(removed.references, ['web:2']);
  assert.ok(removed.bytes > 0);
  assert.deepEqual(readdirSync(store.layout.layers), []);
  assert.deepEqual(readdirSync(store.layout.tags), []);
  assert.deepEqual(readdirSync(store.layout.images), []);
});

test('an image that a machine uses is not removed, and by force leaves the machine its disk', async () => {
  const store = freshStore();
  const record = await addImage(store, 'used', 'web');
  const owner = { kind: 'machine', id: 'abcd' } as const;
  mkdirSync(join(store.layout.machines, 'abcd'), { recursive: true });
  await store.pin(owner, record.id);
  await assert.rejects(store.removeImage('web'), { code: 'locked', message: /used by machine abcd/ });
  assert.deepEqual((await store.listImages())[0]!.usedBy, [owner]);
  await store.removeImage('web', { force: true });
  assert.ok(existsSync(store.diskPath(record)));
  await store.prune();
  assert.ok(existsSync(store.diskPath(record)));
  await store.unpin(owner);
  const pruned = await store.prune();
  assert.deepEqual(pruned.layers, [record.id]);
  assert.ok(!existsSync(store.diskPath(record)));
});

test('a damaged layer is found, and adding it again mends it', async () => {
  const store = freshStore();
  const diskPath = makeDisk('sound');
  const layer = await store.addLayer({ diskPath, move: false });
  await store.putImage(recordOf(layer), ['web']);
  assert.deepEqual(await store.verify(), []);
  chmodSync(layer.path, 0o600);
  writeFileSync(layer.path, readFileSync(layer.path).subarray(0, 100_000));
  const [problem, ...more] = await store.verify();
  assert.equal(problem?.digest, layer.digest);
  assert.match(problem!.problem, /its content has the digest/);
  assert.deepEqual(more, []);
  await store.addLayer({ diskPath, move: true });
  assert.deepEqual(await store.verify(), []);
  rmSync(layer.path);
  assert.match((await store.verify())[0]!.problem, /missing/);
});

test('a missing disk is named', async () => {
  const store = freshStore();
  await assert.rejects(store.addLayer({ diskPath: join(folder, 'nowhere'), move: true }), {
    code: 'file-missing',
    message: /nowhere/,
  });
  await assert.rejects(store.addLayer({ diskPath: folder, move: true }), {
    code: 'file-missing',
    message: /is a folder/,
  });
});

test('a store in an impossible place says so', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  await assert.rejects(openStore(join(file, 'home')).addLayer({ diskPath: makeDisk('x'), move: true }), {
    code: 'file-missing',
    hint: /KILN_HOME/,
  });
  assert.deepEqual(await openStore(join(file, 'home')).listImages(), []);
});
