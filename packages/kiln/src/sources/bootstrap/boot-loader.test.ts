import assert from 'node:assert/strict';
import { test } from 'node:test';
import { biosGrub } from './boot-loader.ts';

test('GRUB gets its two addresses, and stays off the partition table', () => {
  const { bootCode, partition } = biosGrub(Buffer.alloc(512, 0x11), Buffer.alloc(1300, 0x22), 34);
  assert.equal(bootCode.length, 440);
  assert.equal(bootCode[0], 0x11);
  assert.equal(Buffer.from(bootCode).readBigUInt64LE(0x5c), 34n);
  const core = Buffer.from(partition);
  assert.equal(core.length, 3 * 512);
  assert.equal(core.readBigUInt64LE(0x1f4), 35n);
  assert.equal(core.readUInt16LE(0x1fc), 2);
  assert.equal(core[1299], 0x22);
  assert.equal(core[1300], 0);
});
