import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesDisk } from '../bytes-disk.ts';
import { composeDisk } from '../compose-disk.ts';
import { openDisk } from '../open-disk.ts';
import { randomDisk, writeReference } from '../testing/random-disk.ts';
import { assertSameDisk } from '../testing/same-disk.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import { vhdGeometry } from './geometry.ts';
import { writeVhd } from './write-vhd.ts';

const skip = missing('qemu-img');
const folder = temporaryFolder('vhd');
const at = (name: string) => join(folder, name);
const qemuImg = (...args: readonly string[]) => run(folder, 'qemu-img', ...args);
const identity = { uuid: '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f', time: 1_700_000_000 };
const mebibyte = 2 ** 20;

test('VHD files that qemu-img makes are read, with the size that QEMU gives them', { skip }, async () => {
  const disk = randomDisk({ seed: 1, size: 5 * mebibyte + 512 });
  writeReference(disk, at('reference'));
  for (const options of [
    'subformat=fixed',
    'subformat=dynamic',
    'subformat=fixed,force_size',
    'force_size',
  ]) {
    qemuImg('convert', '-f', 'raw', '-O', 'vpc', '-o', options, 'reference', 'made');
    const reader = await openDisk(at('made'));
    const info = JSON.parse(qemuImg('info', '-f', 'vpc', '--output=json', 'made'));
    assert.equal(reader.size, info['virtual-size'], options);
    await assertSameDisk(reader, disk, options);
    await reader.close();
  }
});

test('what is written is what was read, says QEMU; a fixed disk has the size that Azure wants', {
  skip,
}, async () => {
  for (const [index, size] of [3 * mebibyte, 4 * mebibyte + 512, 100].entries()) {
    const disk = randomDisk({ seed: 10 + index, size });
    writeReference(disk, at('reference'));
    for (const kind of ['fixed', 'dynamic'] as const) {
      const name = `written-${index}-${kind}`;
      const { virtualSize, fileSize } = await writeVhd(disk.open(), at(name), { kind, ...identity });
      assert.equal(statSync(at(name)).size, fileSize);
      assert.equal(virtualSize, Math.ceil(size / mebibyte) * mebibyte);
      if (kind === 'fixed') assert.equal(fileSize, virtualSize + 512);
      qemuImg('compare', '-f', 'raw', '-F', 'vpc', 'reference', name);
      const info = JSON.parse(qemuImg('info', '-f', 'vpc', '--output=json', name));
      assert.equal(info['virtual-size'], virtualSize);
      const reader = await openDisk(at(name));
      assert.equal(reader.size, virtualSize);
      await assertSameDisk(reader, disk, name);
      await reader.close();
    }
  }
});

test('holes of a fixed disk take no room, and blocks of zeros are not in a dynamic one', async () => {
  const size = 256 * mebibyte;
  const disk = composeDisk(size, [{ position: 200 * mebibyte, content: Buffer.alloc(1000, 1) }]);
  await writeVhd(disk, at('sparse'), { kind: 'fixed', ...identity });
  assert.ok(statSync(at('sparse')).blocks * 512 < mebibyte);
  const { fileSize } = await writeVhd(disk, at('blocks'), { kind: 'dynamic', ...identity });
  assert.equal(fileSize, 512 + 1024 + 512 + (512 + 2 * mebibyte) + 512);
});

test('the footer says what the specification asks for', async () => {
  await writeVhd(bytesDisk(new Uint8Array(mebibyte)), at('footer'), { kind: 'fixed', ...identity });
  const footer = readFileSync(at('footer')).subarray(mebibyte);
  assert.equal(footer.toString('latin1', 0, 8), 'conectix');
  assert.equal(footer.readUInt32BE(24), identity.time - Date.UTC(2000, 0, 1) / 1000);
  assert.equal(footer.readBigUInt64BE(40), BigInt(mebibyte));
  assert.equal(footer.readBigUInt64BE(48), BigInt(mebibyte));
  assert.deepEqual([footer.readUInt16BE(56), footer[58], footer[59]], [30, 4, 17]);
  assert.equal(footer.readUInt32BE(60), 2);
  assert.equal(footer.toString('hex', 68, 84), identity.uuid.replaceAll('-', ''));
  const sum = footer.reduce((total, byte, index) => (index < 64 || index > 67 ? total + byte : total), 0);
  assert.equal(footer.readUInt32BE(64), ~sum >>> 0);
});

