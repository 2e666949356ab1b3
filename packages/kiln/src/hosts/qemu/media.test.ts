import assert from 'node:assert/strict';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runOrFail } from '../../base/processes.ts';
import { type HostBench, openBench } from '../testing/host-bench.ts';
import { makeCd } from './cd-image.ts';
import { makeFloppy } from './floppy-image.ts';

let bench: HostBench;
let files: string;
let common: { label: string; scratch: string; signal: AbortSignal };
beforeEach(async () => {
  bench = await openBench();
  files = join(bench.folder, 'files');
  await mkdir(join(files, 'tree', 'deep'), { recursive: true });
  await writeFile(join(files, 'user-data'), '#cloud-config\n');
  await writeFile(join(files, 'meta-data'), 'instance-id: x\n');
  await writeFile(join(files, 'tree', 'a.txt'), 'a');
  await writeFile(join(files, 'tree', 'deep', 'A rather long name.txt'), 'long');
  await symlink(join(files, 'user-data'), join(files, 'tree', 'link'));
  common = { label: 'cidata', scratch: bench.run.folder, signal: bench.stop.signal };
});
afterEach(() => bench.close());

async function listCd(image: string): Promise<string[]> {
  const { stdout } = await runOrFail('xorriso', ['-indev', image, '-find', '/', '-type', 'f']);
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.replaceAll("'", ''))
    .sort();
}

test('a CD holds files, folders, patterns and texts, and has its label', async () => {
  const image = await makeCd({
    ...common,
    files: [join(files, '*-data'), join(files, 'tree')],
    content: { 'network-config': 'version: 2\n', '/sub/../sub/x': 'y', '../../escape': 'stays inside' },
  });
  assert.deepEqual(await listCd(image), [
    '/escape',
    '/meta-data',
    '/network-config',
    '/sub/x',
    '/tree/a.txt',
    '/tree/deep/A rather long name.txt',
    '/tree/link',
    '/user-data',
  ]);
  const { stderr } = await runOrFail('xorriso', ['-indev', image, '-pvd_info']);
  const { stdout } = await runOrFail('xorriso', ['-indev', image, '-pvd_info']);
  assert.match(stdout + stderr, /Volume [Ii]d\s*: '?cidata'?/);
  assert.deepEqual(
    (await readdir(bench.run.folder)).filter((name) => name.startsWith('cd')),
    ['cd.iso'],
  );
});

test('a folder with a trailing slash goes in as its content', async () => {
  const image = await makeCd({ ...common, files: [`${join(files, 'tree')}/`], content: {} });
  assert.deepEqual(await listCd(image), ['/a.txt', '/deep/A rather long name.txt', '/link']);
});

test('what does not exist is named with its option', async () => {
  await assert.rejects(makeCd({ ...common, files: [join(files, 'none')], content: {} }), {
    code: 'file-missing',
    message: /^cd_files: .*none does not exist/,
  });
  const floppy = { ...common, files: [], directories: [join(files, 'none*')], content: {} };
  await assert.rejects(makeFloppy(floppy), {
    code: 'file-missing',
    message: /^floppy_dirs: .*matches no file/,
  });
  assert.deepEqual(
    (await readdir(bench.run.folder)).filter((name) => /^(cd|floppy)/.test(name)),
    [],
  );
});

test('a floppy holds files flat, folders with their names, and texts', async () => {
  const image = await makeFloppy({
    ...common,
    files: [join(files, '*-data'), join(files, 'tree', 'deep')],
    directories: [`${join(files, 'tree')}/`],
    content: { 'sub/answer.xml': '<x/>' },
  });
  const { stdout } = await runOrFail('mdir', ['-i', image, '-b', '-/', '::']);
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .filter((line) => !line.endsWith('/'))
      .sort(),
    [
      '::/A rather long name.txt',
      '::/meta-data',
      '::/sub/answer.xml',
      '::/tree/a.txt',
      '::/tree/deep/A rather long name.txt',
      '::/tree/link',
      '::/user-data',
    ],
  );
  const { stdout: text } = await runOrFail('mtype', ['-i', image, '::/sub/answer.xml']);
  assert.equal(text, '<x/>');
});

test('what is too large for a floppy is refused with what to do', async () => {
  const big = join(files, 'big');
  await writeFile(big, Buffer.alloc(2 << 20));
  await assert.rejects(makeFloppy({ ...common, files: [big], directories: [], content: {} }), {
    code: 'unsupported',
    message: /cannot hold all of big/,
    hint: /cd_files/,
  });
});
