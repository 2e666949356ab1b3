import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { whyNotRepeatable } from './repeatable.ts';
import { runPlan } from './run-plan.ts';
import { makeBench, nullBuild, shellLocal } from './test-support.ts';

const mayFail = { continueOnError: true } as const;

test('a step that may fail is tried as often as it may, reported, and the build goes on', async (t) => {
  const bench = await makeBench(t);
  const build = nullBuild('b', {
    steps: [
      shellLocal('echo tried >> log; exit 3', { ...mayFail, maxRetries: 1 }),
      shellLocal('echo after >> log'),
    ],
    cleanupStep: shellLocal('echo cleaned >> log'),
  });
  const result = await runPlan(
    bench.plan([build]),
    {
      emit: (event) => bench.events.push(event),
      onError: 'ask',
    },
    { ...bench.services, ask: async () => assert.fail('nobody is asked about it') },
  );
  assert.equal(result.outcome, 'succeeded');
  assert.equal(await readFile(join(bench.folder, 'log'), 'utf8'), 'tried\ntried\nafter\n');
  assert.deepEqual(
    result.builds[0]?.stages.map(({ outcome }) => outcome),
    ['failed', 'succeeded'],
  );
  const warnings = bench.events.flatMap((event) =>
    event.kind === 'message' && event.level === 'warning' ? [event.text] : [],
  );
  assert.deepEqual(warnings, [
    'step 1 of 2: shell-local failed, and the build goes on: inline script ended with exit code 3; allowed exit codes: 0 (after 2 attempts)',
  ]);
});

test('an interrupt stops a step that may fail like any other', async (t) => {
  const bench = await makeBench(t);
  const stop = new AbortController();
  const build = nullBuild('b', {
    steps: [shellLocal('echo here; sleep 1000', mayFail), shellLocal('echo after > log')],
  });
  const result = await runPlan(
    bench.plan([build]),
    {
      signal: stop.signal,
      emit: (event) => {
        if (event.kind === 'output') stop.abort();
      },
    },
    bench.services,
  );
  assert.equal(result.builds[0]?.outcome, 'cancelled');
  await assert.rejects(readFile(join(bench.folder, 'log')), { code: 'ENOENT' });
});

test('a clean-up step that may fail adds no second failure', async (t) => {
  const bench = await makeBench(t);
  for (const [changes, failures] of [
    [mayFail, 1],
    [{}, 2],
  ] as const) {
    const build = nullBuild('b', {
      steps: [shellLocal('exit 1')],
      cleanupStep: shellLocal('exit 2', changes),
    });
    const result = await runPlan(bench.plan([build]), { emit: () => {} }, bench.services);
    assert.equal(result.builds[0]?.errors.length, failures);
  }
});

test('an image that may lack what a failed step would have done is never taken for an unchanged one', () => {
  const source = { kind: 'qemu' } as never;
  const build = { name: 'b', type: 'qemu', source, outputs: [] };
  const step = { kind: 'sleep', duration: 1, pauseBefore: 0, timeout: 0, maxRetries: 0 } as const;
  assert.equal(whyNotRepeatable({ ...build, steps: [step] }), undefined);
  assert.match(whyNotRepeatable({ ...build, steps: [{ ...step, ...mayFail }] })!, /may fail/);
});
