import assert from 'node:assert/strict';
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestFile, exists } from '../../base/files.ts';
import { qemuImg } from '../test-support.ts';
import { identityOf, recordPath } from './checkpoint-files.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { unpackMemory } from './memory-pack.ts';
import { pathOfBlob } from './record-files.ts';
import { CheckpointWorkshop, key } from './test-support.ts';

/** Changes one byte, and nothing that a look from outside would show but the times. */
async function flipByte(path: string): Promise<void> {
  const bytes = await readFile(path);
  bytes[bytes.length >> 1]! ^= 0xff;
  await chmod(path, 0o600);
  await writeFile(path, bytes);
  await chmod(path, 0o400);
}

test('a state is found with its disks and memory as they were, readable by nobody else', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const first = await workshop.addState(store, 'a', { memory: 100_000 });
  const second = await workshop.addState(store, 'b', { on: first, memory: 1000 });
  const found = await workshop.open().find(key('b'));
  assert.deepEqual(found, second);
  assert.equal(found?.disks[0]?.length, 2);
  for (const digest of found.disks.flat()) {
    const path = store.diskPath(digest);
    assert.equal(await digestFile(path), digest);
    assert.equal((await stat(path)).mode & 0o777, 0o400);
  }
  // The whole chain can be read from where it lies, down to the base.
  const top = store.diskPath(found.disks[0]![0]!);
  const raw = workshop.path('raw');
  qemuImg('convert', '-O', 'raw', top, raw);
  const bytes = await readFile(raw);
  assert.equal(bytes.subarray(0, 4).toString(), 'base');
  assert.equal(bytes[2 ** 20], 'B'.charCodeAt(0));
  const memory = workshop.path('restored');
  await writeFile(memory, '');
  await truncate(memory, found.memory!.size);
  assert.equal(String(await unpackMemory(store.memoryPath(found.memory!.digest), memory)), 'devices');
  assert.equal((await stat(recordPath(store.files, key('b')))).mode & 0o777, 0o600);
  assert.equal((await stat(store.files.records)).mode & 0o777, 0o700);
});

test('what is not there is not found, and a look changes nothing', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const look = new CheckpointStore(workshop.home, undefined);
  assert.equal(await look.find(key('a')), undefined);
  assert.equal(await look.has(key('a')), false);
  assert.equal(await exists(join(workshop.home, 'checkpoints')), false);
});

test('finding a state counts as using it, for a command and not for a look', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const record = await workshop.addState(store, 'a');
  const usedAt = async () => (await stat(recordPath(store.files, key('a')))).mtimeMs;
  await workshop.age(store, record, 5);
  const before = await usedAt();
  assert.ok(await new CheckpointStore(workshop.home, undefined).find(key('a')));
  assert.equal(await usedAt(), before);
  assert.ok(await store.find(key('a')));
  assert.ok((await usedAt()) > before);
});

for (const [what, damage] of Object.entries<(path: string) => Promise<void>>({
  'a changed byte': flipByte,
  'a file that is cut off': async (path) => truncate(path, (await stat(path)).size >> 1),
  'a missing file': (path) => rm(path),
})) {
  for (const part of ['disk', 'lower disk', 'memory'] as const) {
    test(`${what} of the ${part} makes a state not found, and its record goes`, async (t) => {
      const workshop = new CheckpointWorkshop(t);
      const store = workshop.open();
      const first = await workshop.addState(store, 'a', { memory: 10_000 });
      const second = await workshop.addState(store, 'b', { on: first, memory: 10_000 });
      const path =
        part === 'memory'
          ? store.memoryPath(second.memory!.digest)
          : store.diskPath(second.disks[0]![part === 'disk' ? 0 : 1]!);
      if (what !== 'a missing file') await chmod(path, 0o600);
      await damage(path);
      assert.equal(await new CheckpointStore(workshop.home, undefined).find(key('b')), undefined);
      assert.equal(await store.has(key('b')), true);
      assert.equal(await store.find(key('b')), undefined);
      assert.equal(await store.has(key('b')), false);
      // What does not need the damaged file is as good as before.
      assert.equal((await store.find(key('a'))) !== undefined, part !== 'lower disk');
    });
  }
}

