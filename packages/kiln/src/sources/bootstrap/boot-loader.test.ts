import assert from 'node:assert/strict';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { embedBiosGrub } from './boot-loader.ts';

test('GRUB is embedded with its two addresses, and the partition table stays', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-grub-'));
  const disk = await open(join(folder, 'disk'), 'w+');
  try {
    const table = Buffer.alloc(72, 0xab);
    await disk.write(table, 0, 72, 440);
    await embedBiosGrub(disk, Buffer.alloc(512, 0x11), Buffer.alloc(1300, 0x22), 34);
    const first = Buffer.alloc(512);
    await disk.read(first, 0, 512, 0);
    assert.equal(first[0], 0x11);
    assert.equal(first.readBigUInt64LE(0x5c), 34n);
    assert.deepEqual(first.subarray(440), table);
    const core = Buffer.alloc(3 * 512);
    await disk.read(core, 0, core.length, 34 * 512);
    assert.equal(core.readBigUInt64LE(0x1f4), 35n);
    assert.equal(core.readUInt16LE(0x1fc), 2);
    assert.equal(core[1299], 0x22);
    assert.equal(core[1300], 0);
  } finally {
    await disk.close();
    await rm(folder, { recursive: true, force: true });
  }
});
