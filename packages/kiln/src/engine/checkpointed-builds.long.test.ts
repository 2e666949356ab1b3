import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CompressOutput, ShellLocalOutput } from '../plan/output.ts';
import type { QemuSource } from '../plan/qemu-source.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { pruneCheckpoints } from '../store/checkpoints/prune-checkpoints.ts';
import { verifyCheckpoints } from '../store/checkpoints/verify-checkpoints.ts';
import { filesUnder, shellLocal } from './test-support.ts';
import { CheckpointedBench } from './testing/checkpointed-bench.ts';

const again = { force: true };

test('nothing has changed: nothing runs, and the result is the same', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  const first = await bench.run(build);
  assert.equal(first.outcome, 'succeeded', first.errors.join());
  assert.equal(first.did, 'start, run one.sh, run two.sh, run three.sh, finish');
  assert.deepEqual(await bench.lines(first), ['one.sh v1', 'two.sh v1', 'three.sh v1']);
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['unchanged', '']);
  assert.deepEqual(second.artifacts, first.artifacts);
  assert.deepEqual(
    second.stages.map(({ outcome }) => outcome),
    ['restored', 'restored', 'restored'],
  );
});

test('nothing has changed, and all states were pruned: the result is enough', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  const first = await bench.run(build);
  await pruneCheckpoints(bench.home, { maxBytes: 0 });
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['unchanged', ''], second.errors.join());
  assert.deepEqual(second.artifacts, first.artifacts);
});

test('a result that was removed is made again from the kept disks, without a machine', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  await bench.run(build);
  await rm(join(bench.folder, 'out'), { recursive: true });
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['succeeded', 'remake']);
  assert.deepEqual(await bench.lines(second), ['one.sh v1', 'two.sh v1', 'three.sh v1']);
});

test('a result that somebody has changed is in the way, as with Packer', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  await bench.run(build);
  await writeFile(join(bench.folder, 'out', 'web'), 'mine');
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['failed', 'remake']);
  assert.equal(second.errors[0]?.code, 'already-exists');
  assert.equal(await readFile(join(bench.folder, 'out', 'web'), 'utf8'), 'mine');
});

for (const [changed, expected] of [
  ['one.sh', 'restore, run one.sh, run two.sh, run three.sh, finish'],
  ['two.sh', 'restore, run two.sh, run three.sh, finish'],
  ['three.sh', 'restore, run three.sh, finish'],
] as const) {
  test(`only ${changed} and what follows is run when it has changed`, async (t) => {
    const bench = await CheckpointedBench.make(t);
    const build = bench.build(await bench.threeSteps());
    await bench.run(build);
    await bench.write(changed, `${changed} v2`);
    const second = await bench.run(build, {}, again);
    assert.equal(second.did, expected);
    assert.deepEqual(
      await bench.lines(second),
      ['one.sh v1', 'two.sh v1', 'three.sh v1'].map((line) =>
        line.startsWith(changed) ? `${changed} v2` : line,
      ),
    );
    // Back again: everything is there of both.
    await bench.write(changed, `${changed} v1`);
    const third = await bench.run(build, {}, again);
    assert.equal(third.did, 'remake');
    assert.deepEqual(await bench.lines(third), ['one.sh v1', 'two.sh v1', 'three.sh v1']);
    assert.deepEqual((await verifyCheckpoints(bench.home)).problems, []);
  });
}

test('a new step at the end runs alone, a new first one with all others', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const steps = await bench.threeSteps();
  await bench.run(bench.build(steps.slice(0, 2)));
  assert.equal((await bench.run(bench.build(steps), {}, again)).did, 'restore, run three.sh, finish');
  await bench.write('zero.sh', 'zero');
  const more = await bench.run(bench.build([bench.script('zero.sh'), ...steps]), {}, again);
  assert.equal(more.did, 'restore, run zero.sh, run one.sh, run two.sh, run three.sh, finish');
});

test('a step that failed leaves the state before it, and the next build goes on there', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const steps = await bench.threeSteps();
  await rm(join(bench.folder, 'three.sh'));
  const first = await bench.run(bench.build(steps));
  assert.equal(first.outcome, 'failed');
  await bench.write('three.sh', 'three.sh v1');
  const second = await bench.run(bench.build(steps), {}, again);
  assert.equal(second.did, 'restore, run three.sh, finish');
  assert.deepEqual(await bench.lines(second), ['one.sh v1', 'two.sh v1', 'three.sh v1']);
});

test('--no-cache runs everything, and what it made is used by the next build', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  await bench.run(build);
  const second = await bench.run(build, { use: false }, again);
  assert.equal(second.did, 'start, run one.sh, run two.sh, run three.sh, finish');
  await rm(join(bench.folder, 'out'), { recursive: true });
  assert.equal((await bench.run(build)).did, 'remake');
});

