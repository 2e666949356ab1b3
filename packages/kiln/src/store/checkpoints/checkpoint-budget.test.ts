import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { bytesOnDisk } from '../folders.ts';
import { checkpointBudget } from './checkpoint-budget.ts';
import { recordPath } from './checkpoint-files.ts';
import { watchBudget } from './keep-to-budget.ts';
import { listCheckpoints } from './list-checkpoints.ts';
import { CheckpointWorkshop, Ended, key } from './test-support.ts';

test('checkpoints are listed from the last used on, with what they take', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  const a = await ended.add('a', 2, { memory: 50_000 });
  const b = await ended.add('b', 3, { on: a });
  await ended.add('c', 1);
  await writeFile(recordPath(ended.store.files, key('d')), 'broken');
  const listed = await listCheckpoints(ended.home);
  assert.deepEqual(
    listed.map(({ record }) => record.key[0]),
    ['c', 'a', 'b'],
  );
  const [, ofA, ofB] = listed;
  assert.equal(ofA?.bytes, await ended.sizeOf(a));
  assert.equal(ofB?.bytes, await ended.sizeOf(b));
  assert.equal(ofA.ownBytes, await bytesOnDisk(ended.store.memoryPath(a.memory!.digest)));
  assert.equal(ofB.ownBytes, await bytesOnDisk(ended.store.diskPath(b.disks[0]![0]!)));
  assert.ok(Math.abs(Date.now() - ofA.usedAt.getTime() - 2 * 3_600_000) < 60_000);
});

test('the budget is what KILN_CACHE_SIZE says, else a share of the disk', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  await ended.add('a', 1);
  assert.equal(await checkpointBudget(ended.home, { KILN_CACHE_SIZE: '20G' }), 20 * 2 ** 30);
  assert.equal(await checkpointBudget(ended.home, { KILN_CACHE_SIZE: '0' }), 0);
  await assert.rejects(checkpointBudget(ended.home, { KILN_CACHE_SIZE: 'lots' }), {
    code: 'bad-usage',
    message: 'KILN_CACHE_SIZE is "lots", which is no size',
  });
  const byDefault = await checkpointBudget(ended.home, {});
  assert.ok(byDefault > 2 ** 20, String(byDefault));
  // Others write to the same disk meanwhile.
  const again = await checkpointBudget(ended.home, { KILN_CACHE_SIZE: '' });
  assert.ok(Math.abs(again - byDefault) < 2 ** 30, `${again}, ${byDefault}`);
});

test('a run that kept something, or finds too much, is followed by a prune; another is not', async (t) => {
  const ended = new Ended(new CheckpointWorkshop(t));
  const before = process.env.KILN_CACHE_SIZE;
  t.after(() => {
    if (before === undefined) delete process.env.KILN_CACHE_SIZE;
    else process.env.KILN_CACHE_SIZE = before;
  });
  process.env.KILN_CACHE_SIZE = '1G';
  const first = await watchBudget(ended.home);
  assert.equal(await first(), undefined);
  await ended.add('a', 2, { memory: 100_000 });
  assert.deepEqual((await first())?.checkpoints, []);
  const second = await watchBudget(ended.home);
  assert.equal(await second(), undefined);
  process.env.KILN_CACHE_SIZE = '50k';
  assert.deepEqual((await second())?.checkpoints, [key('a')]);
  process.env.KILN_CACHE_SIZE = '50 apples';
  await assert.rejects(watchBudget(ended.home), { code: 'bad-usage' });
});
