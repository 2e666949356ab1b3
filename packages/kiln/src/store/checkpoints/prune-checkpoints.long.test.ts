import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readlink, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { exists } from '../../base/files.ts';
import { bytesOnDisk } from '../folders.ts';
import { addToPin, type PinOwner } from '../pins.ts';
import { withStoreLock } from '../store-lock.ts';
import { checkpointBytes } from './checkpoint-budget.ts';
import { recordPath } from './checkpoint-files.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';
import { CheckpointStore } from './checkpoint-store.ts';
import { listCheckpoints } from './list-checkpoints.ts';
import { pruneCheckpoints } from './prune-checkpoints.ts';
import { digestsOf } from './record-files.ts';
import { writeResult } from './result-files.ts';
import { CheckpointWorkshop, Ended, key } from './test-support.ts';

test('the longest unused go until the rest fits', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  const a = await ended.add('a', 4, { memory: 200_000 });
  const b = await ended.add('b', 3, { memory: 200_000 });
  const c = await ended.add('c', 2, { memory: 200_000 });
  const d = await ended.add('d', 1, { memory: 200_000 });
  // One that was used again is no longer the oldest.
  await ended.workshop.age(ended.store, a, 0);
  const maxBytes = await ended.sizeOf(a, d);
  const would = await pruneCheckpoints(ended.home, { maxBytes, dryRun: true });
  assert.deepEqual(would.checkpoints, [key('b'), key('c')]);
  assert.equal(await ended.names(), 'abcd');
  assert.equal(would.bytes, await ended.sizeOf(b, c));
  const done = await pruneCheckpoints(ended.home, { maxBytes });
  assert.deepEqual(done, would);
  assert.equal(await ended.names(), 'ad');
  assert.equal(done.keptBytes, await checkpointBytes(ended.home));
  assert.deepEqual(await ended.strays(), []);
  assert.deepEqual(await pruneCheckpoints(ended.home, { maxBytes }), {
    checkpoints: [],
    bytes: 0,
    keptBytes: done.keptBytes,
  });
});

test('layers that others stand on stay, and count once', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  const a = await ended.add('a', 3, { memory: 300_000 });
  const b = await ended.add('b', 2, { on: a });
  const c = await ended.add('c', 1, { on: b });
  const maxBytes = await ended.sizeOf(b, c);
  const { checkpoints } = await pruneCheckpoints(ended.home, { maxBytes });
  assert.deepEqual(checkpoints, [key('a')]);
  assert.deepEqual(await ended.strays(), []);
  assert.deepEqual((await ended.store.find(key('c')))?.disks, c.disks);
  assert.equal(await exists(ended.store.memoryPath(a.memory!.digest)), false);
  assert.equal(await exists(ended.store.diskPath(a.disks[0]![0]!)), true);
});

test('one that is larger than everything allowed takes no other with it', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  const a = await ended.add('a', 2);
  await ended.add('b', 1, { memory: 2_000_000 });
  await pruneCheckpoints(ended.home, { maxBytes: await ended.sizeOf(a) });
  assert.equal(await ended.names(), 'a');
});

test('with no bytes allowed everything goes', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  const a = await ended.add('a', 1, { memory: 1000 });
  await ended.add('b', 1, { on: a });
  const bytes = await checkpointBytes(ended.home);
  const pruned = await pruneCheckpoints(ended.home, { maxBytes: 0 });
  assert.deepEqual([pruned.checkpoints.length, pruned.bytes, pruned.keptBytes], [2, bytes, 0]);
  assert.equal(await checkpointBytes(ended.home), 0);
});

test('what a running command has found or made stays, whatever the limit, until the command is gone', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const ended = new Ended(workshop);
  const a = await ended.add('a', 9, { memory: 1000 });
  const b = await ended.add('b', 8, { on: a });
  await ended.add('c', 1, { memory: 1000 });
  const owner: PinOwner = await workshop.run('living');
  const store = workshop.open(owner);
  assert.ok(await store.find(key('b')));
  // Brought into the store, and no record speaks of it yet.
  const underway = await store.addDisk({ path: workshop.layer(store, b), below: b.disks[0]! }, b.base);
  await pruneCheckpoints(ended.home, { maxBytes: 0 });
  assert.equal(await ended.names(), 'b');
  assert.deepEqual(await ended.strays(), [`${underway}.qcow2`]);
  assert.ok(await store.find(key('b')));
  await rm(join(workshop.home, 'runs', 'living'), { recursive: true });
  await pruneCheckpoints(ended.home, { maxBytes: 0 });
  assert.equal(await checkpointBytes(ended.home), 0);
});

test('what is in use counts first', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const ended = new Ended(workshop);
  const a = await ended.add('a', 9, { memory: 300_000 });
  const b = await ended.add('b', 1, { memory: 300_000 });
  const owner = await workshop.run('living');
  await withStoreLock(ended.home, (layout) => addToPin(layout, owner, { layers: digestsOf(a) }));
  const maxBytes = await ended.sizeOf(a);
  assert.ok((await ended.sizeOf(b)) <= maxBytes + 4096);
  await pruneCheckpoints(ended.home, { maxBytes });
  assert.equal(await ended.names(), 'a');
});

