import assert from 'node:assert/strict';
import { chmod, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { digestFile, exists } from '../../base/files.ts';
import { recordPath } from './checkpoint-files.ts';
import { CheckpointWorkshop, key } from './test-support.ts';
import { repairCheckpoints, verifyCheckpoints } from './verify-checkpoints.ts';

async function overwrite(path: string, change: (bytes: Buffer) => Buffer): Promise<void> {
  const bytes = change(await readFile(path));
  await chmod(path, 0o600);
  await writeFile(path, bytes);
}

test('a sound store has no problems, and all of it is read', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const a = await workshop.addState(store, 'a', { memory: 100_000 });
  await workshop.addState(store, 'b', { on: a });
  // A disk that stands on nothing, beside one that stands on a source image.
  const base = await workshop.base(store);
  const first = await store.addDisk({ path: workshop.layer(store), below: [] }, base);
  const second = await store.addDisk({ path: workshop.disk('second'), below: [] }, undefined);
  await store.add({
    key: key('c'),
    build: 'x',
    step: 'y',
    base,
    disks: [[first], [second]],
    lostByReboot: [],
  });
  const steps: (readonly [number, number])[] = [];
  const found = await verifyCheckpoints(workshop.home, {
    onProgress: (done, total) => steps.push([done, total]),
  });
  assert.deepEqual(found, { problems: [], checkpoints: 3, damagedFiles: [], damagedRecords: [] });
  const [done, total] = steps.at(-1)!;
  assert.ok(done > 0 && done <= total, `${done} of ${total}`);
  assert.ok(steps.every(([one], at) => at === 0 || one >= steps[at - 1]![0]));
});

test('every kind of damage is found, with the checkpoints that it costs, and removed with nothing else', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const a = await workshop.addState(store, 'a', { memory: 100_000 });
  const b = await workshop.addState(store, 'b', { on: a, memory: 50_000 });
  const c = await workshop.addState(store, 'c', { on: b });
  const d = await workshop.addState(store, 'd');
  const e = await workshop.addState(store, 'e', { on: d });
  const f = await workshop.addState(store, 'f');
  await workshop.addState(store, '0', { memory: 1000 });

  // The middle layer of a chain loses its end, a memory one bit, a disk everything.
  const middle = store.diskPath(b.disks[0]![0]!);
  await chmod(middle, 0o600);
  await truncate(middle, 300_000);
  const memory = store.memoryPath(a.memory!.digest);
  await overwrite(memory, (bytes) => {
    bytes[1000]! ^= 1;
    return bytes;
  });
  const gone = store.diskPath(f.disks[0]![0]!);
  await rm(gone);
  // Records: one leaves out a layer between two, one cannot be read.
  const skipping = { ...e, disks: [[e.disks[0]![0]!]] };
  await writeFile(recordPath(store.files, key('e')), JSON.stringify(skipping));
  await writeFile(recordPath(store.files, key('1')), '{');

  const found = await verifyCheckpoints(workshop.home);
  const told = found.problems
    .map(({ path, problem, checkpoints }) => ({
      path: path.slice(join(workshop.home, 'checkpoints').length + 1),
      problem: problem.replaceAll(workshop.home, 'HOME'),
      checkpoints: checkpoints.map((one) => one[0]).join(''),
    }))
    .sort((x, y) => (x.path < y.path ? -1 : 1));
  const [layerOfB, layerOfE, layerOfD] = [b, e, d].map((record) => record.disks[0]![0]!);
  assert.deepEqual(
    told,
    [
      {
        path: `disks/${layerOfB}.qcow2`,
        problem: `its content has the digest ${await digestFile(middle)}`,
        checkpoints: 'bc',
      },
      {
        path: `memory/${a.memory!.digest}`,
        problem: `its content has the digest ${await digestFile(memory)}`,
        checkpoints: 'a',
      },
      {
        path: `records/${key('1')}.json`,
        problem: 'it is not a record that this Kiln understands',
        checkpoints: '1',
      },
      {
        path: `records/${key('e')}.json`,
        problem: `its layer ${layerOfE} stands on ${layerOfD}.qcow2, and should on ../bases/${e.base}`,
        checkpoints: 'e',
      },
      {
        path: `records/${key('f')}.json`,
        problem: `its file HOME/checkpoints/disks/${f.disks[0]![0]}.qcow2 is missing`,
        checkpoints: 'f',
      },
    ].sort((x, y) => (x.path < y.path ? -1 : 1)),
  );
  assert.equal(found.checkpoints, 8);
  // Looking changed nothing.
  assert.equal((await readdir(store.files.records)).length, 8);

  await repairCheckpoints(workshop.home, found);
  assert.deepEqual(await readdir(store.files.records), [`${key('0')}.json`, `${key('d')}.json`]);
  assert.deepEqual([await exists(middle), await exists(memory)], [false, false]);
  assert.ok(await exists(store.diskPath(c.disks[0]![0]!)), 'sound files are left to the next prune');
  assert.ok((await store.find(key('0'))) && (await store.find(key('d'))));
  assert.deepEqual((await verifyCheckpoints(workshop.home)).problems, []);
});

test('a file that no record needs is looked at too', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  await workshop.addState(store, 'a');
  const stray = store.memoryPath(key('f'));
  await writeFile(stray, 'something');
  const found = await verifyCheckpoints(workshop.home);
  assert.deepEqual(
    found.problems.map(({ path, checkpoints }) => [path, checkpoints]),
    [[stray, []]],
  );
  await repairCheckpoints(workshop.home, found);
  assert.equal(await exists(stray), false);
});

test('what has been replaced since it was found damaged stays', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const a = await workshop.addState(store, 'a');
  const path = store.diskPath(a.disks[0]![0]!);
  const good = await readFile(path);
  await overwrite(path, () => Buffer.from('bad'));
  const found = await verifyCheckpoints(workshop.home);
  assert.equal(found.problems.length, 1);
  await overwrite(path, () => good);
  const again = { ...a, createdAt: new Date(Date.parse(a.createdAt) + 1000).toISOString() };
  await writeFile(recordPath(store.files, key('a')), JSON.stringify(again));
  await repairCheckpoints(workshop.home, found);
  assert.equal((await store.find(key('a')))?.createdAt, again.createdAt);
});

test('a source image that is away is no damage', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  await workshop.addState(workshop.open(), 'a');
  await rm(workshop.basePath);
  assert.deepEqual((await verifyCheckpoints(workshop.home)).problems, []);
});

test('it can be cancelled', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  await workshop.addState(workshop.open(), 'a');
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(verifyCheckpoints(workshop.home, { signal: stop.signal }), { code: 'cancelled' });
});
