import assert from 'node:assert/strict';
import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Step } from '../plan/step.ts';
import { listCheckpoints } from '../store/checkpoints/list-checkpoints.ts';
import { filesUnder, shellLocal } from './test-support.ts';
import { CheckpointedBench } from './testing/checkpointed-bench.ts';

const again = { force: true };

test('a secret is in no file of the store, and a changed one is noticed', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const secret = 'hunter2 "quoted"';
  bench.secrets = [secret, 'second-secret'];
  await bench.write('one.sh', 'one');
  const step = (value: string): Step => ({
    ...bench.script('one.sh', { name: `use ${value}` }),
    ...{ environment: [['TOKEN', value]] },
  });
  const steps = (value: string) => [step(value), shellLocal(`: ${value}`, { cache: {}, name: `: ${value}` })];
  const first = await bench.run(bench.build(steps(secret)));
  assert.equal(first.outcome, 'succeeded', first.errors.join());
  for (const name of await filesUnder(bench.home)) {
    const path = join(bench.home, name);
    if (!(await stat(path)).isFile()) continue;
    const bytes = await readFile(path);
    for (const text of [secret, JSON.stringify(secret).slice(1, -1), 'second-secret'])
      assert.ok(!bytes.includes(text), `${name} holds a secret`);
  }
  assert.equal((await bench.run(bench.build(steps(secret)))).did, '');
  const other = await bench.run(bench.build(steps('second-secret')), {}, again);
  assert.match(other.did, /^restore, run use second-secret/);
});

/** What is kept, in the order in which it was made: the steps whose states have a memory, and those that have none. */
async function kept(bench: CheckpointedBench): Promise<{ withMemory: string[]; disksOnly: string[] }> {
  const states = [...(await listCheckpoints(bench.home))].sort((a, b) =>
    a.record.createdAt < b.record.createdAt ? -1 : 1,
  );
  const names = (wanted: boolean) =>
    states
      .filter(({ record }) => (record.memory !== undefined) === wanted)
      .map(({ record }) =>
        record.step.replace(/^(?:the )?(step \d|start|machine|failure of step \d).*/, '$1'),
      );
  return { withMemory: names(true), disksOnly: names(false) };
}

/** Three steps, of which the second is given a secret. */
async function stepsWithSecret(bench: CheckpointedBench): Promise<readonly Step[]> {
  bench.secrets = ['s3cret'];
  const [one, two, three] = await bench.threeSteps();
  return [one!, { ...two!, ...{ environment: [['TOKEN', 's3cret']] } }, three!];
}

test('from the step on that handles a secret only disks are kept, unless told', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await stepsWithSecret(bench));
  assert.equal((await bench.run(build, { mode: 'memory' })).outcome, 'succeeded');
  assert.deepEqual(await kept(bench), {
    withMemory: ['start', 'step 1'],
    disksOnly: ['step 2', 'step 3', 'machine'],
  });
  await bench.run(build, { mode: 'memory', secrets: true, use: false }, again);
  assert.deepEqual(await kept(bench), {
    withMemory: ['start', 'step 1', 'step 2', 'step 3'],
    disksOnly: ['machine'],
  });
});

test('--checkpoint disk keeps no memory at all', async (t) => {
  const bench = await CheckpointedBench.make(t);
  await bench.run(bench.build(await bench.threeSteps()), { mode: 'disk' });
  assert.deepEqual((await kept(bench)).withMemory, []);
});

test('a step that fails has handled its secret all the same, also when it is resumed and fails again', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await stepsWithSecret(bench));
  await rm(join(bench.folder, 'two.sh'));
  const options = { onError: 'resume-later' } as const;
  assert.equal((await bench.run(build, { mode: 'memory' }, options)).outcome, 'failed');
  const expected = { withMemory: ['start', 'step 1'], disksOnly: ['failure of step 2'] };
  assert.deepEqual(await kept(bench), expected);
  assert.equal((await bench.run(build, { mode: 'memory' }, { ...options, resume: true })).outcome, 'failed');
  assert.deepEqual(await kept(bench), expected);
  await bench.write('two.sh', 'two.sh v1');
  const third = await bench.run(build, { mode: 'memory' }, { resume: true });
  assert.equal(third.did, 'restore, run two.sh, run three.sh, finish');
  assert.deepEqual(await bench.lines(third), ['one.sh v1', 'two.sh v1', 'three.sh v1']);
});