test('a damaged layer is replaced by the next build that makes it', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const spare = workshop.path('spare');
  const layer = workshop.layer(store);
  await copyFile(layer, spare);
  const base = await workshop.base(store);
  const digest = await store.addDisk({ path: layer, below: [] }, base);
  const path = store.diskPath(digest);
  await flipByte(path);
  assert.equal(await store.addDisk({ path: spare, below: [] }, base), digest);
  assert.equal(await digestFile(path), digest);
});

test('a record that was cut off or is nonsense is not found, and goes', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const record = await workshop.addState(store, 'a', { memory: 1000 });
  const path = recordPath(store.files, key('a'));
  const good = JSON.stringify(record);
  const broken = [
    '',
    good.slice(0, 100),
    'null',
    '[]',
    '{"schema":1}',
    JSON.stringify({ ...record, schema: 2 }),
    JSON.stringify({ ...record, key: key('b') }),
    JSON.stringify({ ...record, disks: [['../../secret-key']] }),
    JSON.stringify({ ...record, disks: [[]] }),
    JSON.stringify({ ...record, files: {} }),
    JSON.stringify({ ...record, memory: { digest: '../x', size: 1 } }),
    JSON.stringify({ ...record, createdAt: 'yesterday' }),
  ];
  for (const text of broken) {
    await writeFile(path, text);
    assert.equal(await store.find(key('a')), undefined, text);
    assert.equal(await exists(path), false, text);
  }
  await writeFile(path, good);
  assert.deepEqual(await store.find(key('a')), record);
});

test('a state whose source image cannot be reached is not found', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const record = await workshop.addState(store, 'a');
  const moved = workshop.path('moved');
  await rename(workshop.basePath, moved);
  const look = new CheckpointStore(workshop.home, undefined);
  assert.equal(await look.find(key('a')), undefined);
  // The next build names the place where the image is now.
  await store.linkBase(record.base!, moved);
  assert.deepEqual(await store.find(key('a')), record);
});

test('a home that was copied keeps its states, and reads them over only once', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  await workshop.addState(workshop.open(), 'a', { memory: 1000 });
  const home = workshop.path('copied-home');
  await cp(workshop.home, home, { recursive: true, verbatimSymlinks: true });
  const store = new CheckpointStore(home, { kind: 'process', id: 'x' });
  const found = await store.find(key('a'));
  assert.ok(found);
  for (const [digest, { identity }] of Object.entries(found.files))
    assert.equal(identity, await identityOf(pathOfBlob(store.files, found, digest)));
  assert.deepEqual(await new CheckpointStore(home, undefined).find(key('a')), found);
});

test('stores that add the same states at once lose nothing and leave no stray file', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const stores = await Promise.all(
    ['1', '2', '3', '4'].map(async (id) => workshop.open(await workshop.run(id))),
  );
  const base = await workshop.base(stores[0]!);
  const layer = workshop.layer(stores[0]!);
  const copies = await Promise.all(
    stores.map(async () => {
      const copy = workshop.path('copy.qcow2');
      await copyFile(layer, copy);
      return copy;
    }),
  );
  const digests = await Promise.all(
    stores.map(async (store, at) => {
      await store.linkBase(base, workshop.basePath);
      const digest = await store.addDisk({ path: copies[at]!, below: [] }, base);
      await store.add({
        key: key('a'),
        build: `build ${at}`,
        step: 'x',
        base,
        disks: [[digest]],
        lostByReboot: [],
      });
      return digest;
    }),
  );
  assert.equal(new Set(digests).size, 1);
  for (const store of stores) assert.deepEqual((await store.find(key('a')))?.disks, [[digests[0]]]);
  const { files } = stores[0]!;
  assert.deepEqual(await readdir(files.disks), [`${digests[0]}.qcow2`]);
  assert.deepEqual(await readdir(files.records), [`${key('a')}.json`]);
  assert.deepEqual(await readdir(files.bases), [base]);
});

test('builds that link the same source image at once do not get into each other’s way', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const digest = key('c');
  await mkdir(store.files.bases, { recursive: true });
  await Promise.all(Array.from({ length: 20 }, () => store.linkBase(digest, workshop.basePath)));
  assert.deepEqual(await readdir(store.files.bases), [digest]);
});
