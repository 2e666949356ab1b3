import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { buildWithPacker } from '../outputs/test-support.ts';
import type { Output } from '../plan/output.ts';
import type { BuildResult } from './plan-result.ts';
import { runPlan } from './run-plan.ts';
import { type Bench, fileBuild, filesUnder, makeBench } from './test-support.ts';

const zip = (output: string): Output => ({ kind: 'compress', output, format: 'zip' });
const checksum = (output: string): Output => ({ kind: 'checksum', types: ['md5'], output });
const artifice = (...files: string[]): Output => ({ kind: 'artifice', files });

async function build(
  bench: Bench,
  outputs: readonly (readonly Output[])[],
  onError?: 'abort',
): Promise<BuildResult> {
  const target = join(bench.folder, 'f.txt');
  const plan = bench.plan([fileBuild('f', target, 'x', { outputs })]);
  const options = { emit: () => {}, ...(onError ? { onError } : {}) };
  const { builds } = await runPlan(plan, options, bench.services);
  return builds[0]!;
}

interface Case {
  readonly what: string;
  readonly chains: readonly (readonly Output[])[];
  readonly packer: readonly unknown[];
  readonly files: readonly string[];
}

const cases: readonly Case[] = [
  { what: 'no chain: the artifact stays', chains: [], packer: [], files: ['f.txt'] },
  {
    what: 'a first output that does not keep its input: it goes',
    chains: [[zip('a.zip')]],
    packer: [{ type: 'compress', output: 'a.zip' }],
    files: ['a.zip'],
  },
  {
    what: 'unless the template says keep',
    chains: [[{ ...zip('a.zip'), keepInput: true }]],
    packer: [{ type: 'compress', output: 'a.zip', keep_input_artifact: true }],
    files: ['a.zip', 'f.txt'],
  },
  {
    what: 'one chain that keeps it is enough',
    chains: [[zip('a.zip')], [checksum('sum')]],
    packer: [
      { type: 'compress', output: 'a.zip' },
      { type: 'checksum', checksum_types: ['md5'], output: 'sum' },
    ],
    files: ['a.zip', 'f.txt', 'sum'],
  },
  {
    what: 'an output that must keep its input does so against the template',
    chains: [[{ ...checksum('sum'), keepInput: false }]],
    packer: [{ type: 'checksum', checksum_types: ['md5'], output: 'sum', keep_input_artifact: false }],
    files: ['f.txt', 'sum'],
  },
  {
    what: 'a later input goes when the next output does not keep it',
    chains: [[zip('a.zip'), zip('b.zip')]],
    packer: [
      [
        { type: 'compress', output: 'a.zip' },
        { type: 'compress', output: 'b.zip' },
      ],
    ],
    files: ['b.zip'],
  },
  {
    what: 'and stays when it does',
    chains: [[zip('a.zip'), { ...zip('b.zip'), keepInput: true }]],
    packer: [
      [
        { type: 'compress', output: 'a.zip' },
        { type: 'compress', output: 'b.zip', keep_input_artifact: true },
      ],
    ],
    files: ['a.zip', 'b.zip'],
  },
  {
    what: 'artifice keeps its input, but lets itself be told otherwise',
    chains: [[{ ...artifice('other'), keepInput: false }]],
    packer: [{ type: 'artifice', files: ['other'], keep_input_artifact: false }],
    files: [],
  },
];

for (const { what, chains, packer, files } of cases) {
  test(`what stays, as with Packer: ${what}`, async (t) => {
    const bench = await makeBench(t);
    await writeFile(join(bench.folder, 'other'), '');
    const result = await build(bench, chains);
    assert.equal(result.outcome, 'succeeded', result.errors.join());
    assert.deepEqual(await filesUnder(bench.folder), [...files, 'other'].sort());

    const theirs = join(bench.home, '..', 'theirs');
    await mkdir(theirs);
    await writeFile(join(theirs, 'other'), '');
    const builder = { type: 'file', name: 'f', content: 'x', target: 'f.txt' };
    await writeFile(
      join(theirs, 't.json'),
      JSON.stringify({ builders: [builder], 'post-processors': packer }),
    );
    if ((await buildWithPacker(theirs, 't.json')) === undefined) return;
    const found = await filesUnder(theirs);
    assert.deepEqual(
      found.filter((file) => file !== 't.json'),
      [...files, 'other'].sort(),
    );
  });
}

test('a failing chain is recorded, and the next one starts from the builder’s artifact', async (t) => {
  const bench = await makeBench(t);
  const result = await build(bench, [
    [artifice('nosuch'), zip('never.zip')],
    [checksum('sum'), artifice('gone*')],
    [{ ...zip('a.zip'), keepInput: true }],
  ]);
  assert.equal(result.outcome, 'failed');
  assert.deepEqual(
    result.errors.map((error) => error.message),
    ['no file matches "nosuch"', 'no file matches "gone*"'],
  );
  assert.deepEqual(await filesUnder(bench.folder), ['a.zip', 'f.txt', 'sum']);
  assert.deepEqual(
    result.artifacts.map((artifact) => artifact.files.length),
    [1, 1],
    'the builder’s, and what the third chain made',
  );
});

test('when every chain fails the artifact goes, as with Packer; with on-error abort it stays', async (t) => {
  const bench = await makeBench(t);
  const failing = [[artifice('nosuch')]];
  assert.equal((await build(bench, failing)).outcome, 'failed');
  assert.deepEqual(await filesUnder(bench.folder), []);
  assert.equal((await build(bench, failing, 'abort')).artifacts.length, 1);
  assert.deepEqual(await filesUnder(bench.folder), ['f.txt']);
});

test('discarding checksums on the way does not take the kept artifact with them', async (t) => {
  const bench = await makeBench(t);
  const result = await build(bench, [[checksum('sum'), zip('a.zip')]]);
  assert.equal(result.outcome, 'succeeded');
  assert.deepEqual(await filesUnder(bench.folder), ['a.zip', 'f.txt']);
});

test('an artifact that outputs only look at is listed once', async (t) => {
  const bench = await makeBench(t);
  const manifest = (output: string): Output => ({
    kind: 'manifest',
    output,
    stripPath: false,
    stripTime: false,
    customData: {},
  });
  const result = await build(bench, [[manifest('a.json'), manifest('b.json')], [manifest('c.json')]]);
  assert.equal(result.outcome, 'succeeded', result.errors.join());
  assert.deepEqual(
    result.artifacts.map(({ files }) => files),
    [[join(bench.folder, 'f.txt')]],
  );
});
