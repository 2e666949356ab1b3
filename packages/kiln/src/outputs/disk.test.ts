import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOrFail } from '../base/processes.ts';
import type { DiskOutput } from '../plan/output.ts';
import { runDiskOutput } from './disk.ts';
import { makeOutputBench, type OutputBench } from './test-support.ts';

const mebibyte = 2 ** 20;

/** A disk of two layers: 3 MiB, with a mark in each layer. */
async function layeredDisk(bench: OutputBench): Promise<string> {
  const below = join(bench.folder, 'below.qcow2');
  const disk = join(bench.run.folder, 'disk.qcow2');
  await runOrFail('qemu-img', ['create', '-q', '-f', 'qcow2', below, '3M']);
  await runOrFail('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x11 0 64k', below]);
  await runOrFail('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', below, '-F', 'qcow2', disk]);
  await runOrFail('qemu-io', ['-f', 'qcow2', '-c', 'write -P 0x22 1M 64k', disk]);
  return disk;
}

const formats = [
  ['raw', false, 'raw'],
  ['qcow2', false, 'qcow2'],
  ['qcow2', true, 'qcow2'],
  ['vmdk', false, 'vmdk'],
  ['vmdk', true, 'vmdk'],
  ['vhd', false, 'vpc'],
  ['vhdx', false, 'vhdx'],
  ['vdi', false, 'vdi'],
] as const satisfies readonly (readonly [DiskOutput['format'], boolean, string])[];

for (const [format, compress, name] of formats) {
  test(`a ${compress ? 'compressed ' : ''}${format} disk has every layer's content and the disk's own size`, async (t) => {
    const bench = await makeOutputBench(t);
    const disk = await layeredDisk(bench);
    const input = bench.artifact([], { disk: { path: disk, format: 'qcow2', seeded: false } });
    const path = `new/disk.${format}`;
    const result = await runDiskOutput({ kind: 'disk', format, path, compress }, input, bench.context());
    const made = join(bench.folder, path);
    assert.deepEqual(result.artifact.files, [path]);
    const { stdout } = await runOrFail('qemu-img', ['info', '--output=json', '-f', name, made]);
    const info = JSON.parse(stdout) as { 'virtual-size': number; 'backing-filename'?: string };
    assert.equal(info['virtual-size'], 3 * mebibyte);
    assert.equal(info['backing-filename'], undefined);
    await runOrFail('qemu-img', ['compare', '-f', name, '-F', 'qcow2', made, disk]);
    if (format === 'vmdk') {
      const head = (await readFile(made)).subarray(0, 4096).toString('latin1');
      assert.match(head, /"disk\.vmdk"/, 'a vmdk names itself, and not a temporary file');
    }
    assert.deepEqual(await readdir(join(bench.folder, 'new')), [`disk.${format}`]);
  });
}

test('a disk file that is there already is replaced', async (t) => {
  const bench = await makeOutputBench(t);
  const disk = await layeredDisk(bench);
  await writeFile(join(bench.folder, 'd.raw'), 'old');
  const input = bench.artifact([], { disk: { path: disk, format: 'qcow2', seeded: false } });
  await runDiskOutput(
    { kind: 'disk', format: 'raw', path: 'd.raw', compress: false },
    input,
    bench.context(),
  );
  assert.equal((await readFile(join(bench.folder, 'd.raw'))).length, 3 * mebibyte);
});

test('an artifact that is one disk file is converted; one that names other files is refused', async (t) => {
  const bench = await makeOutputBench(t);
  const disk = await layeredDisk(bench);
  const output: DiskOutput = { kind: 'disk', format: 'raw', path: 'd.raw', compress: false };
  await runDiskOutput(output, bench.artifact(['below.qcow2']), bench.context());
  assert.equal((await readFile(join(bench.folder, 'd.raw')))[0], 0x11);
  await assert.rejects(runDiskOutput(output, bench.artifact([disk]), bench.context()), {
    code: 'file-unsafe',
  });
});

test('what cannot be is refused in words, and leaves nothing', async (t) => {
  const bench = await makeOutputBench(t);
  const disk = await layeredDisk(bench);
  const input = bench.artifact([], { disk: { path: disk, format: 'qcow2', seeded: false } });
  const run = (more: Partial<DiskOutput>, of = input) =>
    runDiskOutput({ kind: 'disk', format: 'raw', path: 'd', compress: false, ...more }, of, bench.context());
  await assert.rejects(run({ format: 'vhd', compress: true }), { code: 'unsupported', message: /vhd/ });
  await assert.rejects(run({}, bench.artifact([])), { code: 'output-failed', message: /no disk/ });
  await mkdir(join(bench.folder, 'd'));
  await assert.rejects(run({}), { code: 'output-failed', message: /folder of that name/ });
  await assert.rejects(run({ path: 'below.qcow2/x' }), {
    code: 'output-failed',
    message: /file is in the way/,
  });
  await assert.rejects(run({ path: 'below.qcow2' }, bench.artifact(['below.qcow2'])), {
    code: 'output-failed',
    message: /into itself/,
  });
  assert.deepEqual((await readdir(bench.folder)).sort(), ['below.qcow2', 'd']);
});
