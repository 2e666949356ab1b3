import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backingWithin } from '../backing-within.ts';
import { bytesDisk } from '../bytes-disk.ts';
import type { DiskReader } from '../disk-reader.ts';
import { openDisk } from '../open-disk.ts';
import { DiskImageError } from '../read.ts';
import { type RandomDisk, randomDisk, writeReference } from '../testing/random-disk.ts';
import { assertSameDisk } from '../testing/same-disk.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import type { Qcow2WriteOptions } from './write-options.ts';
import { writeQcow2 } from './write-qcow2.ts';

const skip = missing('qemu-img');
const folder = temporaryFolder('qcow2-writer');
const at = (name: string) => join(folder, name);
const qemuImg = (...args: readonly string[]) => run(folder, 'qemu-img', ...args);
let count = 0;

const kinds: readonly Qcow2WriteOptions[] = [
  {},
  { clusterSize: 512 },
  { compression: { kind: 'deflate' } },
  { compression: { kind: 'deflate', level: 9 }, clusterSize: 4096 },
  { compression: { kind: 'zstd', level: 9 }, clusterSize: 512 },
  { compression: { kind: 'zstd' }, clusterSize: 2 << 20 },
];

async function write(disk: RandomDisk, options: Qcow2WriteOptions): Promise<string> {
  const name = `out-${count++}`;
  const { fileSize } = await writeQcow2(disk.open(), at(name), options);
  assert.equal(readFileSync(at(name)).length, fileSize);
  return name;
}

test('what is written is what was read, says QEMU, and nothing leaks or is counted wrong', {
  skip,
}, async () => {
  for (const [seed, options] of kinds.entries()) {
    const disk = randomDisk({ seed, size: 2 ** 19 * (1 + (seed % 3)) + 512 * (seed % 2) });
    writeReference(disk, at('reference'));
    const name = await write(disk, options);
    const what = JSON.stringify(options);
    qemuImg('compare', '-f', 'raw', '-F', 'qcow2', 'reference', name);
    assert.match(qemuImg('check', '-f', 'qcow2', name), /No errors were found/, what);
    const info = JSON.parse(qemuImg('info', '--output=json', name));
    assert.equal(info['virtual-size'], disk.size);
    assert.equal(info['cluster-size'], options.clusterSize ?? 65536);
    const { data } = info['format-specific'];
    assert.deepEqual(
      [data.compat, data['compression-type'], data.corrupt],
      ['1.1', options.compression?.kind === 'zstd' ? 'zstd' : 'zlib', false],
    );
    const reader = await openDisk(at(name));
    await assertSameDisk(reader, disk, what);
    await reader.close();
  }
});

test('the same disk and options give the same bytes', async () => {
  const disk = randomDisk({ seed: 50, size: 2 ** 20 + 512, areas: 20 });
  for (const options of kinds) {
    const [first, second] = [await write(disk, options), await write(disk, options)];
    assert.ok(readFileSync(at(first)).equals(readFileSync(at(second))), JSON.stringify(options));
  }
});

test('on a backing file only what differs is written', { skip }, async () => {
  for (const [index, compression] of [undefined, { kind: 'deflate' }, { kind: 'zstd' }].entries()) {
    const below = randomDisk({ seed: 60 + index, size: 2 ** 20 });
    const bytes = Buffer.alloc(2 ** 20 + 4096);
    for (const { position, content } of below.parts) bytes.set(content, position);
    bytes.fill(0, 49 * 4096, 122 * 4096);
    bytes.fill(9, 700_000, 700_100);
    bytes.fill(5, 2 ** 20);
    writeReference(below, at('below'));
    writeFileSync(at('wanted'), bytes);
    const name = `over-${index}`;
    await writeQcow2(bytesDisk(bytes), at(name), {
      clusterSize: 4096,
      ...(compression && { compression: compression as { kind: 'zstd' } }),
      backing: { name: 'below', format: 'raw', disk: below.open() },
    });
    qemuImg('compare', '-f', 'raw', '-F', 'qcow2', 'wanted', name);
    assert.match(qemuImg('check', '-f', 'qcow2', name), /No errors were found/);
    const map: { data: boolean; zero: boolean; depth: number; length: number }[] = JSON.parse(
      qemuImg('map', '--output=json', name),
    );
    const written = map.filter(({ depth, data }) => depth === 0 && data);
    assert.equal(
      written.reduce((sum, { length }) => sum + length, 0),
      2 * 4096,
    );
    const reader = await openDisk(at(name), { openBacking: backingWithin(folder) });
    const parts = [{ position: 0, content: bytes }];
    await assertSameDisk(reader, { size: bytes.length, parts, open: () => assert.fail() }, name);
    await reader.close();
  }
});

