import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Need, schedule } from './schedule.ts';

const gigabyte = 2 ** 30;

/** Runs jobs whose ends the test decides. */
function makeJobs(needs: readonly Need[]) {
  const log: string[] = [];
  const ends = needs.map(() => Promise.withResolvers<void>());
  const jobs = needs.map((need, index) => ({
    need,
    run: async () => {
      log.push(`start ${index}`);
      await ends[index]!.promise;
      log.push(`end ${index}`);
      return index;
    },
  }));
  const end = async (index: number) => {
    ends[index]!.resolve();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { log, jobs, end };
}

test('builds that fit the memory together run together, the others wait in their order', async () => {
  const need = { memory: 3 * gigabyte, cpus: 1 };
  const small = { memory: gigabyte, cpus: 0 };
  const { log, jobs, end } = makeJobs([need, need, need, small]);
  const all = schedule(jobs, { memory: 10 * gigabyte, cpus: 8 });
  await end(1);
  assert.deepEqual(log, ['start 0', 'start 1', 'end 1', 'start 2', 'start 3']);
  for (const index of [3, 2, 0]) await end(index);
  assert.deepEqual(await all, [0, 1, 2, 3]);
});

test('one that does not fit holds back those behind it', async () => {
  const { log, jobs, end } = makeJobs([
    { memory: 0, cpus: 1 },
    { memory: 0, cpus: 2 },
    { memory: 0, cpus: 1 },
  ]);
  const all = schedule(jobs, { memory: gigabyte, cpus: 2 });
  await end(2);
  assert.deepEqual(log, ['start 0']);
  await end(0);
  assert.deepEqual(log, ['start 0', 'end 0', 'start 1']);
  await end(1);
  await all;
});

test('one always runs, however large', async () => {
  const huge = { memory: 1000 * gigabyte, cpus: 64 };
  const { log, jobs, end } = makeJobs([huge, huge]);
  const all = schedule(jobs, { memory: gigabyte, cpus: 1 });
  await end(0);
  await end(1);
  await all;
  assert.deepEqual(log, ['start 0', 'end 0', 'start 1', 'end 1']);
});

test('a number given by the user counts more than the processors', async () => {
  const busy = { memory: gigabyte, cpus: 64 };
  const { log, jobs, end } = makeJobs([busy, busy, busy]);
  const all = schedule(jobs, { memory: 100 * gigabyte, cpus: 1 }, 2);
  await end(0);
  assert.deepEqual(log, ['start 0', 'start 1', 'end 0', 'start 2']);
  await end(1);
  await end(2);
  await all;
});

test('a number given by the user does not let builds take more memory than there is', async () => {
  const huge = { memory: 1000 * gigabyte, cpus: 1 };
  const { log, jobs, end } = makeJobs([huge, huge]);
  const all = schedule(jobs, { memory: gigabyte, cpus: 8 }, 2);
  await end(0);
  await end(1);
  await all;
  assert.deepEqual(log, ['start 0', 'end 0', 'start 1', 'end 1']);
});

test('no builds are no trouble', async () => {
  assert.deepEqual(await schedule([], { memory: 1, cpus: 1 }), []);
});
