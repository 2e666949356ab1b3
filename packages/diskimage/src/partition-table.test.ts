import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesDisk } from './bytes-disk.ts';
import { composeDisk } from './compose-disk.ts';
import { fatDisk } from './fat/fat-disk.ts';
import { type GptLayout, gptLastUsableLba, gptParts, gptTypes } from './gpt.ts';
import type { HybridPartition } from './mbr.ts';
import { partitionDisk, readPartitions } from './partition-table.ts';
import { openRaw } from './raw/raw-reader.ts';
import { writeRaw } from './raw/write-raw.ts';
import { missing, run, temporaryFolder } from './testing/tools.ts';

const folder = temporaryFolder('partitions');
const at = (name: string) => join(folder, name);
const diskSize = 64 * 2 ** 20;
const layout: GptLayout = {
  diskGuid: '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f',
  diskSize,
  partitions: [
    partition('bios', gptTypes.biosBoot, 34, 2047),
    partition('Wurzel ü', gptTypes.linuxRootX64, 40960, gptLastUsableLba(diskSize), 4n),
    partition('efi', gptTypes.efiSystem, 2048, 40959),
  ],
};

function partition(name: string, typeGuid: string, firstLba: number, lastLba: number, attributes = 0n) {
  const uniqueGuid = `11111111-2222-4333-8444-${String(firstLba).padStart(12, '0')}`;
  return { name, typeGuid, uniqueGuid, firstLba, lastLba, attributes };
}

async function write(
  name: string,
  bootCode?: Uint8Array,
  hybrid?: readonly HybridPartition[],
): Promise<void> {
  const parts = gptParts(layout, { ...(bootCode && { bootCode }), ...(hybrid && { hybrid }) });
  await writeRaw(composeDisk(diskSize, parts), at(name));
}

async function read(name: string) {
  const disk = await openRaw(at(name));
  return readPartitions(disk).finally(() => disk.close());
}

/** The same by util-linux: positions in sectors. */
function sfdisk(name: string): { label: string; id: string; partitions: Record<string, string | number>[] } {
  return JSON.parse(run(folder, 'sfdisk', '-J', name)).partitiontable;
}

test('sgdisk and sfdisk find nothing wrong with a table, and read it as we do', {
  skip: missing('sgdisk', 'sfdisk'),
}, async () => {
  await write('gpt', Buffer.alloc(440, 0x90));
  assert.match(run(folder, 'sgdisk', '-v', 'gpt'), /No problems found/);
  assert.match(run(folder, 'sfdisk', '--verify', 'gpt'), /No errors detected/);
  const table = await read('gpt');
  assert.ok(table);
  assert.deepEqual([table.kind, table.from, table.diskId], ['gpt', 'primary', layout.diskGuid]);
  const theirs = sfdisk('gpt');
  assert.equal(theirs.id.toLowerCase(), layout.diskGuid);
  assert.deepEqual(
    table.partitions.map(({ start, length, type, uuid, name }) => [
      start / 512,
      length / 512,
      type,
      uuid,
      name,
    ]),
    theirs.partitions.map(({ start, size, type, uuid, name }) => [
      start,
      size,
      String(type).toLowerCase(),
      String(uuid).toLowerCase(),
      name,
    ]),
  );
  assert.deepEqual(
    table.partitions.map(({ number, attributes }) => [number, attributes]),
    [
      [1, 0n],
      [2, 4n],
      [3, 0n],
    ],
  );
  assert.ok(
    readFileSync(at('gpt'))
      .subarray(0, 440)
      .every((byte) => byte === 0x90),
  );
});

test('a hybrid MBR lists what was asked for beside the GPT', {
  skip: missing('sgdisk', 'sfdisk'),
}, async () => {
  await write('hybrid', undefined, [
    { number: 3, type: 0x0c },
    { number: 2, type: 0x83, active: true },
  ]);
  assert.match(run(folder, 'sgdisk', '-v', 'hybrid'), /No problems found/);
  assert.match(run(folder, 'sgdisk', '-p', 'hybrid'), /Wurzel/);
  const mbr = JSON.parse(run(folder, 'sfdisk', '-J', '-Y', 'dos', 'hybrid')).partitiontable;
  assert.deepEqual(
    mbr.partitions.map(({ start, size, type, bootable }: Record<string, unknown>) => [
      start,
      size,
      type,
      bootable,
    ]),
    [
      [1, 2047, 'ee', undefined],
      [2048, 38912, 'c', undefined],
      [40960, gptLastUsableLba(diskSize) - 40959, '83', true],
    ],
  );
  assert.equal((await read('hybrid'))?.kind, 'gpt');
});

test('hybrid partitions that cannot be, and too much boot code, are refused', () => {
  const refused: [readonly HybridPartition[], RegExp][] = [
    [[{ number: 4, type: 0x83 }], /no partition 4/],
    [[{ number: 1, type: 0 }], /no type/],
    [[1, 2, 3, 1].map((number) => ({ number, type: 0x83 })), /three partitions/],
    [[1, 2].map((number) => ({ number, type: 0x83, active: true })), /only one/],
  ];
  for (const [hybrid, message] of refused)
    assert.throws(() => gptParts(layout, { hybrid }), { name: 'RangeError', message });
  assert.throws(() => gptParts(layout, { bootCode: new Uint8Array(441) }), /440 bytes at most/);
});

