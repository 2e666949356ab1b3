import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type GptLayout, gptLastUsableLba, gptTypes, writeGpt } from './gpt.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-gpt-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const layout: GptLayout = {
  diskGuid: '5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f',
  diskSize: 64 * 2 ** 20,
  partitions: [
    {
      typeGuid: gptTypes.biosBoot,
      uniqueGuid: '11111111-2222-4333-8444-555555555555',
      name: 'bios',
      firstLba: 2048,
      lastLba: 4095,
    },
    {
      typeGuid: gptTypes.linuxRootX64,
      uniqueGuid: '66666666-7777-4888-9999-aaaaaaaaaaaa',
      name: 'Wurzel ü',
      firstLba: 4096,
      lastLba: gptLastUsableLba(64 * 2 ** 20),
      attributes: 4n,
    },
  ],
};

async function makeDisk(name: string, size: number, fill = 0): Promise<string> {
  const path = join(folder, name);
  const disk = await open(path, 'w+');
  await disk.write(Buffer.alloc(512, fill), 0, 512, 0);
  await disk.truncate(size);
  await disk.close();
  return path;
}

async function writeTo(path: string, what: GptLayout): Promise<void> {
  const disk = await open(path, 'r+');
  try {
    await writeGpt(disk, what);
  } finally {
    await disk.close();
  }
}

/** What the kernel's tools (libblkid, part of every Debian) make of the disk. */
function partitions(path: string): Record<string, string>[] {
  const columns = 'NR,START,END,TYPE,UUID,NAME,FLAGS,SCHEME';
  const out = execFileSync('partx', ['--pairs', '--output', columns, path], { encoding: 'utf8' });
  return out
    .trim()
    .split('\n')
    .map((line) =>
      Object.fromEntries(
        [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, decodeHex(value!)]),
      ),
    );
}

/** partx writes bytes beyond ASCII as `\\xc3`. */
function decodeHex(text: string): string {
  const bytes = text.replace(/\\x([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

test('the system reads the table as it was meant', async () => {
  const path = await makeDisk('disk', layout.diskSize);
  await writeTo(path, layout);
  assert.deepEqual(partitions(path), [
    {
      NR: '1',
      START: '2048',
      END: '4095',
      TYPE: gptTypes.biosBoot,
      UUID: '11111111-2222-4333-8444-555555555555',
      NAME: 'bios',
      FLAGS: '0x0',
      SCHEME: 'gpt',
    },
    {
      NR: '2',
      START: '4096',
      END: '131038',
      TYPE: gptTypes.linuxRootX64,
      UUID: '66666666-7777-4888-9999-aaaaaaaaaaaa',
      NAME: 'Wurzel ü',
      FLAGS: '0x4',
      SCHEME: 'gpt',
    },
  ]);
  const disk = execFileSync('/usr/sbin/blkid', ['-p', '-o', 'export', path], { encoding: 'utf8' });
  assert.match(disk, /^PTUUID=5b3c4f6e-0f0a-4d5e-8a33-9a1b2c3d4e5f$/m);
});

test('the backup alone is enough to find the partitions', async () => {
  const path = await makeDisk('backup', layout.diskSize);
  await writeTo(path, layout);
  const disk = await open(path, 'r+');
  await disk.write(Buffer.alloc(33 * 512), 0, 33 * 512, 512);
  await disk.close();
  assert.deepEqual(
    partitions(path).map((one) => one.START),
    ['2048', '4096'],
  );
});

test('the same layout gives the same bytes, and boot code stays', async () => {
  const first = await makeDisk('first', layout.diskSize, 0x90);
  const second = await makeDisk('second', layout.diskSize, 0x90);
  await writeTo(first, layout);
  await writeTo(second, layout);
  const bytes = readFileSync(first);
  assert.ok(bytes.equals(readFileSync(second)));
  assert.ok(bytes.subarray(0, 440).every((byte) => byte === 0x90));
  assert.deepEqual([...bytes.subarray(510, 512)], [0x55, 0xaa]);
});

test('a layout that cannot be is refused before a byte is written', async () => {
  const path = await makeDisk('untouched', 2 ** 20);
  const part = { ...layout.partitions[0]!, firstLba: 100, lastLba: 200 };
  const refused: [Partial<GptLayout>, RegExp][] = [
    [{ partitions: [part, { ...part, name: 'other', firstLba: 200, lastLba: 300 }] }, /overlap/],
    [{ partitions: [{ ...part, lastLba: 2047 }] }, /outside 34 to 2014/],
    [{ partitions: [{ ...part, firstLba: 33 }] }, /outside/],
    [{ partitions: [{ ...part, lastLba: 99 }] }, /ends before it starts/],
    [{ partitions: [{ ...part, name: 'x'.repeat(37) }] }, /longer than 36/],
    [{ partitions: Array.from({ length: 129 }, () => part) }, /128 partitions/],
    [{ diskSize: 1000 }, /whole number of sectors/],
    [{ diskSize: 20 * 512, partitions: [] }, /too small/],
    [{ diskGuid: 'no-guid' }, /not a UUID/],
  ];
  for (const [change, message] of refused)
    await assert.rejects(writeTo(path, { ...layout, diskSize: 2 ** 20, partitions: [part], ...change }), {
      name: 'RangeError',
      message,
    });
  assert.ok(readFileSync(path).every((byte) => byte === 0));
});
