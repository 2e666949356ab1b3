import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { runOrFail } from '../base/processes.ts';
import { openStore } from '../store/store.ts';
import { storeOutputRunner } from './store.ts';
import { makeOutputBench, type OutputBench } from './test-support.ts';

async function diskOn(bench: OutputBench, name: string, mark: string, below?: string): Promise<string> {
  const path = join(bench.run.folder, name);
  const backing = below ? ['-b', below, '-F', 'qcow2'] : [];
  await runOrFail('qemu-img', ['create', '-q', '-f', 'qcow2', ...backing, path, ...(below ? [] : ['2M'])]);
  await runOrFail('qemu-io', ['-f', 'qcow2', '-c', `write -P ${mark} 0 64k`, path]);
  return path;
}

const output = { kind: 'store', references: ['web', 'web:1.0'] } as const;

test('a disk becomes an image with its names, its maker and its story', async (t) => {
  const bench = await makeOutputBench(t);
  const store = openStore(bench.home);
  const path = await diskOn(bench, 'd.qcow2', '0x11');
  const input = bench.artifact([], {
    disk: { path, format: 'qcow2', seeded: true, user: 'debian', firmware: ['bios'] },
  });
  const context = bench.context({ provenance: () => ({ kilnVersion: '1', made: 'build web', key: 'abc' }) });
  const { artifact } = await storeOutputRunner(store)(output, input, context);
  const image = await store.getImage('web:1.0');
  assert.equal(image.id, artifact.id);
  assert.deepEqual(
    {
      ...image,
      id: '',
      layers: image.layers.length,
      createdAt: '',
      attachments: image.attachments?.map(({ kind }) => kind),
    },
    {
      schema: 1,
      id: '',
      layers: 1,
      virtualSize: 2 * 2 ** 20,
      createdAt: '',
      seeded: true,
      firmware: ['bios'],
      user: 'debian',
      provenance: { kilnVersion: '1', made: 'build web', key: 'abc' },
      attachments: ['attestations'],
    },
  );
  assert.equal((await store.findByKey('abc'))?.id, image.id);
  assert.equal((await store.getImage('web')).id, image.id);
  assert.ok((await stat(path)).isFile(), 'the disk may be needed by the next output');
});

test('a disk on an image of the store becomes one layer on it', async (t) => {
  const bench = await makeOutputBench(t);
  const store = openStore(bench.home);
  const run = storeOutputRunner(store);
  const below = await diskOn(bench, 'below.qcow2', '0x11');
  const first = await run(
    { kind: 'store', references: ['base'] },
    bench.artifact([], { disk: { path: below, format: 'qcow2', seeded: false } }),
    bench.context(),
  );
  const base = await store.getImage('base');
  const above = await diskOn(bench, 'above.qcow2', '0x22', store.diskPath(base));
  const input = bench.artifact([], { disk: { path: above, format: 'qcow2', base: base.id, seeded: false } });
  await run(output, input, bench.context({ inputIsSpent: true }));
  const image = await store.getImage('web');
  assert.deepEqual(image.layers.slice(1), [first.artifact.id]);
  await assert.rejects(stat(above), { code: 'ENOENT' }, 'a spent disk is moved, not copied');
});

test('a disk on something else is taken as a whole', async (t) => {
  const bench = await makeOutputBench(t);
  const store = openStore(bench.home);
  const below = await diskOn(bench, 'below.qcow2', '0x11');
  const above = await diskOn(bench, 'above.qcow2', '0x22', below);
  const input = bench.artifact([], { disk: { path: above, format: 'qcow2', seeded: false } });
  await storeOutputRunner(store)(output, input, bench.context());
  const image = await store.getImage('web');
  assert.equal(image.layers.length, 1);
  await runOrFail('qemu-img', ['compare', above, store.diskPath(image)]);
});

test('an artifact without a disk is refused', async (t) => {
  const bench = await makeOutputBench(t);
  const run = storeOutputRunner(openStore(bench.home));
  await assert.rejects(run(output, bench.artifact(['x']), bench.context()), { code: 'output-failed' });
});
