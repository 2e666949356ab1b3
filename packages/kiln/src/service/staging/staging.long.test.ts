import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { takeRun } from '../runs/held-run.ts';
import { putBackRun } from '../runs/put-back-run.ts';
import { openHouse } from '../workers/testing/run-house.ts';
import { openStagingGroup } from './staging-group.ts';
import { sweepStaging } from './sweep-staging.ts';

async function openHeldRun(t: TestContext, more: object = {}) {
  const house = await openHouse(t);
  const { database, log, now } = house.context;
  await database
    .insertInto('workers')
    .values({
      ...{ id: 'w', name: 'w', host: 'elsewhere', process: '', cpus: 8, memory_mib: 9_999, beats: 0 },
      ...{ started_at: now(), heard_at: now(), state: 'alive' },
    })
    .execute();
  await house.start('web', 'instant', more);
  const size = { cpus: 8, memoryMib: 64_000 };
  const held = await takeRun(database, house.queue, 'w', { free: size, whole: size }, now);
  assert.ok(held);
  const group = await openStagingGroup(held, house.buildHome, undefined, now());
  writeFileSync(join(group.folder, 'template.json'), '{}');
  return { house, database, held, group, sweep: () => sweepStaging(database, log) };
}

test('a staging group stays as long as its run is held, and goes when the run is given to another', async (t) => {
  const { house, database, held, group, sweep } = await openHeldRun(t);
  assert.match(group.name, /^IT_team_web_[0-9a-f-]{36}$/);
  assert.equal(await sweep(), 0);
  assert.ok(existsSync(group.folder));
  await putBackRun(database, house.queue, { ...held.row, lost: 0 });
  await assert.rejects(group.started('1:2:3'), { name: 'LeaseLost' });
  assert.equal(await sweep(), 1);
  assert.equal(existsSync(group.folder), false);
  assert.equal(await sweep(), 0);
});

test('the group that an owner has named is emptied, and stays', async (t) => {
  const { house, held, group, sweep } = await openHeldRun(t, {
    stagingResourceGroup: '/subscriptions/s1/resourceGroups/scratch',
  });
  assert.match(group.name, /^scratch\/[0-9a-f-]{36}$/);
  await held.end('Failed', { message: '' });
  await sweep();
  const scratch = join(house.buildHome, 'staging', 'scratch');
  assert.deepEqual([existsSync(scratch), readdirSync(scratch)], [true, []]);
});

test('what a failed step has kept is counted until somebody removes it; links lead nowhere else', async (t) => {
  const { house, database, held, group, sweep } = await openHeldRun(t);
  const disks = join(house.buildHome, 'kept', 'one');
  mkdirSync(disks, { recursive: true });
  writeFileSync(join(disks, 'disk.qcow2'), Buffer.alloc(100_000, 1));
  await group.keep(disks);
  await held.end('Failed', { message: '' });
  assert.equal(await sweep(), 0);
  const row = await database.selectFrom('staging_groups').selectAll().executeTakeFirstOrThrow();
  assert.equal(row.state, 'kept');
  assert.ok(Number(row.bytes) >= 100_000);
  await database.updateTable('staging_groups').set({ state: 'leased' }).execute();
  assert.equal(await sweep(), 1);
  assert.equal(existsSync(disks), false);
});

test('a link that a build has laid to something else is removed, and not what it leads to', async (t) => {
  const { house, held, group, sweep } = await openHeldRun(t);
  const other = join(house.buildHome, '..', 'precious');
  mkdirSync(other);
  await group.keep(other);
  await held.end('Failed', { message: '' });
  await house.context.database.updateTable('staging_groups').set({ state: 'leased' }).execute();
  assert.equal(await sweep(), 1);
  assert.ok(existsSync(other));
});

test('a template that is deleted takes what its runs have kept with it', async (t) => {
  const { house, database, held, group, sweep } = await openHeldRun(t);
  const disks = join(house.buildHome, 'kept', 'one');
  mkdirSync(disks, { recursive: true });
  await group.keep(disks);
  await held.end('Failed', { message: '' });
  await house.runs.forget(held.row.template_id);
  assert.equal(await sweep(), 1);
  assert.deepEqual([existsSync(disks), existsSync(group.folder)], [false, false]);
  assert.deepEqual(await database.selectFrom('runs').selectAll().execute(), []);
});
