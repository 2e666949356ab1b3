import assert from 'node:assert/strict';
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Build } from '../plan/plan.ts';
import type { QemuSource } from '../plan/qemu-source.ts';
import type { Step } from '../plan/step.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import type { CheckpointOptions } from './run-options.ts';
import { filesUnder, nullBuild, shellLocal, shellStep } from './test-support.ts';
import { CheckpointedBench } from './testing/checkpointed-bench.ts';

/** `restored`, or the reason why a step runs, for each step. */
async function verdicts(
  bench: CheckpointedBench,
  build: Build,
  options: Partial<CheckpointOptions> = {},
): Promise<string[]> {
  const [predicted] = await bench.predict(build, options);
  return predicted!.steps!.map(({ verdict, reason }) => reason ?? verdict);
}

const restored = 'restored';
const follows = 'a step before it runs';

test('before the first build everything runs, after it nothing does', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  assert.deepEqual(await verdicts(bench, build), ['it was never built here', follows, follows]);
  await bench.run(build);
  const [predicted] = await bench.predict(build);
  assert.deepEqual(predicted, {
    build: 'web',
    steps: ['one.sh', 'two.sh', 'three.sh'].map((name, at) => ({
      label: `step ${at + 1} of 3: ${name} (shell)`,
      verdict: 'restored',
    })),
    finished: true,
  });
});

test('what was said is what is done, and the reason is what was edited', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const steps = await bench.threeSteps();
  const [one, two, three] = steps;
  await bench.run(bench.build(steps));
  const withCpus = (build: Build, cpus: number): Build => {
    const source = build.source as QemuSource;
    return { ...build, source: { ...source, hardware: { ...source.hardware, cpus } } };
  };
  const edits: readonly (readonly [build: () => Promise<Build>, expected: readonly string[]])[] = [
    [async () => bench.build(steps), [restored, restored, restored]],
    [
      async () => {
        await bench.write('two.sh', 'two.sh v2');
        return bench.build(steps);
      },
      [restored, 'two.sh changed', follows],
    ],
    [
      async () => {
        await bench.write('two.sh', 'two.sh v1');
        await chmod(join(bench.folder, 'three.sh'), 0o700);
        return bench.build(steps);
      },
      [restored, restored, 'three.sh changed'],
    ],
    [
      async () => bench.build([{ ...one, environment: [['A', 'b']] } as Step, two, three]),
      ['environment changed', follows, follows],
    ],
    [
      async () => withCpus(bench.build(steps), 3),
      Array.from({ length: 3 }, () => 'the machine changed: cpus'),
    ],
    [
      async () =>
        bench.build([one, two, { ...three, cache: false }, shellStep(join(bench.folder, 'one.sh'))]),
      [restored, restored, 'its cache is switched off', follows],
    ],
    [
      async () => bench.build([one, shellLocal('true'), two]),
      [restored, 'a local script may do anything outside of the machine', restored],
    ],
    [async () => bench.build([one]), [restored]],
  ];
  for (const [edit, expected] of edits) {
    const build = await edit();
    assert.deepEqual(await verdicts(bench, build), expected);
    const { did, outcome } = await bench.run(build, {}, { force: true });
    assert.notEqual(outcome, 'failed');
    const ran = did.split(', ').filter((one) => one.startsWith('run ')).length;
    assert.equal(ran, expected.filter((one) => one !== restored).length, did);
    await bench.run(bench.build(steps), {}, { force: true });
  }
});

test('a step that failed is told as one that has not succeeded yet', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const steps = await bench.threeSteps();
  await rm(join(bench.folder, 'two.sh'));
  await bench.run(bench.build(steps));
  await bench.write('two.sh', 'x');
  assert.deepEqual(await verdicts(bench, bench.build(steps)), [
    restored,
    'it has not succeeded here yet',
    follows,
  ]);
});

test('a state that was pruned, damaged or is too old is told as such', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two, three] = await bench.threeSteps();
  const build = bench.build([one, { ...two, cache: { maxAge: 3_600_000 } }, three]);
  await bench.run(build);
  const { files } = new CheckpointStore(bench.home, undefined);
  const recordOf = async (step: string) => {
    for (const name of await readdir(files.records)) {
      const path = join(files.records, name);
      const record = JSON.parse(await readFile(path, 'utf8')) as { step: string; createdAt: string };
      if (record.step.startsWith(step)) return { path, record };
    }
    return assert.fail(step);
  };
  const second = await recordOf('step 2');
  await writeFile(second.path, JSON.stringify({ ...second.record, createdAt: '2020-01-01T00:00:00Z' }));
  assert.deepEqual(await verdicts(bench, build), [restored, 'its result is older than 1 h 00 m', follows]);
  await writeFile(second.path, JSON.stringify(second.record));
  assert.deepEqual(await verdicts(bench, build), [restored, restored, restored]);
  // Of the third step only the disks are there, and something that was in memory is not on them.
  const third = await recordOf('step 3');
  await writeFile(third.path, JSON.stringify({ ...third.record, lostByReboot: ['/tmp/x', '/tmp/y'] }));
  assert.deepEqual(await verdicts(bench, build, { mode: 'memory' }), [
    restored,
    restored,
    'only the disks after it are kept, and would lose /tmp/x and 1 more',
  ]);
  assert.deepEqual(await verdicts(bench, build, { mode: 'disk' }), [restored, restored, restored]);
  await rm(third.path);
  assert.deepEqual(await verdicts(bench, build), [restored, restored, 'no state after it is kept']);
});

test('a step whose name has a secret in it is known again', async (t) => {
  const bench = await CheckpointedBench.make(t);
  bench.secrets = ['s3cret'];
  await bench.write('s3cret.sh', 'x');
  const build = bench.build([bench.script('s3cret.sh')]);
  await bench.run(build);
  assert.deepEqual(await verdicts(bench, build), [restored]);
  const { files } = new CheckpointStore(bench.home, undefined);
  for (const name of await readdir(files.records)) await rm(join(files.records, name));
  assert.deepEqual(await verdicts(bench, build), ['no state after it is kept']);
});

test('a prediction changes nothing, and is not made where no states are kept', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  await bench.run(build);
  const before = await filesUnder(bench.home);
  await bench.predict(build);
  assert.deepEqual(await filesUnder(bench.home), before);
  assert.deepEqual(bench.told.at(-1), 'finish web');
  assert.deepEqual(await bench.predict(nullBuild('other')), [{ build: 'other' }]);
  await rm(join(bench.root, 'base.qcow2'));
  const [gone] = await bench.predict(build);
  assert.equal(gone?.steps, undefined);
  assert.match(gone?.reason ?? '', /base\.qcow2/);
});