test('whatever is damaged of one copy, the other is used; of both, it is said', async () => {
  await write('good');
  const good = readFileSync(at('good'));
  const last = diskSize - 512;
  const primaryDamage: ((bytes: Buffer) => void)[] = [
    (bytes) => bytes.fill(0, 512, 1024),
    (bytes) => void bytes.writeUInt8(1, 512 + 40),
    (bytes) => void bytes.writeUInt8(1, 1024 + 60),
    (bytes) => void bytes.writeUInt32LE(0xffffffff, 512 + 80),
  ];
  for (const damage of primaryDamage) {
    const bytes = Buffer.from(good);
    damage(bytes);
    const table = await readPartitions(bytesDisk(bytes));
    assert.deepEqual([table?.from, table?.partitions.length], ['backup', 3]);
    bytes.writeUInt8(7, last + 16);
    await assert.rejects(readPartitions(bytesDisk(bytes)), {
      name: 'DiskImageError',
      message: /both copies/,
    });
  }
  const bytes = Buffer.from(good);
  bytes.fill(0, last);
  assert.equal((await readPartitions(bytesDisk(bytes)))?.from, 'primary');
  const cut = readPartitions(bytesDisk(good.subarray(0, 16 * 2 ** 20)));
  await assert.rejects(cut, /partition 2 .* is outside of the disk/);
});

test('an MBR with logical partitions is read as sfdisk reads it', { skip: missing('sfdisk') }, async () => {
  writeFileSync(at('mbr'), Buffer.alloc(32 * 2 ** 20));
  const script = `label: dos
label-id: 0x1234abcd
start=2048, size=2048, type=83, bootable
start=8192, size=20000, type=0c
start=30000, size=30000, type=5
start=32048, size=1000, type=82
start=36000, size=5000, type=83
start=50000, size=10000, type=83
`;
  writeFileSync(at('script'), script);
  run(folder, 'sh', '-c', 'sfdisk -q mbr < script');
  const table = await read('mbr');
  assert.ok(table);
  assert.deepEqual([table.kind, table.diskId], ['mbr', '1234abcd']);
  const theirs = sfdisk('mbr');
  assert.deepEqual(
    table.partitions.map(({ number, start, length, type }) => [number, start / 512, length / 512, type]),
    theirs.partitions.map(({ node, start, size, type }) => [
      Number(/\d+$/.exec(String(node))?.[0]),
      start,
      size,
      String(type).padStart(2, '0'),
    ]),
  );
  assert.deepEqual(
    table.partitions.map(({ attributes }) => attributes),
    [4n, 0n, 0n, 0n, 0n, 0n],
  );
  assert.equal(table.partitions[3]?.uuid, '1234abcd-05');
});

test('logical partitions that run in a circle, or out of the disk, are refused', async () => {
  const sector = (entries: readonly (readonly [type: number, first: number, count: number])[]) => {
    const bytes = Buffer.alloc(512);
    entries.forEach(([type, first, count], index) => {
      bytes.writeUInt8(type, 446 + index * 16 + 4);
      bytes.writeUInt32LE(first, 446 + index * 16 + 8);
      bytes.writeUInt32LE(count, 446 + index * 16 + 12);
    });
    bytes.set([0x55, 0xaa], 510);
    return bytes;
  };
  const disk = (mbr: Uint8Array, extended: Uint8Array) =>
    composeDisk(2 ** 20, [
      { position: 0, content: mbr },
      { position: 512 * 100, content: extended },
    ]);
  const mbr = sector([[5, 100, 1000]]);
  const circle = disk(
    mbr,
    sector([
      [0x83, 10, 10],
      [5, 0, 10],
    ]),
  );
  await assert.rejects(readPartitions(circle), /do not come to an end/);
  await assert.rejects(
    readPartitions(
      disk(
        mbr,
        sector([
          [0x83, 10, 10],
          [5, 9000, 10],
        ]),
      ),
    ),
    /outside of the disk/,
  );
  await assert.rejects(readPartitions(disk(sector([[0x83, 2000, 100]]), mbr)), /partition 1 .* outside/);
});

test('a disk without a table has none: zeros, a filesystem, less than a sector', async () => {
  const fat = fatDisk([], { size: 8 * 2 ** 20, volumeId: 1 });
  for (const disk of [composeDisk(2 ** 20, []), fat, bytesDisk(new Uint8Array(100))])
    assert.equal(await readPartitions(disk), undefined);
});

test('a partition is a disk of its own', async () => {
  const content = Buffer.alloc(38912 * 512, 'efi ');
  const disk = composeDisk(diskSize, [...gptParts(layout), { position: 2048 * 512, content }]);
  const table = await readPartitions(disk);
  const efi = table?.partitions.find(({ type }) => type === gptTypes.efiSystem);
  assert.ok(efi);
  const reader = partitionDisk(disk, efi);
  assert.equal(reader.size, content.length);
  const bytes = new Uint8Array(content.length);
  await reader.read(bytes, 0);
  assert.ok(content.equals(bytes));
});
