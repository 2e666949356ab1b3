import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runPlan } from './run-plan.ts';
import { makeBench, nullBuild, shellLocal } from './test-support.ts';

test('a build whose step fails at the end goes through all of it, and has failed then', async (t) => {
  const bench = await makeBench(t);
  const build = nullBuild('b', {
    steps: [shellLocal('echo checked >> log; exit 3', { failsAtEnd: true }), shellLocal('echo after >> log')],
  });
  const result = await runPlan(bench.plan([build]), { emit: () => {} }, bench.services);
  assert.equal(result.outcome, 'failed');
  assert.equal(await readFile(join(bench.folder, 'log'), 'utf8'), 'checked\nafter\n');
  assert.deepEqual(
    result.builds[0]?.errors.map(({ message }) => message),
    ['inline script ended with exit code 3; allowed exit codes: 0'],
  );
});

test('a build ends when its time is over, and says so', async (t) => {
  const bench = await makeBench(t);
  const build = {
    ...nullBuild('b', { steps: [shellLocal('sleep 1000')], cleanupStep: shellLocal('echo cleaned > log') }),
    timeLimit: 300,
  };
  const result = await runPlan(bench.plan([build]), { emit: () => {} }, bench.services);
  const [{ outcome, errors } = assert.fail()] = result.builds;
  assert.equal(outcome, 'failed');
  assert.deepEqual(
    errors.map(({ code, message }) => `${code}: ${message}`),
    ['step-timeout: the build b took longer than 300 ms'],
  );
});

test('other builds of the run are not bound by it', async (t) => {
  const bench = await makeBench(t);
  const short = { ...nullBuild('short', { steps: [shellLocal('sleep 1000')] }), timeLimit: 200 };
  const long = nullBuild('long', { steps: [shellLocal('sleep 0.6; echo done > log')] });
  const result = await runPlan(bench.plan([short, long]), { emit: () => {}, parallel: 2 }, bench.services);
  assert.deepEqual(
    result.builds.map(({ outcome }) => outcome),
    ['failed', 'succeeded'],
  );
});

test('a step may say that its machine is kept when it fails; the command is stronger', async (t) => {
  const bench = await makeBench(t);
  const build = nullBuild('b', {
    steps: [shellLocal('exit 3', { onError: 'abort' })],
    cleanupStep: shellLocal('echo cleaned >> log'),
  });
  const log = () => readFile(join(bench.folder, 'log'), 'utf8');
  await runPlan(bench.plan([build]), { emit: () => {} }, bench.services);
  await assert.rejects(log(), { code: 'ENOENT' });
  await runPlan(bench.plan([build]), { emit: () => {}, onError: 'cleanup' }, bench.services);
  assert.equal(await log(), 'cleaned\n');
});
