import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { exists } from '../../base/files.ts';
import { pruneCheckpoints } from './prune-checkpoints.ts';
import { CheckpointWorkshop, key } from './test-support.ts';
import { digestTreeLayer } from './tree-layers.ts';
import { repairCheckpoints, verifyCheckpoints } from './verify-checkpoints.ts';

/** A layer as overlayfs leaves it: files, a folder, a link, and where root is at work the mark of a file that is gone. */
async function makeLayer(workshop: CheckpointWorkshop, name: string, content = 'hello'): Promise<string> {
  const folder = workshop.path(name);
  await mkdir(join(folder, 'etc'), { recursive: true });
  await writeFile(join(folder, 'etc', 'name'), content);
  await symlink('name', join(folder, 'etc', 'link'));
  if (process.getuid?.() === 0) execFileSync('mknod', [join(folder, 'etc', 'gone'), 'c', '0', '0']);
  for (const path of ['etc/name', 'etc', '.']) await utimes(join(folder, path), 1000, 1000);
  execFileSync('touch', ['--no-dereference', '--date=@1000', join(folder, 'etc', 'link')]);
  if (process.getuid?.() === 0) execFileSync('touch', ['--date=@1000', join(folder, 'etc', 'gone')]);
  await utimes(join(folder, 'etc'), 1000, 1000);
  return folder;
}

async function keep(t: TestContext) {
  const workshop = new CheckpointWorkshop(t);
  const store = workshop.open();
  const layer = await makeLayer(workshop, 'one');
  const digest = await store.addTree(layer);
  const state = { build: 'x', step: 'y', disks: [], lostByReboot: [] };
  await store.add({ ...state, key: key('a'), trees: [digest] });
  return { workshop, store, digest, layer, state };
}

test('the digest of a layer is over names, contents, modes, links and marks, and nothing of where it lies', async (t) => {
  const workshop = new CheckpointWorkshop(t);
  const one = await makeLayer(workshop, 'one');
  const same = await digestTreeLayer(await makeLayer(workshop, 'two'));
  assert.equal(await digestTreeLayer(one), same);
  assert.notEqual(await digestTreeLayer(await makeLayer(workshop, 'three', 'hullo')), same);
  await chmod(join(one, 'etc', 'name'), 0o600);
  assert.notEqual(await digestTreeLayer(one), same);
});

test('a layer is moved into the store and found again with its state', async (t) => {
  const { store, digest, layer } = await keep(t);
  assert.equal(await exists(layer), false);
  assert.equal(await exists(join(store.treePath(digest), 'etc', 'name')), true);
  const record = await store.find(key('a'));
  assert.deepEqual(record?.trees, [digest]);
  assert.ok(record.files[digest]!.bytes > 0);
});

test('a layer that the store has already stays where it is: it may be in use', async (t) => {
  const { workshop, store, digest } = await keep(t);
  const again = await makeLayer(workshop, 'again');
  assert.equal(await store.addTree(again), digest);
  assert.equal(await exists(join(again, 'etc', 'name')), true);
});

test('a layer that was changed or removed is no state any more', async (t) => {
  const { store, digest } = await keep(t);
  await writeFile(join(store.treePath(digest), 'new'), '');
  assert.equal(await store.find(key('a')), undefined);
});

test('verifying finds a changed layer with the states that it costs, and repairing removes both', async (t) => {
  const { workshop, store, digest } = await keep(t);
  assert.deepEqual((await verifyCheckpoints(workshop.home)).problems, []);
  await writeFile(join(store.treePath(digest), 'etc', 'name'), 'other');
  const found = await verifyCheckpoints(workshop.home);
  assert.deepEqual(
    found.problems.map(({ checkpoints }) => checkpoints),
    [[key('a')]],
  );
  await repairCheckpoints(workshop.home, found);
  assert.equal(await exists(store.treePath(digest)), false);
  assert.equal(await store.has(key('a')), false);
});

test('layers that no state and no living command needs go with a prune', async (t) => {
  const { workshop, store, digest } = await keep(t);
  await pruneCheckpoints(workshop.home, { maxBytes: 0 });
  // This process has put it there, and may still want it.
  assert.equal(await exists(store.treePath(digest)), true);
  await rm(join(workshop.home, 'pins'), { recursive: true });
  const { bytes } = await pruneCheckpoints(workshop.home, { maxBytes: 0 });
  assert.equal(await exists(store.treePath(digest)), false);
  assert.ok(bytes > 0);
});