test('the geometry is that of qemu-img', { skip }, () => {
  for (const size of [1, 63, 505, 2047, 8064, 131072]) {
    qemuImg('create', '-q', '-f', 'vpc', 'geometry', `${size}M`);
    const footer = readFileSync(at('geometry'));
    // Its sizes are whole cylinders.
    const { cylinders, heads, sectors } = vhdGeometry(Number(footer.readBigUInt64BE(48)));
    assert.deepEqual(
      [cylinders, heads, sectors],
      [footer.readUInt16BE(56), footer[58], footer[59]],
      `${size} MiB`,
    );
  }
});

test('the same disk and options give the same bytes', async () => {
  const disk = randomDisk({ seed: 20, size: 5 * mebibyte });
  for (const kind of ['fixed', 'dynamic'] as const) {
    for (const name of ['once', 'twice'])
      await writeVhd(disk.open(), at(`${name}-${kind}`), { kind, ...identity });
    assert.ok(readFileSync(at(`once-${kind}`)).equals(readFileSync(at(`twice-${kind}`))));
  }
});

test('sectors that the bitmap leaves out are zeros, and the copy of a damaged footer is used', async () => {
  const content = Buffer.alloc(2 * mebibyte, 0x55);
  await writeVhd(bytesDisk(content), at('bitmap'), { kind: 'dynamic', ...identity });
  const bytes = readFileSync(at('bitmap'));
  bytes.fill(0, 2048, 2048 + 256);
  bytes.fill(0, bytes.length - 512);
  writeFileSync(at('bitmap'), bytes);
  const reader = await openDisk(at('bitmap'));
  const parts = [{ position: mebibyte, content: content.subarray(mebibyte) }];
  await assertSameDisk(reader, { size: content.length, parts, open: () => assert.fail() }, 'bitmap');
  await reader.close();
});

test('damaged and differencing files are refused with the reason', async () => {
  await writeVhd(bytesDisk(Buffer.alloc(3 * mebibyte, 1)), at('good'), { kind: 'dynamic', ...identity });
  const good = readFileSync(at('good'));
  const cases: [RegExp, (bytes: Buffer) => Buffer | undefined][] = [
    [
      /checksum is wrong/,
      (bytes) => void bytes.fill(1, 20, 21).fill(1, bytes.length - 480, bytes.length - 479),
    ],
    [/no header of a dynamic disk/, (bytes) => void bytes.fill(0, 512, 513)],
    [/checksum of the dynamic VHD header/, (bytes) => void bytes.fill(1, 600, 601)],
    [/same place/, (bytes) => void bytes.copyWithin(1536, 1540, 1544)],
    [/outside of the VHD file/, (bytes) => void bytes.writeUInt32BE(0xfffffff0, 1536)],
    [/differencing disk/, (bytes) => differencing(bytes)],
    [/shorter than its disk/, () => readFileSync(at('fixed')).subarray(mebibyte)],
  ];
  await writeVhd(bytesDisk(Buffer.alloc(2 * mebibyte, 1)), at('fixed'), { kind: 'fixed', ...identity });
  for (const [message, change] of cases) {
    const bytes = Buffer.from(good);
    writeFileSync(at('bad'), change(bytes) ?? bytes);
    await assert.rejects(openDisk(at('bad')), { name: 'DiskImageError', message });
  }
});

function differencing(bytes: Buffer): Buffer {
  const footer = bytes.subarray(bytes.length - 512);
  footer.writeUInt32BE(4, 60);
  footer.writeUInt32BE(footer.readUInt32BE(64) - 1, 64);
  return bytes;
}

test('options that cannot be are refused before there is a file', async () => {
  const disk = bytesDisk(new Uint8Array(512));
  const refused: [object, RegExp][] = [
    [{ uuid: 'none' }, /not a UUID/],
    [{ time: 0 }, /from the year 2000/],
    [{ time: 1e9 + 0.5 }, /whole seconds/],
  ];
  for (const [change, message] of refused)
    await assert.rejects(writeVhd(disk, at('refused'), { kind: 'fixed', ...identity, ...change }), {
      name: 'RangeError',
      message,
    });
  await assert.rejects(
    writeVhd(composeDisk(2 ** 41, []), at('refused'), { kind: 'fixed', ...identity }),
    /2040 GiB/,
  );
  assert.ok(!existsSync(at('refused')));
});
