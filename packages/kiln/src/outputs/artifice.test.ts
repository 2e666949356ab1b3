import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runArtificeOutput } from './artifice.ts';
import { makeOutputBench } from './test-support.ts';

test('the artifact becomes the files that the patterns find, each once', async (t) => {
  const bench = await makeOutputBench(t);
  for (const name of ['b.box', 'a.box', 'weird[1].txt']) await writeFile(join(bench.folder, name), '');
  const { artifact, keepInput, keepIsForced } = await runArtificeOutput(
    { kind: 'artifice', files: ['*.box', 'a.box', 'weird[1].txt', join(bench.folder, 'b.*')] },
    bench.artifact(['other']),
    bench.context(),
  );
  assert.deepEqual(artifact.files, ['a.box', 'b.box', 'weird[1].txt', join(bench.folder, 'b.box')]);
  assert.deepEqual([keepInput, keepIsForced], [true, false]);
  await artifact.destroy();
  assert.deepEqual(await readdir(bench.folder), []);
});

test('everything that matches nothing is named', async (t) => {
  const bench = await makeOutputBench(t);
  const output = { kind: 'artifice', files: ['nosuch*', 'gone'] } as const;
  await assert.rejects(runArtificeOutput(output, bench.artifact([]), bench.context()), {
    code: 'file-missing',
    message: 'no file matches "nosuch*", "gone"',
  });
});
