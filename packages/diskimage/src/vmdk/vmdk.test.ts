import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesDisk } from '../bytes-disk.ts';
import { composeDisk } from '../compose-disk.ts';
import { openDisk } from '../open-disk.ts';
import { randomDisk, writeReference } from '../testing/random-disk.ts';
import { assertSameDisk } from '../testing/same-disk.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import { writeVmdk } from './write-vmdk.ts';

const skip = missing('qemu-img', 'qemu-io');
const folder = temporaryFolder('vmdk');
const at = (name: string) => join(folder, name);
const qemuImg = (...args: readonly string[]) => run(folder, 'qemu-img', ...args);
const uuid = '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f';
const mebibyte = 2 ** 20;
/** Reaches over two grain tables. */
const disk = randomDisk({ seed: 1, size: 34 * mebibyte + 512, areas: 8, largest: 100_000 });

test('VMDK files that qemu-img makes are read', { skip }, async () => {
  writeReference(disk, at('reference'));
  for (const options of ['subformat=monolithicSparse', 'subformat=streamOptimized', 'zeroed_grain=on']) {
    qemuImg('convert', '-f', 'raw', '-O', 'vmdk', '-o', options, 'reference', 'made.vmdk');
    if (options === 'zeroed_grain=on') run(folder, 'qemu-io', '-c', 'write -z 20M 64k', 'made.vmdk');
    const reader = await openDisk(at('made.vmdk'));
    assert.equal(reader.size, disk.size);
    await assertSameDisk(reader, disk, options);
    await reader.close();
  }
});

test('what is written is what was read, says QEMU', { skip }, async () => {
  writeReference(disk, at('reference'));
  for (const [index, options] of [{}, { level: 9, adapter: 'ide' as const }].entries()) {
    const name = `written-${index}.vmdk`;
    const { fileSize } = await writeVmdk(disk.open(), at(name), { uuid, ...options });
    assert.equal(readFileSync(at(name)).length, fileSize);
    qemuImg('compare', '-f', 'raw', '-F', 'vmdk', 'reference', name);
    assert.match(qemuImg('check', '-f', 'vmdk', name), /No errors were found/);
    const info = JSON.parse(qemuImg('info', '--output=json', name));
    assert.equal(info['virtual-size'], disk.size);
    assert.equal(info['format-specific'].data['create-type'], 'streamOptimized');
    const reader = await openDisk(at(name));
    await assertSameDisk(reader, disk, name);
    await reader.close();
  }
});

test('an empty disk and one that ends within a sector are written too', { skip }, async () => {
  writeFileSync(at('odd'), Buffer.alloc(1000, 3));
  for (const [name, content] of [
    ['odd', Buffer.alloc(1000, 3)],
    ['zeros', Buffer.alloc(mebibyte)],
  ] as const) {
    writeFileSync(at(name), content);
    await writeVmdk(bytesDisk(content), at(`${name}.vmdk`), { uuid });
    qemuImg('compare', '-f', 'raw', '-F', 'vmdk', name, `${name}.vmdk`);
  }
});

