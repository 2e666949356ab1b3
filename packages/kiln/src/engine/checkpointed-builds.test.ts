import assert from 'node:assert/strict';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CompressOutput, ShellLocalOutput } from '../plan/output.ts';
import type { QemuSource } from '../plan/qemu-source.ts';
import type { FileStep, Step } from '../plan/step.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { listCheckpoints } from '../store/checkpoints/list-checkpoints.ts';
import { pruneCheckpoints } from '../store/checkpoints/prune-checkpoints.ts';
import { verifyCheckpoints } from '../store/checkpoints/verify-checkpoints.ts';
import { filesUnder, shellLocal } from './test-support.ts';
import { CheckpointedBench } from './testing/checkpointed-bench.ts';

/** Three scripts, one a step. */
async function threeSteps(bench: CheckpointedBench): Promise<readonly Step[]> {
  const names = ['one.sh', 'two.sh', 'three.sh'];
  for (const name of names) await bench.write(name, `${name} v1`);
  return names.map((name) => bench.script(name));
}

const again = { force: true };

test('nothing has changed: nothing runs, and the result is the same', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await threeSteps(bench));
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

test('a result that was removed is made again from the kept disks, without a machine', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await threeSteps(bench));
  await bench.run(build);
  await rm(join(bench.folder, 'out'), { recursive: true });
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['succeeded', 'remake']);
  assert.deepEqual(await bench.lines(second), ['one.sh v1', 'two.sh v1', 'three.sh v1']);
});

test('a result that somebody has changed is in the way, as with Packer', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await threeSteps(bench));
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
    const build = bench.build(await threeSteps(bench));
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
  const steps = await threeSteps(bench);
  await bench.run(bench.build(steps.slice(0, 2)));
  assert.equal((await bench.run(bench.build(steps), {}, again)).did, 'restore, run three.sh, finish');
  await bench.write('zero.sh', 'zero');
  const more = await bench.run(bench.build([bench.script('zero.sh'), ...steps]), {}, again);
  assert.equal(more.did, 'restore, run zero.sh, run one.sh, run two.sh, run three.sh, finish');
});

test('a step that failed leaves the state before it, and the next build goes on there', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const steps = await threeSteps(bench);
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
  const build = bench.build(await threeSteps(bench));
  await bench.run(build);
  const second = await bench.run(build, { use: false }, again);
  assert.equal(second.did, 'start, run one.sh, run two.sh, run three.sh, finish');
  await rm(join(bench.folder, 'out'), { recursive: true });
  assert.equal((await bench.run(build)).did, 'remake');
});

test('--refresh-from runs that step and all after it, and uses the new result', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await threeSteps(bench));
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
  const build = bench.build(await threeSteps(bench));
  const first = await bench.run(build, { mode: 'none' });
  assert.equal(first.did, 'start, run one.sh, run two.sh, run three.sh, finish');
  assert.equal((await bench.run(build, { mode: 'none' }, again)).did, first.did);
  assert.deepEqual(await filesUnder(join(bench.home, 'checkpoints')), []);
});

test('a local script runs every time, and the machine is the same all the same', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two] = await threeSteps(bench);
  const local = shellLocal(`date +%N >> ${bench.folder}/local`, { name: 'local' });
  const build = bench.build([one!, local, two!]);
  assert.equal((await bench.run(build)).did, 'start, run one.sh, run local, run two.sh, finish');
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['succeeded', 'run local']);
  assert.equal((await readFile(join(bench.folder, 'local'), 'utf8')).trim().split('\n').length, 2);
});

test('a local script that is declared to have no effects outside runs only when it has changed', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two] = await threeSteps(bench);
  const local = (text: string) => shellLocal(text, { name: 'local', cache: {} });
  const build = (text: string) => bench.build([one!, local(text), two!]);
  assert.equal((await bench.run(build('true'))).did, 'start, run one.sh, run local, run two.sh, finish');
  assert.equal((await bench.run(build('true'))).did, '');
  const changed = await bench.run(build('true # changed'), {}, again);
  assert.equal(changed.did, 'run local, restore, run two.sh, finish');
  assert.equal((await bench.run(build('true # changed'))).did, '');
});

test('such a script at the end, or at the start, is not run twice either', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one] = await threeSteps(bench);
  const local = (text: string) => shellLocal(text, { name: 'local', cache: {} });
  for (const steps of [(text: string) => [one!, local(text)], (text: string) => [local(text), one!]]) {
    await bench.run(bench.build(steps('true')), {}, again);
    assert.equal((await bench.run(bench.build(steps('true')))).did, '');
    assert.match((await bench.run(bench.build(steps('true # other')), {}, again)).did, /^run local\b/);
    assert.equal((await bench.run(bench.build(steps('true # other')))).did, '');
  }
});

