import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesDisk } from './bytes-disk.ts';
import { composeDisk } from './compose-disk.ts';
import { openRaw } from './raw/raw-reader.ts';
import { writeRaw } from './raw/write-raw.ts';
import { subDisk } from './sub-disk.ts';
import { randomDisk, writeReference } from './testing/random-disk.ts';
import { assertSameDisk } from './testing/same-disk.ts';
import { temporaryFolder } from './testing/tools.ts';

const folder = temporaryFolder('compose');
const at = (name: string) => join(folder, name);

test('a disk of parts reads as if it were in one piece, and so does a part of it', async () => {
  for (let seed = 0; seed < 5; seed++) {
    const disk = randomDisk({ seed, size: 1_000_000 + seed * 77, areas: seed * 6, largest: 60_000 });
    await assertSameDisk(disk.open(), disk, `seed ${seed}`);
    const whole = new Uint8Array(disk.size);
    await disk.open().read(whole, 0);
    for (const [start, length] of [
      [0, 0],
      [1, 5000],
      [123_456, 654_321],
      [disk.size - 1, 1],
    ] as const) {
      const content = whole.slice(start, start + length);
      const part = { size: length, parts: [{ position: 0, content }], open: () => assert.fail() };
      if (length > 0) await assertSameDisk(subDisk(disk.open(), start, length), part, `${start}+${length}`);
    }
  }
});

test('nothing is read outside of a disk, and no part lies outside or on another', async () => {
  const disk = bytesDisk(new Uint8Array(100));
  for (const reader of [disk, composeDisk(100, []), subDisk(bytesDisk(new Uint8Array(300)), 100, 100)]) {
    await assert.rejects(reader.read(new Uint8Array(2), 99), {
      name: 'DiskImageError',
      message: /outside of the disk/,
    });
    await assert.rejects(reader.read(new Uint8Array(1), -1), { name: 'DiskImageError' });
    await reader.read(new Uint8Array(0), 100);
  }
  assert.throws(() => subDisk(disk, 50, 51), { name: 'DiskImageError' });
  const part = { position: 10, content: new Uint8Array(10) };
  assert.throws(
    () => composeDisk(100, [part, { position: 19, content: disk }]),
    /before the one before it ends/,
  );
  assert.throws(() => composeDisk(100, [{ position: 1, content: disk }]), /behind the disk's end/);
});

test('a raw file is read, and its holes are found without reading them', async (t) => {
  const size = 64 * 2 ** 20 + 3;
  const disk = randomDisk({ seed: 9, size, areas: 5 });
  writeReference(disk, at('sparse'));
  const reader = await openRaw(at('sparse'));
  await assertSameDisk(reader, disk, 'sparse');
  let data = 0;
  for await (const { length } of reader.dataRanges()) data += length;
  await reader.close();
  try {
    execFileSync('perl', ['-e', '0']);
  } catch {
    return t.diagnostic('perl is missing: whether holes are found was not looked at');
  }
  assert.ok(data < 4 * 2 ** 20, `${data} bytes of data`);
});

test('a raw file is written with holes where there are zeros, once like the other time', async () => {
  const disk = randomDisk({ seed: 10, size: 32 * 2 ** 20 + 100, areas: 5 });
  writeReference(disk, at('reference'));
  for (const name of ['once', 'twice']) {
    assert.deepEqual(await writeRaw(disk.open(), at(name)), { virtualSize: disk.size, fileSize: disk.size });
    assert.ok(readFileSync(at(name)).equals(readFileSync(at('reference'))));
  }
  assert.ok(statSync(at('once')).blocks * 512 < 2 * 2 ** 20);
  await writeRaw(bytesDisk(new Uint8Array(0)), at('empty'));
  assert.equal(statSync(at('empty')).size, 0);
});

test('only files are disks', async () => {
  mkdirSync(at('folder'));
  await assert.rejects(openRaw(at('folder')), { name: 'DiskImageError', message: /only regular files/ });
  await assert.rejects(openRaw('/dev/null'), { name: 'DiskImageError' });
  execFileSync('mkfifo', [at('pipe')]);
  await assert.rejects(openRaw(at('pipe')), /only regular files/);
  await assert.rejects(openRaw(at('gone')), { code: 'ENOENT' });
  writeFileSync(at('shrinks'), Buffer.alloc(1000));
  const reader = await openRaw(at('shrinks'));
  writeFileSync(at('shrinks'), '');
  await assert.rejects(reader.read(new Uint8Array(10), 0), /became shorter/);
  await reader.close();
});
