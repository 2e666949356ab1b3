import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { backingWithin } from '../backing-within.ts';
import { openDisk } from '../open-disk.ts';
import { DiskImageError } from '../read.ts';
import { randomDisk, writeReference } from '../testing/random-disk.ts';
import { assertSameDisk } from '../testing/same-disk.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';

const skip = missing('qemu-img', 'qemu-io');
const folder = temporaryFolder('qcow2-reader');
const at = (name: string) => join(folder, name);
const qemuImg = (...args: readonly string[]) => run(folder, 'qemu-img', ...args);

const disk = randomDisk({ seed: 1, size: 2 ** 20 + 512 });

test('every kind of qcow2 file that qemu-img makes is read', { skip }, async () => {
  writeReference(disk, at('reference'));
  const kinds: [options: string, ...args: string[]][] = [
    ['compat=0.10'],
    ['cluster_size=512'],
    ['extended_l2=on,cluster_size=16k'],
    ['compat=0.10,cluster_size=4k', '-c'],
    ['cluster_size=2M', '-c'],
    ['compression_type=zstd', '-c'],
    ['preallocation=metadata'],
  ];
  for (const [index, [options, ...args]] of kinds.entries()) {
    const name = `kind-${index}`;
    qemuImg('convert', '-f', 'raw', '-O', 'qcow2', '-o', options, ...args, 'reference', name);
    const reader = await openDisk(at(name));
    await assertSameDisk(reader, disk, `${options} ${args.join(' ')}`);
    await reader.close();
  }
});

test('what a guest wrote after compression, discarded or wrote zeros to is read as it is', {
  skip,
}, async () => {
  const size = 2 ** 20;
  for (const options of ['cluster_size=64k', 'extended_l2=on,cluster_size=64k']) {
    const parts = [
      { position: 4096, content: Buffer.alloc(1024, 0x11) },
      { position: 65536 + 2048, content: Buffer.alloc(2048, 0x33) },
      { position: 65536 + 8192, content: Buffer.alloc(65536 - 8192, 0x22) },
      { position: 262144, content: Buffer.alloc(100, 0x44) },
    ];
    const base = { size, parts: [{ position: 65536, content: Buffer.alloc(131072, 0x22) }] };
    writeReference({ ...base, open: () => assert.fail() }, at('before'));
    qemuImg('convert', '-f', 'raw', '-O', 'qcow2', '-c', '-o', options, 'before', 'guest');
    const commands = [
      'write -P 0x11 4k 1k',
      'write -z 64k 8k',
      'write -P 0x33 66k 2k',
      'discard 128k 64k',
      'write -P 0x44 256k 100',
      'write -z 512k 128k',
    ];
    run(folder, 'qemu-io', '-f', 'qcow2', ...commands.flatMap((command) => ['-c', command]), 'guest');
    const reader = await openDisk(at('guest'));
    await assertSameDisk(reader, { size, parts, open: () => assert.fail() }, options);
    await reader.close();
  }
});

test('an image stands on others, of other formats and sizes, and snapshots in it are passed over', {
  skip,
}, async () => {
  const lower = randomDisk({ seed: 2, size: 2 ** 20 });
  writeReference(lower, at('lower.raw'));
  mkdirSync(at('sub'));
  qemuImg('create', '-q', '-f', 'qcow2', '-b', '../lower.raw', '-F', 'raw', 'sub/middle', '3M');
  run(folder, 'qemu-io', '-c', 'write -P 7 100k 300k', '-c', 'write -z 600k 100k', 'sub/middle');
  qemuImg('snapshot', '-c', 'old', 'sub/middle');
  run(folder, 'qemu-io', '-c', 'write -P 8 2M 10k', 'sub/middle');
  qemuImg('create', '-q', '-f', 'qcow2', '-b', at('sub/middle'), '-F', 'qcow2', 'top', '4M');
  run(folder, 'qemu-io', '-c', 'write -P 9 3500k 1k', 'top');
  qemuImg('convert', '-O', 'raw', 'top', 'flat');
  const reader = await openDisk(at('top'), { openBacking: backingWithin(folder) });
  const flat = { size: 4 * 2 ** 20, parts: [{ position: 0, content: readFileSync(at('flat')) }] };
  await assertSameDisk(reader, { ...flat, open: () => assert.fail() }, 'chain');
  await reader.close();
});

