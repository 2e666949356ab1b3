import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { exists } from '../base/files.ts';
import { fileHost } from './file.ts';
import { type HostBench, openBench } from './testing/host-bench.ts';

let bench: HostBench;
let target: string;
beforeEach(async () => {
  bench = await openBench();
  target = join(bench.folder, 'made', 'on the way', 'target.txt');
});
afterEach(() => bench.close());

test('content is written to the target, which is the artifact', async () => {
  const source = { kind: 'file', target, from: { kind: 'content', content: 'words' } } as const;
  const machine = await fileHost.start(source, bench.context);
  const artifact = await machine.finish();
  assert.equal(await readFile(target, 'utf8'), 'words');
  assert.deepEqual(
    [artifact.builderId, artifact.id, artifact.files, artifact.description],
    ['packer.file', 'File', [target], `Stored file: ${target}`],
  );
  await artifact.destroy();
  assert.equal(await exists(target), false);
});

test('a file is copied whole, and a failed build takes the copy away again', async () => {
  const from = join(bench.folder, 'from');
  await writeFile(from, 'original');
  const source = { kind: 'file', target, from: { kind: 'copy', path: from } } as const;
  assert.deepEqual(await fileHost.check(source), []);
  const machine = await fileHost.start(source, bench.context);
  assert.equal(await readFile(target, 'utf8'), 'original');
  await machine.abandon({ keep: false });
  assert.equal(await exists(target), false);
  assert.deepEqual((await readdir(bench.folder)).sort(), ['from', 'home', 'made']);
});

test('what cannot be copied or written is named', async () => {
  const missing = join(bench.folder, 'missing');
  const copy = { kind: 'file', target, from: { kind: 'copy', path: missing } } as const;
  assert.match((await fileHost.check(copy))[0]!, /source: there is no file .*missing/);
  await assert.rejects(fileHost.start(copy, bench.context), { code: 'file-missing', message: /missing/ });
  const inFile = join(bench.folder, 'a-file');
  await writeFile(inFile, '');
  for (const nowhere of [join(inFile, 'x'), join(inFile, 'x', 'y')]) {
    const source = { kind: 'file', target: nowhere, from: { kind: 'content', content: '' } } as const;
    await assert.rejects(fileHost.start(source, bench.context), { code: 'file-missing', message: /a-file/ });
  }
  const same = { kind: 'file', target, from: { kind: 'copy', path: target } } as const;
  assert.match((await fileHost.check(same))[0]!, /same file/);
});
