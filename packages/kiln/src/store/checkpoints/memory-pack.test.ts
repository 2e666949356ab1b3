import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { digestFile } from '../../base/files.ts';
import { packMemory, unpackMemory } from './memory-pack.ts';

const size = 64 * 2 ** 20;
let folder: string;
let memory: string;
let state: string;
let pack: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kiln-pack-'));
  [memory, state, pack] = [join(folder, 'memory'), join(folder, 'state'), join(folder, 'pack')];
  const file = await open(memory, 'w');
  await file.truncate(size);
  await file.write(randomBytes(100_000), 0, 100_000, 0);
  await file.write(Buffer.alloc(3_000_000, 'words '), 0, 3_000_000, 20 * 2 ** 20 + 777);
  await file.write(Buffer.from('end'), 0, 3, size - 3);
  await file.close();
  await writeFile(state, randomBytes(5000));
});
after(() => rm(folder, { recursive: true, force: true }));

async function emptyMemory(name: string, bytes = size): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, '');
  await truncate(path, bytes);
  return path;
}

test('what was packed comes back byte for byte, and zeros take no room', async () => {
  const packed = await packMemory({ memory, state }, pack);
  assert.equal(packed.digest, await digestFile(pack));
  assert.equal(packed.bytes, (await stat(pack)).size);
  assert.ok(packed.bytes < 200_000, `${packed.bytes} bytes`);
  assert.equal((await stat(pack)).mode & 0o777, 0o600);
  const back = await emptyMemory('back');
  assert.deepEqual(await unpackMemory(pack, back), await readFile(state));
  assert.deepEqual(await readFile(back), await readFile(memory));
  assert.ok((await stat(back)).blocks * 512 < 5 * 2 ** 20);
});

test('the same memory gives the same file', async () => {
  const again = join(folder, 'again');
  await packMemory({ memory, state }, again);
  assert.equal(await digestFile(again), await digestFile(pack));
});

test('a pack that is damaged or cut off anywhere is refused', async () => {
  const good = await readFile(pack);
  const bad = join(folder, 'bad');
  const target = await emptyMemory('target');
  for (const at of [10, 50_000, good.length >> 1, good.length - 40, good.length - 10, good.length - 2]) {
    const bytes = Buffer.from(good);
    bytes[at]! ^= 0xff;
    await writeFile(bad, bytes);
    await assert.rejects(unpackMemory(bad, target), { code: 'store-corrupt' }, `byte ${at}`);
    await writeFile(bad, good.subarray(0, at));
    await assert.rejects(unpackMemory(bad, target), { code: 'store-corrupt' }, `cut at ${at}`);
  }
});

test('memory of another size is refused', async () => {
  const other = await emptyMemory('other', size / 2);
  await assert.rejects(unpackMemory(pack, other), { code: 'store-corrupt', message: /67108864 bytes/ });
});

test('an existing file is not overwritten', async () => {
  const taken = join(folder, 'taken');
  await copyFile(state, taken);
  await assert.rejects(packMemory({ memory, state }, taken), { code: 'EEXIST' });
});
