import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { runOrFail } from '../../base/processes.ts';
import { type HostBench, openBench } from '../testing/host-bench.ts';
import { qemuSource } from '../testing/qemu-source.ts';
import { createDisk, createOverlay, diskInfo } from './disks.ts';
import { finishLayers } from './result.ts';

let bench: HostBench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.close());

/** The third mebibyte of the disk is written by each layer in part, the others by one layer each. */
async function write(path: string, pattern: number, offset: string, length: string): Promise<void> {
  await runOrFail('qemu-io', ['-f', 'qcow2', '-c', `write -P ${pattern} ${offset} ${length}`, path]);
}

async function reads(path: string, pattern: number, offset: string, length: string): Promise<void> {
  const { stdout } = await runOrFail('qemu-io', ['-r', '-c', `read -P ${pattern} ${offset} ${length}`, path]);
  assert.doesNotMatch(stdout, /verification failed/, `${pattern} at ${offset}`);
}

/** An image, and three layers on it that a machine has written one after the other, named as those of the store are. */
async function stack(): Promise<{ readonly image: string; readonly top: string }> {
  const image = join(bench.folder, 'image.qcow2');
  await createDisk(image, 'qcow2', 8 * 2 ** 20);
  await write(image, 1, '0', '3M');
  let below = image;
  for (const layer of [2, 3, 4]) {
    const path = join(bench.folder, `layer-${layer}.qcow2`);
    await createOverlay(path, basename(below), 'qcow2');
    await write(path, layer, `${layer}M`, '512K');
    below = path;
  }
  return { image, top: below };
}

async function holdsEverything(path: string): Promise<void> {
  await reads(path, 1, '0', '2M');
  await reads(path, 2, '2M', '512K');
  await reads(path, 1, '2560K', '512K');
  await reads(path, 3, '3M', '512K');
  await reads(path, 4, '4M', '512K');
  await reads(path, 0, '4608K', '3M');
}

for (const [what, directory] of [
  ['one layer on the image, for the store', undefined],
  ['one whole file', 'out'],
] as const) {
  test(`what every layer has written is in the result: ${what}`, async () => {
    const { image, top } = await stack();
    const source = qemuSource({
      disk: { kind: 'file', path: image },
      result: { machineName: 'disk.qcow2', ...(directory === undefined ? {} : { directory }) },
    });
    const folder = join(bench.folder, 'result');
    await mkdir(folder);
    const [file] = await finishLayers({
      source,
      disks: [{ path: top, name: 'disk.qcow2', format: 'qcow2', layered: true }],
      tops: [top],
      image: { path: image, format: 'qcow2', digest: 'd', virtualSize: 8 * 2 ** 20, seeded: false },
      folder,
      build: 'b',
      emit: () => {},
      signal: bench.stop.signal,
    });
    const { backing } = await diskInfo(file!, { trusted: true });
    assert.equal(backing?.path, directory === undefined ? image : undefined);
    await holdsEverything(file!);
    // The stack is as it was: it is kept for the next build.
    await holdsEverything(top);
  });
}
