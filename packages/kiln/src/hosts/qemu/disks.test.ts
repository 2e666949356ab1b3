import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runOrFail } from '../../base/processes.ts';
import { type HostBench, openBench } from '../testing/host-bench.ts';
import { convertDisk, createDisk, createOverlay, diskInfo, resizeDisk } from './disks.ts';

let bench: HostBench;
let base: string;
beforeEach(async () => {
  bench = await openBench();
  base = join(bench.folder, 'base, with a comma.raw');
  const content = Buffer.alloc(4 << 20);
  content.write('the first sector', 0);
  content.write('further on', 3 << 20);
  await writeFile(base, content);
});
afterEach(() => bench.close());

test('a layer takes no space, may be larger than its base, and is flattened to the same content', async () => {
  const layer = join(bench.folder, 'layer.qcow2');
  await createOverlay(layer, base, 'raw', 16 << 20);
  assert.ok((await stat(layer)).size < 1 << 20);
  const info = await diskInfo(layer, { trusted: true });
  assert.deepEqual([info.virtualSize, info.backing], [16 << 20, { path: base, format: 'raw' }]);

  const flat = join(bench.folder, 'flat.raw');
  const percents: number[] = [];
  const onProgress = (percent: number) => percents.push(percent);
  await convertDisk({ from: layer, fromFormat: 'qcow2', to: flat, format: 'raw', onProgress });
  const bytes = await readFile(flat);
  assert.deepEqual(bytes.subarray(0, 4 << 20), await readFile(base));
  assert.equal(bytes.length, 16 << 20);
  assert.ok((await stat(flat)).blocks * 512 < 1 << 20, 'blank areas must take no space');
  assert.equal(percents.at(-1), 100);
  assert.deepEqual(percents, [...new Set(percents)]);
});

test('an image from outside that refers to other files is refused', async () => {
  const layer = join(bench.folder, 'layer.qcow2');
  await createOverlay(layer, base, 'raw');
  await assert.rejects(diskInfo(layer), {
    code: 'file-unsafe',
    message: /refers to another file, .*with a comma/,
  });

  const external = join(bench.folder, 'external.qcow2');
  const dataFile = join(bench.folder, 'elsewhere.raw');
  await runOrFail('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', `data_file=${dataFile}`, external, '1M']);
  await assert.rejects(diskInfo(external), { code: 'file-unsafe', message: /elsewhere\.raw/ });

  const vmdk = join(bench.folder, 'disk.vmdk');
  await runOrFail('qemu-img', ['create', '-q', '-f', 'vmdk', vmdk, '1M']);
  assert.equal((await diskInfo(vmdk)).format, 'vmdk');
  const split = join(bench.folder, 'split.vmdk');
  const options = ['-o', 'subformat=monolithicFlat'];
  await runOrFail('qemu-img', ['create', '-q', '-f', 'vmdk', ...options, split, '1M']);
  await assert.rejects(diskInfo(split), { code: 'file-unsafe', message: /split-flat\.vmdk/ });
});

test('compressed disks are smaller and hold the same', async () => {
  const plain = join(bench.folder, 'plain.qcow2');
  const small = join(bench.folder, 'small.qcow2');
  const text = join(bench.folder, 'text.raw');
  await writeFile(
    text,
    'all work and no play '
      .repeat(200_000)
      .slice(0, 4 << 20)
      .padEnd(4 << 20, '.'),
  );
  await convertDisk({ from: text, fromFormat: 'raw', to: plain, format: 'qcow2' });
  await convertDisk({ from: text, fromFormat: 'raw', to: small, format: 'qcow2', compress: true });
  assert.ok((await stat(small)).size < (await stat(plain)).size / 4);
  await runOrFail('qemu-img', ['compare', '-q', plain, small]);
});

test('disks are made and grown', async () => {
  const disk = join(bench.folder, 'disk.qcow2');
  await createDisk(disk, 'qcow2', 1 << 20, { args: ['-o', 'cluster_size=4k'] });
  await resizeDisk(disk, 'qcow2', 2 << 20);
  assert.equal((await diskInfo(disk)).virtualSize, 2 << 20);
});

test('errors carry the words of qemu-img', async () => {
  await assert.rejects(diskInfo(join(bench.folder, 'none')), { code: 'file-missing', message: /none/ });
  await assert.rejects(
    createDisk(join(bench.folder, 'x'), 'qcow2', 1 << 20, { args: ['-o', 'nonsense=1'] }),
    {
      code: 'tool-failed',
      message: /nonsense/,
    },
  );
  const stop = AbortSignal.abort();
  const to = join(bench.folder, 'y');
  await assert.rejects(convertDisk({ from: base, fromFormat: 'raw', to, format: 'raw', signal: stop }), {
    code: 'cancelled',
  });
});