test('a disk that ends within a sector gets zeros up to its end', { skip }, async () => {
  writeFileSync(at('odd'), Buffer.alloc(1000, 1));
  assert.equal((await writeQcow2(bytesDisk(Buffer.alloc(1000, 1)), at('odd.qcow2'))).virtualSize, 1024);
  qemuImg('compare', '-f', 'raw', '-F', 'qcow2', 'odd', 'odd.qcow2');
  await writeQcow2(bytesDisk(new Uint8Array(0)), at('empty.qcow2'));
  assert.match(qemuImg('check', 'empty.qcow2'), /No errors were found/);
});

test('data far apart takes tables for itself alone', { skip }, async () => {
  const far = {
    size: 2 ** 40,
    parts: [0, 2 ** 39, 2 ** 40 - 512].map((position) => ({ position, content: Buffer.alloc(512, 7) })),
  };
  writeReference({ ...far, open: () => assert.fail() }, at('far.raw'));
  const source = await openDisk(at('far.raw'), { format: 'raw' });
  const { fileSize } = await writeQcow2(source, at('far.qcow2'), { compression: { kind: 'zstd' } });
  await source.close();
  assert.ok(fileSize < 2 ** 20, `${fileSize}`);
  assert.match(qemuImg('check', 'far.qcow2'), /No errors were found/);
  qemuImg('compare', '-f', 'raw', 'far.raw', 'far.qcow2');
});

test('when writing fails or is cancelled, no file stays, and the reason is told', async () => {
  const disk = randomDisk({ seed: 70, size: 8 * 2 ** 20, areas: 60 });
  const broken: DiskReader = {
    ...{ size: disk.size, dataRanges: () => disk.open().dataRanges(), close: async () => {} },
    async read(into, position) {
      if (position > 4 * 2 ** 20) throw new DiskImageError('it is broken here');
      await disk.open().read(into, position);
    },
  };
  for (const options of [{}, { compression: { kind: 'deflate' } as const }]) {
    await assert.rejects(writeQcow2(broken, at('failed'), options), /broken here/);
    const reason = new Error('no more');
    const abort = new AbortController();
    const onProgress = (done: number) => done > 2 ** 20 && abort.abort(reason);
    await assert.rejects(
      writeQcow2(disk.open(), at('failed'), { ...options, signal: abort.signal, onProgress }),
      reason,
    );
    assert.ok(!existsSync(at('failed')));
  }
});

test('options that cannot be are refused before there is a file; a file that is there stays', async () => {
  const disk = bytesDisk(new Uint8Array(512));
  const backing = { name: '', format: 'raw', disk } as const;
  const refused: [Qcow2WriteOptions, RegExp][] = [
    [{ clusterSize: 1000 }, /power of two/],
    [{ clusterSize: 4 << 20 }, /power of two/],
    [{ compression: { kind: 'deflate', level: 10 } }, /levels are 1 to 9/],
    [{ compression: { kind: 'zstd', level: 20 } }, /levels are 1 to 19/],
    [{ backing }, /1 to 1023 bytes/],
    [{ backing: { ...backing, name: 'x'.repeat(1024) } }, /1 to 1023 bytes/],
    [{ backing: { ...backing, name: 'x'.repeat(500) }, clusterSize: 512 }, /1 to 376 bytes/],
  ];
  for (const [options, message] of refused) {
    await assert.rejects(writeQcow2(disk, at('refused'), options), { name: 'RangeError', message });
    assert.ok(!existsSync(at('refused')));
  }
  const huge = { size: 2 ** 52, dataRanges: disk.dataRanges, read: disk.read, close: disk.close };
  await assert.rejects(writeQcow2(huge, at('refused')), /takes larger clusters/);
  writeFileSync(at('there'), 'precious');
  await assert.rejects(writeQcow2(disk, at('there')), { code: 'EEXIST' });
  assert.equal(readFileSync(at('there'), 'utf8'), 'precious');
});