test('a backing file is opened only when that was asked for, and only within its folder', {
  skip,
}, async () => {
  mkdirSync(at('inside'));
  writeFileSync(at('secret'), Buffer.alloc(2 ** 20, 's'));
  symlinkSync('../secret', at('inside/link'));
  const openTop = async (backing: string, options = { openBacking: backingWithin(at('inside')) }) => {
    qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', backing, '-F', 'raw', 'inside/top', '1M');
    await (await openDisk(at('inside/top'), options)).close();
  };
  await assert.rejects(openTop('secret', {} as never), /stands on another, "secret"/);
  await assert.rejects(openTop('../secret'), /outside of the folder/);
  await assert.rejects(openTop(at('secret')), /outside of the folder/);
  await assert.rejects(openTop('link'), /outside of the folder/);
  await assert.rejects(openTop('/dev/null'), /outside of the folder/);
  await assert.rejects(openTop('gone'), /is not there/);
  await assert.rejects(openTop('nbd://localhost/x'), /is not there/);
  await assert.rejects(openTop(`json:{"driver":"file","filename":"${at('secret')}"}`), /is not there/);
  copyFileSync(at('secret'), at('inside/plain'));
  await openTop('plain');
  await openTop('..//inside/./plain');
});

test('images that stand on each other in a circle are refused', { skip }, async () => {
  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', 'circle-b', '-F', 'qcow2', 'circle-a', '1M');
  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', 'circle-a', '-F', 'qcow2', 'circle-b', '1M');
  await assert.rejects(
    openDisk(at('circle-a'), { openBacking: backingWithin(folder) }),
    /more than 64 images stand on each other/,
  );
});

test('what cannot be read says why', { skip }, async () => {
  qemuImg('create', '-q', '-f', 'qcow2', '-o', 'data_file=data.raw', 'outside', '1M');
  await assert.rejects(openDisk(at('outside')), /data in another file/);
  qemuImg(
    ...['create', '-q', '--object', 'secret,id=s,data=secret', '-f', 'qcow2'],
    ...['-o', 'encrypt.format=aes,encrypt.key-secret=s', 'locked', '1M'],
  );
  await assert.rejects(openDisk(at('locked')), /encrypted/);
  for (const format of ['qed', 'vdi', 'vhdx', 'qcow']) {
    qemuImg('create', '-q', '-f', format, `other-${format}`, '1M');
    await assert.rejects(openDisk(at(`other-${format}`)), {
      name: 'DiskImageError',
      message: /qemu-img convert/,
    });
  }
});

test('damage in the tables is found', { skip }, async () => {
  qemuImg('create', '-q', '-f', 'qcow2', 'good', '1G');
  run(folder, 'qemu-io', '-c', 'write -P 1 0 64k', '-c', 'write -P 1 600M 64k', 'good');
  const good = readFileSync(at('good'));
  const firstLevel = Number(good.readBigUInt64BE(40));
  const damage = async (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(good);
    change(bytes);
    writeFileSync(at('bad'), bytes);
    const reader = await openDisk(at('bad'));
    try {
      await reader.read(new Uint8Array(65536), 0);
    } finally {
      await reader.close();
    }
  };
  await damage(() => {});
  const secondLevel = Number(good.readBigUInt64BE(firstLevel) & 0x00fffffffffffe00n);
  const cases: [RegExp, (bytes: Buffer) => void][] = [
    [/marked as damaged/, (bytes) => bytes.writeUInt8(2, 79)],
    [/features that are not known/, (bytes) => bytes.writeUInt8(0x80, 72)],
    [/too short for the disk/, (bytes) => bytes.writeUInt32BE(1, 36)],
    [/not at the start of a cluster/, (bytes) => bytes.writeBigUInt64BE(BigInt(firstLevel + 8), 40)],
    [/ends before/, (bytes) => bytes.writeBigUInt64BE(2n ** 40n, 40)],
    [/larger than 32 MiB|too short/, (bytes) => bytes.writeBigUInt64BE(2n ** 53n - 512n, 24)],
    [/not at the start of a cluster/, (bytes) => bytes.writeBigUInt64BE(2n ** 50n, firstLevel)],
    [/used twice/, (bytes) => void good.copy(bytes, firstLevel + 8, firstLevel, firstLevel + 8)],
    [/a cluster is not at the start/, (bytes) => bytes.writeBigUInt64BE(512n, secondLevel)],
    [/a cluster is not at the start/, (bytes) => bytes.writeBigUInt64BE(2n ** 50n, secondLevel)],
    [/outside of the file/, (bytes) => bytes.writeBigUInt64BE(2n ** 62n + 2n ** 40n, secondLevel)],
    [
      /cannot be decompressed/,
      (bytes) => bytes.writeBigUInt64BE(2n ** 62n + BigInt(secondLevel), secondLevel),
    ],
  ];
  for (const [message, change] of cases)
    await assert.rejects(damage(change), (error) => {
      assert.ok(error instanceof DiskImageError, String(error));
      assert.match(error.message, message);
      return true;
    });
});
