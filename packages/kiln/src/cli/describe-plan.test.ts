import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CheckpointedBench } from '../engine/testing/checkpointed-bench.ts';
import { getColors } from './colors.ts';
import { describePlan } from './describe-plan.ts';

test('a plan says of every step whether it would run, and why', async (t) => {
  const bench = await CheckpointedBench.make(t);
  for (const name of ['setup.sh', 'install.sh', 'clean.sh']) await bench.write(name, 'v1');
  const build = bench.build(['setup.sh', 'install.sh', 'clean.sh'].map((name) => bench.script(name)));
  const shown = async () => {
    const text = describePlan(bench.plan(build), getColors(false), await bench.predict(build));
    return text.split('\n').filter((line) => /^ {2}\d\./.test(line));
  };
  assert.deepEqual(await shown(), [
    '  1. setup.sh: run setup.sh  runs: it was never built here',
    '  2. install.sh: run install.sh  runs: a step before it runs',
    '  3. clean.sh: run clean.sh  runs: a step before it runs',
  ]);
  await bench.run(build);
  await bench.write('install.sh', 'v2');
  assert.deepEqual(await shown(), [
    '  1. setup.sh: run setup.sh  restored',
    '  2. install.sh: run install.sh  runs: install.sh changed',
    '  3. clean.sh: run clean.sh  runs: a step before it runs',
  ]);
});