test('those whose source image is gone go before all others', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const ended = new Ended(workshop);
  const a = await ended.add('a', 1);
  await rename(workshop.basePath, workshop.path('elsewhere'));
  const layer = workshop.disk('no base');
  const digest = await ended.store.addDisk({ path: layer, below: [] }, undefined);
  const b = await ended.store.add({
    key: key('b'),
    build: 'x',
    step: 'y',
    disks: [[digest]],
    lostByReboot: [],
  });
  await workshop.age(ended.store, b, 5);
  const [one, two] = [await ended.sizeOf(a), await ended.sizeOf(b)];
  await pruneCheckpoints(ended.home, { maxBytes: Math.max(one, two) });
  assert.equal(await ended.names(), 'b');
  // And nothing needs the link any more, which leads nowhere.
  assert.deepEqual(await readdir(ended.store.files.bases), []);
});

test('links to source images stay while they lead somewhere or are needed', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const ended = new Ended(workshop);
  const a = await ended.add('a', 1);
  await ended.store.linkBase(key('b'), join(workshop.home, 'locks'));
  await symlink('/nowhere', join(ended.store.files.bases, key('c')));
  await rename(workshop.basePath, workshop.path('elsewhere'));
  await pruneCheckpoints(ended.home, { maxBytes: 1e9 });
  assert.deepEqual(await readdir(ended.store.files.bases), [a.base!, key('b')].sort());
  assert.equal(await readlink(join(ended.store.files.bases, a.base!)), workshop.basePath);
});

test('files that belong to nothing, and records that nobody can read, go', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  const { store } = ended;
  const a = await ended.add('a', 1, { memory: 1000 });
  await writeFile(recordPath(store.files, key('b')), '{"schema":1,"key');
  const c = await ended.add('c', 1);
  await rm(store.diskPath(c.disks[0]![0]!));
  const stray = store.memoryPath(key('d'));
  await writeFile(stray, 'x'.repeat(10_000));
  await chmod(stray, 0o400);
  const bytes = await bytesOnDisk(stray);
  const foreign = join(store.files.disks, 'notes.txt');
  await writeFile(foreign, 'mine');
  const pruned = await pruneCheckpoints(ended.home, { maxBytes: 1e9 });
  assert.deepEqual(pruned.checkpoints, [key('b'), key('c')]);
  assert.equal(pruned.bytes, bytes);
  assert.equal(await ended.names(), 'a');
  assert.deepEqual([await exists(stray), await exists(foreign)], [false, true]);
  assert.deepEqual(await store.find(key('a')), a);
});

test('remembered results go with their files, and notes of builds after a season', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  await ended.add('a', 1);
  const { results, last } = ended.store.files;
  const out = ended.workshop.path('out');
  await mkdir(out);
  const file = (name: string) => join(out, name);
  for (const name of ['kept', 'removed', 'changed']) {
    await writeFile(file(name), name);
    await writeResult(ended.home, name, { files: [file('kept'), file(name)] });
  }
  await writeFile(join(results, 'broken.json'), '{"schema":1,"artif');
  await rm(file('removed'));
  await writeFile(file('changed'), 'CHANGED');
  for (const [name, days] of [
    ['new', 89],
    ['old', 91],
  ] as const) {
    const path = join(last, `${name}.json`);
    await writeFile(path, '{}');
    const then = new Date(Date.now() - days * 86_400_000);
    await utimes(path, then, then);
  }
  await pruneCheckpoints(ended.home, { maxBytes: 1e9, dryRun: true });
  assert.equal((await readdir(results)).length, 4);
  await pruneCheckpoints(ended.home, { maxBytes: 1e9 });
  assert.deepEqual(await readdir(results), ['kept.json']);
  assert.deepEqual(await readdir(last), ['new.json']);
});

test('an empty store is pruned and listed like any other', async (t) => {
  const { home } = new CheckpointWorkshop(t);
  assert.deepEqual(await pruneCheckpoints(home, { maxBytes: 0 }), {
    checkpoints: [],
    bytes: 0,
    keptBytes: 0,
  });
  assert.deepEqual(await listCheckpoints(home), []);
  assert.equal(await checkpointBytes(home), 0);
});

test('a prune beside commands that add and find states takes nothing from them', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  let pruning = true;
  const pruner = (async () => {
    let rounds = 0;
    for (; pruning; rounds++) await pruneCheckpoints(workshop.home, { maxBytes: 0 });
    return rounds;
  })();
  const builders = ['1', '2', '3'].map(async (digit) => {
    const store = workshop.open(await workshop.run(digit));
    let on: CheckpointRecord | undefined;
    for (const step of ['a', 'b', 'c', 'd']) {
      const name = digit === '2' ? digit : step;
      const record = await workshop.addState(store, name, { ...(on && { on }), memory: 1000 });
      on = (await store.find(record.key)) ?? assert.fail(`${digit}: the state after ${step} is gone`);
      // Another builder may have put its own state under the same key.
      if (on.disks[0]![0] !== record.disks[0]![0]) on = record;
    }
    for (const digest of on!.disks[0]!) assert.ok(await exists(store.diskPath(digest)), digest);
  });
  await Promise.all(builders);
  pruning = false;
  assert.ok((await pruner) > 0);
  const look = new CheckpointStore(workshop.home, undefined);
  assert.ok((await look.find(key('d'))) && (await look.find(key('2'))));
});
