import assert from 'node:assert/strict';
import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FileStep, Step } from '../plan/step.ts';
import { CheckpointStore } from '../store/checkpoints/checkpoint-store.ts';
import { shellLocal } from './test-support.ts';
import { CheckpointedBench } from './testing/checkpointed-bench.ts';

const again = { force: true };

test('a local script runs every time, and the machine is the same all the same', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two] = await bench.threeSteps();
  const local = shellLocal(`date +%N >> ${bench.folder}/local`, { name: 'local' });
  const build = bench.build([one!, local, two!]);
  assert.equal((await bench.run(build)).did, 'start, run one.sh, run local, run two.sh, finish');
  const second = await bench.run(build);
  assert.deepEqual([second.outcome, second.did], ['succeeded', 'run local']);
  assert.equal((await readFile(join(bench.folder, 'local'), 'utf8')).trim().split('\n').length, 2);
});

test('a local script that is declared to have no effects outside runs only when it has changed', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two] = await bench.threeSteps();
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
  const [one] = await bench.threeSteps();
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
  const [one] = await bench.threeSteps();
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
  const [one, two, three] = await bench.threeSteps();
  const build = bench.build([one!, { ...two!, cache: false }, three!]);
  await bench.run(build);
  const second = await bench.run(build, {}, again);
  assert.equal(second.did, 'restore, run two.sh, run three.sh, finish');
});

test('a step that may be no older than a while runs again after it, and so does what stands on it', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two, three] = await bench.threeSteps();
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

test('a step that asks for the time runs in every build, and one that does not stays', async (t) => {
  const bench = await CheckpointedBench.make(t);
  const [one, two] = await bench.threeSteps();
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
  const [one] = await bench.threeSteps();
  const build = bench.build([one!, reading, bench.script('two.sh')]);
  await bench.run(build);
  assert.ok(
    bench.events.some((event) => event.kind === 'message' && /has changed while it ran/.test(event.text)),
  );
  assert.equal((await bench.run(build, {}, again)).did.includes('run two.sh'), true);
});
