import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type HouseProcess, startHouse } from './testing/house-client.ts';
import { postgresMissing, startPostgres } from './testing/postgres.ts';
import { openHouse, templateId } from './testing/run-house.ts';

const skip = postgresMissing ?? false;

async function openFarm(t: TestContext) {
  const postgres = await startPostgres();
  const root = mkdtempSync(join(tmpdir(), 'kiln-farm-'));
  const place = { kind: 'postgres', url: postgres.url } as const;
  const processes: HouseProcess[] = [];
  t.after(async () => {
    for (const one of processes) await one.kill();
    await postgres.stop();
    rmSync(root, { recursive: true, force: true });
  });
  return {
    postgres,
    place,
    worker: async (name: string) => {
      const one = await startHouse(join(root, name), place);
      processes.push(one);
      return one;
    },
  };
}

test('thirty runs through two workers, one of which is killed: none is lost, none is published twice', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const farm = await openFarm(t);
  const [first] = [await farm.worker('first'), await farm.worker('second')];
  const house = await openHouse(t, { place: farm.place });
  house.care();
  const started = await Promise.all(Array.from({ length: 30 }, (_one, index) => house.start(`web-${index}`)));
  await house.ended(started[3]!.id);
  await first.kill();
  const ends = await Promise.all(started.map(({ id }) => house.ended(id)));
  assert.deepEqual([...new Set(ends.map(({ state, message }) => `${state} ${message}`))], ['Succeeded ']);
  const disks = await house.context.database.selectFrom('published_disks').select('run_id').execute();
  assert.equal(disks.length, 60);
  for (const { id } of started) assert.equal(disks.filter(({ run_id }) => run_id === id).length, 2);
});

test('a worker that was stopped and comes back writes nothing for a run that another has', {
  skip,
  timeout: 300_000,
}, async (t) => {
  const farm = await openFarm(t);
  const house = await openHouse(t, { place: farm.place });
  const { database } = house.context;
  const zombie = await farm.worker('zombie');
  const { id } = await house.start('web', '400ms');
  while ((await house.runs.get(id))?.subState !== 'Customizing') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  process.kill(zombie.child.pid!, 'SIGSTOP');
  house.care();
  await farm.worker('other');
  assert.equal((await house.ended(id)).state, 'Succeeded');
  const before = await database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  assert.ok(before.fence >= 3, 'taken, put back, taken');
  process.kill(zombie.child.pid!, 'SIGCONT');
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  assert.deepEqual(
    await database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst(),
    before,
  );
  const disks = await database.selectFrom('published_disks').select('run_id').execute();
  assert.equal(disks.length, 2);
  assert.equal((await house.runs.last(templateId('web')))?.id, id);
});

test('a database that crashes while runs go on loses none of them', { skip, timeout: 300_000 }, async (t) => {
  const farm = await openFarm(t);
  const house = await farm.worker('only');
  const ids: string[] = [];
  for (let turn = 0; turn < 3; turn++) {
    house.send({ op: 'start', name: `web-${turn}`, sku: '300ms' });
    const { started } = await house.said(
      (word) => typeof word.started === 'string' && !ids.includes(word.started),
    );
    ids.push(started as string);
  }
  await farm.postgres.crash();
  await new Promise((resolve) => setTimeout(resolve, 500));
  await farm.postgres.start();
  const watch = await openHouse(t, { place: farm.place });
  for (const id of ids) assert.equal((await watch.ended(id)).state, 'Succeeded');
  const disks = await watch.context.database.selectFrom('published_disks').select('run_id').execute();
  assert.equal(disks.length, 6);
});
