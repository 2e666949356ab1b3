import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inflateRawSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import { randomDisk } from '../testing/random-disk.ts';
import { deflateRawWith, deflateWith, zstdWith } from './compression.ts';
import { CompressionThreads } from './compression-threads.ts';
import { Compressor } from './compressor.ts';

const unit = 4096;
const kinds = [
  ['deflate', deflateWith(6, unit), inflateSync],
  ['raw deflate', deflateRawWith(6, 12, unit), inflateRawSync],
  ['zstd', zstdWith(3, unit), zstdDecompressSync],
] as const;

test('a unit comes to the same bytes in a thread as in the pool, and back to what it was', async () => {
  const units = new Uint8Array(64 * unit);
  await randomDisk({ seed: 3, size: units.length, areas: 30, largest: 9000 }).open().read(units, 0);
  for (const [name, compression, decompress] of kinds) {
    const compressor = new Compressor(compression, unit);
    const threads = new CompressionThreads(compression, unit);
    const inPool = await compressor.compress(units);
    const inThreads = await Promise.all([threads.compress(units.subarray(0, unit)), threads.compress(units)]);
    await Promise.all([compressor.close(), threads.close()]);
    assert.equal(inPool.length, 64);
    for (const [index, packed] of inPool.entries()) {
      const original = units.subarray(index * unit, (index + 1) * unit);
      assert.ok(Buffer.from(inThreads[1][index]!).equals(packed), `${name}, unit ${index}`);
      assert.ok(decompress(packed).equals(original), `${name}, unit ${index}`);
    }
    assert.ok(Buffer.from(inThreads[0][0]!).equals(inPool[0]!));
  }
});

test('work that is under way when threads are ended fails, and does not wait for ever', async () => {
  const threads = new CompressionThreads(zstdWith(19, 1 << 20), 1 << 20);
  const work = threads.compress(new Uint8Array(8 << 20).fill(7));
  const refused = assert.rejects(work, /ended before its work was done/);
  await threads.close();
  await refused;
});
