import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runOrFail } from '../../base/processes.ts';
import { storeSecretKey } from './secret-key.ts';

const root = await mkdtemp(join(tmpdir(), 'kiln-secret-key-'));
after(() => rm(root, { recursive: true, force: true }));

test('a store has one key, which nobody else may read', async () => {
  const home = join(root, 'one');
  const key = await storeSecretKey(home);
  assert.match(key, /^[0-9a-f]{64}$/);
  assert.equal(await storeSecretKey(home), key);
  assert.notEqual(await storeSecretKey(join(root, 'two')), key);
  const path = join(home, 'checkpoints', 'secret-key');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.equal((await stat(join(home, 'checkpoints'))).mode & 0o777, 0o700);
  assert.equal(await readFile(path, 'utf8'), key);
});

test('all that make it at the same time get the same one, in one process and in several', async () => {
  const home = join(root, 'many');
  const program = `
    const { storeSecretKey } = await import(${JSON.stringify(new URL('./secret-key.ts', import.meta.url).href)});
    const keys = await Promise.all(Array.from({ length: 10 }, () => storeSecretKey(${JSON.stringify(home)})));
    console.log(keys.join('\\n'));
  `;
  const runs = await Promise.all(
    Array.from({ length: 4 }, () => runOrFail(process.execPath, ['--input-type=module', '-e', program])),
  );
  const keys = runs.flatMap(({ stdout }) => stdout.trim().split('\n'));
  assert.equal(keys.length, 40);
  assert.equal(new Set(keys).size, 1);
  assert.deepEqual(await readdir(join(home, 'checkpoints')), ['secret-key']);
});

test('a key that a power failure has emptied or cut off is made anew', async () => {
  for (const left of ['', '0123']) {
    const home = join(root, `cut-${left.length}`);
    await mkdir(join(home, 'checkpoints'), { recursive: true });
    await writeFile(join(home, 'checkpoints', 'secret-key'), left);
    const key = await storeSecretKey(home);
    assert.match(key, /^[0-9a-f]{64}$/);
    assert.equal(await storeSecretKey(home), key);
    assert.equal((await stat(join(home, 'checkpoints', 'secret-key'))).mode & 0o777, 0o600);
  }
});
