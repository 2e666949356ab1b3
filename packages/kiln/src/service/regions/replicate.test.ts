import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { layerPath, storeLayout } from '../../store/home.ts';
import { openStore } from '../../store/store.ts';
import { makeChild, makeImage } from '../gallery/testing/test-gallery.ts';
import { ImageBytes } from './image-bytes.ts';
import { parseRegion, Regions } from './regions.ts';
import { replicate } from './replicate.ts';
import { SoundLayers } from './sound-layers.ts';

async function homes(t: TestContext, ...names: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-regions-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const made = names.map((name) => join(folder, name));
  for (const home of made) await openStore(home).prune();
  return made;
}

/** Changes one byte of a layer, and nothing of its size. */
async function damage(home: string, digest: string): Promise<void> {
  const path = layerPath(storeLayout(home), digest);
  await chmod(path, 0o644);
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
  await writeFile(path, bytes);
}

const usual = { references: ['kept:1'], sound: new SoundLayers() };

test('only layers that a region lacks are copied, and progress is theirs', async (t) => {
  const [own = '', west = ''] = await homes(t, 'own', 'west');
  const base = await makeImage(own, 'base');
  const child = await makeChild(own, base, 'c');
  const first = await replicate({ ...usual, from: [own], to: west, digest: base });
  assert.equal(first.copiedBytes, first.bytes);
  const seen: number[] = [];
  const second = await replicate({
    ...{ ...usual, from: [own], to: west, digest: child },
    onProgress: (done, total) => seen.push(done / total),
  });
  assert.equal(second.copiedBytes, second.bytes - first.bytes);
  assert.equal(seen[0], first.bytes / second.bytes);
  assert.equal(seen.at(-1), 1);
  assert.deepEqual(await openStore(west).verify(`sha256:${child}`), []);
  const third = await replicate({ ...usual, from: [own], to: west, digest: child });
  assert.equal(third.copiedBytes, 0);
});

test('a damaged layer is noticed by its digest, and copied again from another region', async (t) => {
  const [own = '', west = ''] = await homes(t, 'own', 'west');
  const digest = await makeImage(own, 'damaged');
  const bytes = new ImageBytes(new Regions(own, new Map([['west', west]])));
  await bytes.keep(digest, { pin: 'kept:1', location: 'west' });
  await damage(west, digest);
  const { store, record } = await bytes.whole(digest, 'west');
  assert.equal(store.home, west);
  assert.deepEqual(await store.verify(`sha256:${record.id}`), []);
});

test('an image whose layer is sound nowhere is not served', async (t) => {
  const [own = '', west = ''] = await homes(t, 'own', 'west');
  const digest = await makeImage(own, 'lost');
  const bytes = new ImageBytes(new Regions(own, new Map([['west', west]])));
  await bytes.keep(digest, { pin: 'kept:1', location: 'west' });
  await damage(west, digest);
  await rm(layerPath(storeLayout(own), digest), { force: true });
  await assert.rejects(() => bytes.whole(digest, 'west'), { status: 409, code: 'ImageDamaged' });
});

test('a copy that is cancelled leaves nothing', async (t) => {
  const [own = '', west = ''] = await homes(t, 'own', 'west');
  const digest = await makeImage(own, 'cancelled');
  const signal = AbortSignal.abort();
  await assert.rejects(() => replicate({ ...usual, from: [own], to: west, digest, signal }), {
    code: 'cancelled',
  });
  assert.deepEqual((await openStore(west).listImages()).length, 0);
});

test('locations without a store are the own one, however they are written', () => {
  const regions = new Regions('/own', new Map([parseRegion('West Europe=/west')]));
  assert.equal(regions.homeOf('westeurope'), '/west');
  assert.equal(regions.homeOf('WestEurope'), '/west');
  assert.equal(regions.homeOf('eastus'), '/own');
  assert.deepEqual(regions.names(), ['local', 'westeurope']);
  assert.throws(() => parseRegion('nothing'), { code: 'bad-usage' });
});
