import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crc32 } from './crc32.ts';

test('the check value of CRC-32 comes out, in one piece and in two', () => {
  const text = new TextEncoder().encode('123456789');
  assert.equal(crc32(text), 0xcbf43926);
  assert.equal(crc32(text.subarray(4), crc32(text.subarray(0, 4))), 0xcbf43926);
});
