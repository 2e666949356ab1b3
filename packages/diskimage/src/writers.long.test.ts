import assert from 'node:assert/strict';
import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backingWithin } from './backing-within.ts';
import { openDisk } from './open-disk.ts';
import { writeQcow2 } from './qcow2/write-qcow2.ts';
import { randomDisk, seededRandom, writeReference } from './testing/random-disk.ts';
import { assertSameDisk } from './testing/same-disk.ts';
import { missing, run, temporaryFolder } from './testing/tools.ts';
import { writeVhd } from './vhd/write-vhd.ts';
import { writeVmdk } from './vmdk/write-vmdk.ts';

const skip = missing('qemu-img');
const folder = temporaryFolder('writers');
const at = (name: string) => join(folder, name);
const qemuImg = (...args: readonly string[]) => run(folder, 'qemu-img', ...args);
const identity = { uuid: '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f', time: 1_700_000_000 };

/** Disks of chance: from a sector to a hundred MiB, nearly empty to nearly full. */
function chanceDisk(seed: number) {
  const random = seededRandom(seed);
  const size = 512 * Math.ceil(2 ** (random() * 17.6));
  const largest = Math.max(1, Math.floor(Math.min(size, 2 ** (random() * 22))));
  return { disk: randomDisk({ seed, size, areas: Math.floor(random() * 40), largest }), random };
}

test('QEMU reads every random disk as it was, whatever it was written as', {
  skip,
  timeout: 600_000,
}, async () => {
  for (let seed = 0; seed < 40; seed++) {
    const { disk, random } = chanceDisk(seed);
    writeReference(disk, at('reference'));
    const clusterSize = 2 ** (9 + Math.floor(random() * 13));
    const compression = [undefined, { kind: 'deflate', level: 1 } as const, { kind: 'zstd' } as const][
      seed % 3
    ];
    const options = { clusterSize, ...(compression && { compression }) };
    await writeQcow2(disk.open(), at('out.qcow2'), options);
    const what = `seed ${seed}: ${JSON.stringify(options)}`;
    assert.match(qemuImg('check', '-f', 'qcow2', 'out.qcow2'), /No errors were found/, what);
    await writeVhd(disk.open(), at('out.vhd'), { kind: seed % 2 ? 'fixed' : 'dynamic', ...identity });
    await writeVmdk(disk.open(), at('out.vmdk'), { ...identity, level: 1 });
    for (const [format, name] of [
      ['qcow2', 'out.qcow2'],
      ['vpc', 'out.vhd'],
      ['vmdk', 'out.vmdk'],
    ] as const) {
      assert.match(qemuImg('compare', '-f', 'raw', '-F', format, 'reference', name), /identical/, what);
      rmSync(at(name));
    }
  }
});

test('random disks are read from what QEMU makes of them', { skip, timeout: 600_000 }, async () => {
  const kinds: readonly (readonly string[])[] = [
    ['qcow2', 'compat=0.10'],
    ['qcow2', 'refcount_bits=1'],
    ['qcow2', 'extended_l2=on,cluster_size=128k'],
    ['qcow2', 'cluster_size=512', '-c'],
    ['qcow2', 'compat=1.1', '-c'],
    ['qcow2', 'compression_type=zstd,cluster_size=4k', '-c'],
    ['qcow2', 'compression_type=zstd,extended_l2=on', '-c'],
    ['vmdk', 'subformat=monolithicSparse'],
    ['vmdk', 'subformat=streamOptimized'],
    ['vpc', 'subformat=dynamic'],
  ];
  for (let seed = 200; seed < 230; seed++) {
    const { disk } = chanceDisk(seed);
    writeReference(disk, at('reference'));
    const [format, options, ...args] = kinds[seed % kinds.length]!;
    qemuImg('convert', '-f', 'raw', '-O', format!, '-o', options!, ...args, 'reference', 'made');
    const reader = await openDisk(at('made'));
    await assertSameDisk(reader, disk, `seed ${seed}: ${format} ${options} ${args.join(' ')}`);
    await reader.close();
  }
});

test('random disks on random disks are read as they were', { skip, timeout: 600_000 }, async () => {
  for (let seed = 100; seed < 125; seed++) {
    const below = chanceDisk(seed).disk;
    const { disk, random } = chanceDisk(seed + 1000);
    writeReference(below, at('below'));
    writeReference(disk, at('reference'));
    const clusterSize = 2 ** (9 + Math.floor(random() * 13));
    await writeQcow2(disk.open(), at('over'), {
      clusterSize,
      ...(seed % 2 && { compression: { kind: 'zstd', level: 1 } }),
      backing: { name: 'below', format: 'raw', disk: below.open() },
    });
    assert.match(qemuImg('check', '-f', 'qcow2', 'over'), /No errors were found/, `seed ${seed}`);
    assert.match(
      qemuImg('compare', '-f', 'raw', '-F', 'qcow2', 'reference', 'over'),
      /identical/,
      `seed ${seed}`,
    );
    // Our reader of the chain, seen through what is written of it.
    const reader = await openDisk(at('over'), { openBacking: backingWithin(folder) });
    await writeQcow2(reader, at('again'), { clusterSize: 65536 });
    await reader.close();
    assert.match(
      qemuImg('compare', '-f', 'raw', '-F', 'qcow2', 'reference', 'again'),
      /identical/,
      `seed ${seed}`,
    );
    for (const name of ['over', 'again']) rmSync(at(name));
  }
});

test('a disk of hundreds of MiB goes through every writer with little memory', {
  skip,
  timeout: 600_000,
}, async () => {
  const disk = randomDisk({ seed: 7, size: 3 * 2 ** 30, areas: 60, largest: 8 << 20 });
  writeReference(disk, at('reference'));
  const source = await openDisk(at('reference'), { format: 'raw' });
  const before = process.memoryUsage.rss();
  let most = 0;
  const options = { onProgress: () => (most = Math.max(most, process.memoryUsage.rss())) };
  await writeQcow2(source, at('large.qcow2'), { ...options, compression: { kind: 'zstd', level: 1 } });
  await writeVhd(source, at('large.vhd'), { ...options, kind: 'dynamic', ...identity });
  await writeVmdk(source, at('large.vmdk'), { ...options, ...identity, level: 1 });
  await source.close();
  assert.ok(most - before < 300 << 20, `${(most - before) >> 20} MiB more`);
  for (const [format, name] of [
    ['qcow2', 'large.qcow2'],
    ['vpc', 'large.vhd'],
    ['vmdk', 'large.vmdk'],
  ] as const) {
    assert.match(qemuImg('compare', '-f', 'raw', '-F', format, 'reference', name), /identical/);
    assert.ok(statSync(at(name)).size < 2 ** 30);
  }
});