test('the stream has its marks where VMware looks for them', async () => {
  await writeVmdk(disk.open(), at('marks.vmdk'), { uuid, name: 'other name' });
  const bytes = readFileSync(at('marks.vmdk'));
  assert.equal(bytes.length % 512, 0);
  assert.equal(bytes.toString('latin1', 0, 4), 'KDMV');
  assert.deepEqual([bytes.readUInt32LE(4), bytes.readUInt32LE(8)], [3, 0x30001]);
  assert.equal(bytes.readBigUInt64LE(56), 2n ** 64n - 1n);
  const descriptor = bytes.toString('latin1', 512, 21 * 512).replace(/\0+$/, '');
  assert.match(descriptor, /^# Disk DescriptorFile\nversion=1\n/);
  assert.match(descriptor, /^CID=[0-9a-f]{8}$/m);
  assert.match(descriptor, /^createType="streamOptimized"$/m);
  assert.match(descriptor, new RegExp(`^RW ${disk.size / 512} SPARSE "other name"$`, 'm'));
  const end = bytes.length;
  assert.ok(
    bytes.subarray(end - 512).every((byte) => byte === 0),
    'end of stream',
  );
  const footer = bytes.subarray(end - 1024, end - 512);
  assert.equal(bytes.readUInt32LE(end - 1536 + 12), 3, 'marker of the footer');
  const directory = Number(footer.readBigUInt64LE(56)) * 512;
  assert.equal(bytes.readUInt32LE(directory - 512 + 12), 2, 'marker of the grain directory');
  const table = bytes.readUInt32LE(directory) * 512;
  assert.equal(bytes.readUInt32LE(table - 512 + 12), 1, 'marker of a grain table');
  const grain = bytes.readUInt32LE(table) * 512;
  assert.equal(grain, 65536);
  assert.equal(bytes.readBigUInt64LE(grain), 0n);
});

test('the same disk and options give the same bytes, another identifier another content id', async () => {
  for (const name of ['once', 'twice']) await writeVmdk(disk.open(), at(name), { uuid, name: 'disk.vmdk' });
  assert.ok(readFileSync(at('once')).equals(readFileSync(at('twice'))));
  await writeVmdk(disk.open(), at('other'), { uuid: uuid.replace('5', '6'), name: 'disk.vmdk' });
  const cid = (name: string) => /CID=(\w+)/.exec(readFileSync(at(name), 'latin1'))?.[1];
  assert.notEqual(cid('once'), cid('other'));
});

test('damage is found, and files of other kinds are refused with the reason', { skip }, async () => {
  await writeVmdk(bytesDisk(Buffer.alloc(200_000, 'text ')), at('good.vmdk'), { uuid });
  const good = readFileSync(at('good.vmdk'));
  const end = good.length;
  const directory = Number(good.readBigUInt64LE(end - 1024 + 56)) * 512;
  const table = good.readUInt32LE(directory) * 512;
  const cases: [RegExp, (bytes: Buffer) => Buffer | undefined][] = [
    [/no footer/, (bytes) => bytes.subarray(0, end - 512)],
    [/version 9/, (bytes) => void bytes.writeUInt8(9, end - 1024 + 4)],
    [/holds no disk/, (bytes) => void bytes.writeUInt32LE(0, end - 1024 + 12)],
    [/grains of/, (bytes) => void bytes.writeUInt32LE(100, end - 1024 + 20)],
    [/tables of 0 entries/, (bytes) => void bytes.writeUInt32LE(0, end - 1024 + 44)],
    [/compressed in a way/, (bytes) => void bytes.writeUInt16LE(2, end - 1024 + 77)],
    [/impossibly large|ends before/, (bytes) => void bytes.writeBigUInt64LE(2n ** 60n, end - 1024 + 56)],
    [/descriptor is too large/, (bytes) => void bytes.writeUInt32LE(1 << 30, 36)],
    [/stands on another/, (bytes) => void bytes.write('parentCID=00000001', bytes.indexOf('parentCID'))],
    [
      /kind streamOptimizeX/,
      (bytes) => void bytes.write('streamOptimizeX', bytes.indexOf('streamOptimized')),
    ],
    [/outside of the VMDK file/, (bytes) => void bytes.writeUInt32LE(0xffffff, table)],
    [/place of another/, (bytes) => void bytes.copyWithin(table, table + 4, table + 8)],
    [/compressed bytes is not possible/, (bytes) => void bytes.writeUInt32LE(1 << 30, 65536 + 8)],
    [/cannot be decompressed/, (bytes) => void bytes.fill(0xff, 65536 + 12, 65536 + 40)],
  ];
  for (const [message, change] of cases) {
    const bytes = Buffer.from(good);
    writeFileSync(at('bad.vmdk'), change(bytes) ?? bytes);
    const read = async () => {
      const reader = await openDisk(at('bad.vmdk'), { format: 'vmdk' });
      await reader.read(new Uint8Array(100), 0).finally(() => reader.close());
    };
    await assert.rejects(read(), { name: 'DiskImageError', message });
  }
  for (const subformat of ['monolithicFlat', 'twoGbMaxExtentSparse']) {
    qemuImg('create', '-q', '-f', 'vmdk', '-o', `subformat=${subformat}`, `${subformat}.vmdk`, '8M');
    await assert.rejects(openDisk(at(`${subformat}.vmdk`)), /in other files/);
  }
  qemuImg('create', '-q', '-f', 'vmdk', '-b', 'good.vmdk', '-F', 'vmdk', 'child.vmdk');
  await assert.rejects(openDisk(at('child.vmdk')), /stands on another/);
});

test('options that cannot be are refused before there is a file', async () => {
  const tiny = bytesDisk(new Uint8Array(512));
  await assert.rejects(writeVmdk(tiny, at('refused'), { uuid: 'none' }), /not a UUID/);
  await assert.rejects(writeVmdk(tiny, at('refused'), { uuid, level: 0 }), /levels are 1 to 9/);
  await assert.rejects(writeVmdk(tiny, at('refused'), { uuid, name: 'a"b' }), /cannot be the name/);
  await assert.rejects(writeVmdk(composeDisk(2 ** 42, []), at('refused'), { uuid }), /2 TiB at most/);
  assert.ok(!existsSync(at('refused')));
});
