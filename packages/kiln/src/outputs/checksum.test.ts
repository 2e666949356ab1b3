import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ChecksumOutput } from '../plan/output.ts';
import { checksumOutputDefault, runChecksumOutput } from './checksum.ts';
import { buildWithPacker, makeOutputBench } from './test-support.ts';

const types = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'] as const;

function output(more: Partial<ChecksumOutput> = {}): ChecksumOutput {
  return {
    kind: 'checksum',
    types,
    output: { kind: 'template', source: checksumOutputDefault },
    ...more,
  };
}

test('checksum files have the names and lines that Packer gives them', async (t) => {
  const bench = await makeOutputBench(t);
  await mkdir(join(bench.folder, 'out'));
  await writeFile(join(bench.folder, 'out/one.txt'), 'hello\n');
  const { artifact, keepInput, keepIsForced } = await runChecksumOutput(
    output(),
    bench.artifact(['out/one.txt']),
    bench.context(),
  );
  const names = types.map((type) => `packer_one_file_${type}.checksum`);
  assert.deepEqual(artifact.files, ['out/one.txt', ...names]);
  assert.ok(keepInput && keepIsForced);
  assert.equal(
    await readFile(join(bench.folder, 'packer_one_file_sha256.checksum'), 'utf8'),
    '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\tone.txt\n',
  );

  const theirs = join(bench.folder, 'theirs');
  await mkdir(theirs);
  await writeFile(
    join(theirs, 't.json'),
    JSON.stringify({
      builders: [{ type: 'file', name: 'one', content: 'hello\n', target: 'out/one.txt' }],
      'post-processors': [{ type: 'checksum', checksum_types: types }],
    }),
  );
  if ((await buildWithPacker(theirs, 't.json')) === undefined) return;
  for (const name of names) {
    assert.equal(
      await readFile(join(bench.folder, name), 'utf8'),
      await readFile(join(theirs, name), 'utf8'),
      name,
    );
  }
});

test('lines of all types and files go to the end of one file when the name is the same', async (t) => {
  const bench = await makeOutputBench(t);
  await writeFile(join(bench.folder, 'a'), 'a');
  await writeFile(join(bench.folder, 'b'), 'b');
  await writeFile(join(bench.folder, 'sums'), 'already here\n');
  const input = bench.artifact(['a', 'b']);
  const { artifact } = await runChecksumOutput(
    output({ types: ['md5', 'sha1'], output: 'sums' }),
    input,
    bench.context(),
  );
  assert.deepEqual(artifact.files, ['a', 'b'], 'a file that was there before is not the artifact’s');
  const lines = (await readFile(join(bench.folder, 'sums'), 'utf8')).split('\n');
  assert.deepEqual(
    lines.map((line) => line.split('\t')[1]),
    [undefined, 'a', 'b', 'a', 'b', undefined],
  );
  await artifact.destroy();
  assert.deepEqual((await readdir(bench.folder)).sort(), ['a', 'b', 'sums']);
});

test('a file that is missing fails before anything is written', async (t) => {
  const bench = await makeOutputBench(t);
  await writeFile(join(bench.folder, 'a'), 'a');
  await assert.rejects(runChecksumOutput(output(), bench.artifact(['a', 'gone']), bench.context()), {
    code: 'file-missing',
    message: /gone/,
  });
  assert.deepEqual(await readdir(bench.folder), ['a']);
});

test('discarding the checksums leaves the files they are of', async (t) => {
  const bench = await makeOutputBench(t);
  await writeFile(join(bench.folder, 'a'), 'a');
  const { artifact } = await runChecksumOutput(output(), bench.artifact(['a']), bench.context());
  await artifact.destroy();
  assert.deepEqual(await readdir(bench.folder), ['a']);
});

test('a sum file is written anew, is one that sha256sum reads, and leaves the artifact as it came', async (t) => {
  const bench = await makeOutputBench(t);
  await writeFile(join(bench.folder, 'one.txt'), 'hello\n');
  const input = bench.artifact(['one.txt']);
  const sums = output({ types: ['sha256'], output: 'sums/one.sha256', sumFile: true });
  for (let times = 0; times < 2; times++) {
    const { artifact } = await runChecksumOutput(sums, input, bench.context());
    assert.equal(artifact, input);
  }
  assert.equal(
    await readFile(join(bench.folder, 'sums/one.sha256'), 'utf8'),
    '5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  one.txt\n',
  );
});