test('--refresh-from runs that step and all after it, and uses the new result', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  await bench.run(build);
  for (const [from, did] of [
    ['1', 'restore, run one.sh, run two.sh, run three.sh, finish'],
    ['two.sh', 'restore, run two.sh, run three.sh, finish'],
    ['3', 'restore, run three.sh, finish'],
  ] as const)
    assert.equal((await bench.run(build, { refreshFrom: from }, again)).did, did);
  const wrong = await bench.run(build, { refreshFrom: 'four' });
  assert.equal(wrong.errors[0]?.message, 'there is no step "four"');
});

test('--checkpoint none keeps and uses nothing', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  const first = await bench.run(build, { mode: 'none' });
  assert.equal(first.did, 'start, run one.sh, run two.sh, run three.sh, finish');
  assert.equal((await bench.run(build, { mode: 'none' }, again)).did, first.did);
  assert.deepEqual(await filesUnder(join(bench.home, 'checkpoints')), []);
});

test('an output that failed is tried again without a machine, and those that were made are not', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const compress: CompressOutput = {
    kind: 'compress',
    output: join(bench.folder, 'web.gz'),
    format: 'gz',
    level: 1,
    keepInput: true,
  };
  const upload: ShellLocalOutput = {
    ...shellLocal(`test -e ${bench.folder}/network`),
    ...{ kind: 'shell-local', keepInput: true },
  };
  const build = bench.build(await bench.threeSteps(), { outputs: [[compress], [upload]] });
  const first = await bench.run(build, {}, { onError: 'abort' });
  assert.equal(first.outcome, 'failed');
  const made = await stat(join(bench.folder, 'web.gz'));
  await bench.write('network', '');
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['succeeded', ''], second.errors.join());
  assert.equal((await stat(join(bench.folder, 'web.gz'))).ino, made.ino);
});

test('a copy of the project makes its own result, from the same states', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  await bench.run(build);
  const copy = await CheckpointedBench.make(t);
  await cp(bench.folder, copy.folder, { recursive: true });
  await rm(join(copy.folder, 'out'), { recursive: true });
  await cp(join(bench.root, 'base.qcow2'), join(copy.root, 'base.qcow2'));
  await cp(bench.home, copy.home, { recursive: true, verbatimSymlinks: true });
  const second = await copy.run(
    copy.build(['one.sh', 'two.sh', 'three.sh'].map((name) => copy.script(name))),
  );
  assert.equal(second.did, 'remake', second.errors.join());
  assert.deepEqual(second.artifacts[0]?.files, [join(copy.folder, 'out', 'web')]);
});

test('what is pruned is built again', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  const first = await bench.run(build);
  await pruneCheckpoints(bench.home, { maxBytes: 0 });
  const second = await bench.run(build, {}, again);
  assert.equal(second.did, first.did);
});

test('a damaged state costs what stands on it, and nothing else', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await bench.threeSteps());
  await bench.run(build);
  const { files } = new CheckpointStore(bench.home, undefined);
  const records = await Promise.all(
    (await readdir(files.records)).map(
      async (name) =>
        JSON.parse(await readFile(join(files.records, name), 'utf8')) as { step: string; disks: string[][] },
    ),
  );
  const afterTwo = records.find(({ step }) => step.startsWith('step 2'))!;
  const path = join(files.disks, `${afterTwo.disks[0]![0]}.qcow2`);
  await chmod(path, 0o600);
  await writeFile(path, 'damaged');
  const second = await bench.run(build, {}, again);
  assert.equal(second.did, 'restore, run two.sh, run three.sh, finish');
  assert.deepEqual(await bench.lines(second), ['one.sh v1', 'two.sh v1', 'three.sh v1']);
  assert.deepEqual((await verifyCheckpoints(bench.home)).problems, []);
});

test('builds at once from the same states give the same results', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const steps = await bench.threeSteps();
  await bench.run(bench.build(steps.slice(0, 2)));
  const source = bench.build(steps).source as QemuSource;
  const builds = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (name) => {
      await bench.write(`${name}.sh`, `only ${name}`);
      const directory = join(bench.folder, `out-${name}`);
      await mkdir(directory, { recursive: true });
      return bench.build([...steps.slice(0, 2), bench.script(`${name}.sh`)], {
        name,
        source: { ...source, result: { ...source.result, directory } },
      });
    }),
  );
  const results = await Promise.all(builds.map((build) => bench.run(build, {}, again)));
  for (const [at, result] of results.entries())
    assert.deepEqual(await bench.lines(result), ['one.sh v1', 'two.sh v1', `only ${'abcd'[at]}`]);
  assert.deepEqual((await verifyCheckpoints(bench.home)).problems, []);
});