test('what a local script has made is looked at when its turn has come', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one] = await threeSteps(bench);
  await bench.write('source', 'first');
  const make = shellLocal(`cp ${bench.folder}/source ${bench.folder}/made`, { name: 'make' });
  const copy: FileStep = {
    kind: 'file',
    name: 'copy',
    direction: 'upload',
    sources: [join(bench.folder, 'made')],
    destination: '/opt/made',
    generated: true,
    pauseBefore: 0,
    timeout: 0,
    maxRetries: 0,
  };
  const build = bench.build([make, copy, one!]);
  assert.equal((await bench.run(build)).did, 'run make, start, run copy, run one.sh, finish');
  assert.equal((await bench.run(build)).did, 'run make');
  await bench.write('source', 'second');
  const third = await bench.run(build, {}, again);
  assert.equal(third.did, 'run make, restore, run copy, run one.sh, finish');
  assert.deepEqual(await bench.lines(third), ['second', 'one.sh v1']);
});

test('a step whose cache is off runs every time, and everything after it', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two, three] = await threeSteps(bench);
  const build = bench.build([one!, { ...two!, cache: false }, three!]);
  await bench.run(build);
  const second = await bench.run(build, {}, again);
  assert.equal(second.did, 'restore, run two.sh, run three.sh, finish');
});

test('a step that may be no older than a while runs again after it, and so does what stands on it', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two, three] = await threeSteps(bench);
  const local = shellLocal('true', { name: 'local' });
  const build = bench.build([one!, { ...two!, cache: { maxAge: 3_600_000 } }, local, three!]);
  const first = await bench.run(build);
  assert.equal(first.outcome, 'succeeded');
  assert.equal((await bench.run(build)).did, 'run local');
  await makeOlder(bench, 2 * 3_600_000);
  const second = await bench.run(build, {}, again);
  // The state after three.sh, which is there from the first build, stands on the old one.
  assert.equal(second.did, 'restore, run two.sh, run local, run three.sh, finish');
  assert.equal((await bench.run(build)).did, 'run local');
});

/** Makes every checkpoint look as if it had been made before. */
async function makeOlder(bench: CheckpointedBench, milliseconds: number): Promise<void> {
  const { files } = new CheckpointStore(bench.home, undefined);
  for (const name of await readdir(files.records)) {
    const path = join(files.records, name);
    const record = JSON.parse(await readFile(path, 'utf8')) as { createdAt: string };
    const createdAt = new Date(Date.parse(record.createdAt) - milliseconds).toISOString();
    await writeFile(path, JSON.stringify({ ...record, createdAt }));
  }
}

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
  const build = bench.build(await threeSteps(bench), { outputs: [[compress], [upload]] });
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
  const build = bench.build(await threeSteps(bench));
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
  const build = bench.build(await threeSteps(bench));
  const first = await bench.run(build);
  await pruneCheckpoints(bench.home, { maxBytes: 0 });
  const second = await bench.run(build, {}, again);
  assert.equal(second.did, first.did);
});

test('a damaged state costs what stands on it, and nothing else', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const build = bench.build(await threeSteps(bench));
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

test('a step that asks for the time runs in every build, and one that does not stays', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two] = await threeSteps(bench);
  const text = { kind: 'template', source: '{{ isotime }} {{ build `ID` }}' } as const;
  const changing = { ...one!, name: 'time', script: { kind: 'inline', lines: [text] } } as Step;
  const build = bench.build([two!, changing]);
  await bench.run(build);
  assert.equal((await bench.run(build, {}, again)).did, 'restore, run time, finish');
});

test('files that change while a step runs make nobody believe in its result', async (t) => {
  const bench = await CheckpointedBench.make(t);
  await bench.write('self.sh', 'v1');
  const self = join(bench.folder, 'self.sh');
  const local = shellLocal(`echo changed > ${self}`, { name: 'change', cache: {} });
  const reading: Step = { ...local, script: { kind: 'files', paths: [self] } };
  await bench.write('self.sh', `#!/bin/sh\necho '# changed' >> ${self}\n`);
  await chmod(self, 0o755);
  const [one] = await threeSteps(bench);
  const build = bench.build([one!, reading, bench.script('two.sh')]);
  await bench.run(build);
  assert.ok(
    bench.events.some((event) => event.kind === 'message' && /has changed while it ran/.test(event.text)),
  );
  assert.equal((await bench.run(build, {}, again)).did.includes('run two.sh'), true);
});

test('builds at once from the same states give the same results', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const steps = await threeSteps(bench);
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
  const [one, two, three] = await threeSteps(bench);
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
  await bench.run(bench.build(await threeSteps(bench)), { mode: 'disk' });
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
