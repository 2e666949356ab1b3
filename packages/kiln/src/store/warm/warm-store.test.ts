import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { layerPath, storeLayout } from '../home.ts';
import { pruneWarm } from './prune-warm.ts';
import { findWarm, keepWarm, listWarm, newWarmFolder, noteUnfit, unfitReason } from './warm-store.ts';

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-warm-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function keep(home: string, key: string, bytes: number, image = 'image'): Promise<void> {
  const files = await newWarmFolder(home, key);
  await writeFile(files.memory, Buffer.alloc(bytes, 1), { mode: 0o600 });
  await keepWarm(
    home,
    {
      schema: 1,
      key,
      createdAt: new Date().toISOString(),
      image: { id: image, description: 'debian/12' },
      machine: '1 processor, 512 MB',
      mac: '52:54:00:00:00:01',
      hostKeys: ['ed25519'],
    },
    files,
  );
}

async function storeWithImage(home: string): Promise<void> {
  await mkdir(storeLayout(home).layers, { recursive: true });
  await writeFile(layerPath(storeLayout(home), 'image'), '');
}

const keys = ['a', 'b', 'c'].map((letter) => letter.repeat(64));

test('a kept machine is found by its key, and only its owner can read it', async (t) => {
  const home = await temporaryFolder(t);
  assert.equal(await findWarm(home, keys[0]!), undefined);
  await keep(home, keys[0]!, 1000);
  const found = await findWarm(home, keys[0]!);
  assert.equal(found?.record.key, keys[0]);
  assert.equal((await stat(found!.files.folder)).mode & 0o777, 0o700);
  assert.equal((await stat(found!.files.record)).mode & 0o777, 0o600);
});

test('one that is kept twice stays as it was, and nothing else is left', async (t) => {
  const home = await temporaryFolder(t);
  await keep(home, keys[0]!, 1000);
  await keep(home, keys[0]!, 5000);
  assert.deepEqual(await readdir(storeLayout(home).warm), [keys[0]]);
  assert.equal((await stat((await findWarm(home, keys[0]!))!.files.memory)).size, 1000);
});

test('the longest unused go first, then those whose image is gone', async (t) => {
  const home = await temporaryFolder(t);
  await storeWithImage(home);
  for (const [age, key] of keys.entries()) {
    await keep(home, key, 100_000);
    const past = new Date(Date.now() - age * 3_600_000);
    await utimes(join(storeLayout(home).warm, key, 'record.json'), past, past);
  }
  const would = await pruneWarm(home, { maxBytes: 250_000, dryRun: true });
  assert.deepEqual(would.removed, [keys[2]]);
  assert.equal((await listWarm(home)).length, 3);
  await pruneWarm(home, { maxBytes: 250_000 });
  assert.deepEqual(
    (await listWarm(home)).map(({ record }) => record.key),
    keys.slice(0, 2),
  );
  await keep(home, keys[2]!, 10, 'gone');
  const { removed } = await pruneWarm(home, { maxBytes: 1_000_000 });
  assert.deepEqual(removed, [keys[2]]);
});

test('that a kind of machine cannot be kept is remembered with the reason', async (t) => {
  const home = await temporaryFolder(t);
  assert.equal(await unfitReason(home, keys[0]!), undefined);
  await noteUnfit(home, keys[0]!, 'no agent');
  assert.equal(await unfitReason(home, keys[0]!), 'no agent');
});
