import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { acquireLock } from '../base/locks.ts';
import { kilnVersion } from '../base/version.ts';
import { downloadLock } from './prune-downloads.ts';
import { indexLock } from './prune-indexes.ts';
import { Run } from './run.ts';
import type { Store } from './store.ts';
import { recordOf, Workshop } from './test-support.ts';

const workshop = new Workshop();
after(() => workshop.remove());

const layers = (store: Store) => readdirSync(store.layout.layers).map((name) => name.slice(0, 64));

/** What the end of this process would do: its claims on layers without an image are gone. */
function forgetClaims(store: Store): void {
  for (const name of readdirSync(store.layout.pins))
    if (name.startsWith('process-')) rmSync(join(store.layout.pins, name));
}

test('images without a name go with the layers that nobody else has, and only those', async () => {
  const store = workshop.store();
  const base = await workshop.image(store, 'base', 'base');
  const kept = await workshop.childOf(store, base, 'k', 'web');
  const old = await workshop.childOf(store, base, 'o', 'web:old');
  await store.untag('web:old');
  const would = await store.prune({ dryRun: true });
  assert.deepEqual([would.images, would.layers, would.downloads], [[old.id], [old.id], []]);
  assert.ok(would.bytes > 0);
  assert.equal(layers(store).length, 3);
  assert.deepEqual(await store.prune(), would);
  assert.deepEqual(layers(store).sort(), [base.id, kept.id].sort());
  await store.untag('base');
  const nothing = await store.prune();
  assert.deepEqual([nothing.images, nothing.layers, nothing.bytes], [[], [], 0]);
  assert.equal((await store.listImages()).length, 2, 'the base of a named image stays known');
  const all = await store.prune({ keepTagged: false });
  assert.equal(all.images.length, 2);
  assert.deepEqual(layers(store), []);
  assert.deepEqual(readdirSync(store.layout.tags), []);
});

test('a removed image leaves no key behind', async () => {
  const store = workshop.store();
  const layer = await store.addLayer({ diskPath: workshop.disk('keyed'), move: true });
  const key = 'b'.repeat(64);
  await store.putImage(recordOf(layer, { provenance: { kilnVersion, made: 'test', key } }));
  forgetClaims(store);
  await store.prune();
  assert.deepEqual(readdirSync(store.layout.keys), []);
});

test('what a machine or a running command uses stays, until it is gone', async () => {
  const store = workshop.store();
  const run = await Run.open(store.home);
  const image = await workshop.image(store, 'used', 'web');
  await store.pin({ kind: 'run', id: run.id }, image.id);
  mkdirSync(join(store.layout.machines, 'abcd'), { recursive: true });
  await store.pin({ kind: 'machine', id: 'abcd' }, image.id);
  assert.deepEqual((await store.prune({ keepTagged: false })).images, []);
  await run.close();
  assert.deepEqual((await store.prune({ keepTagged: false })).images, []);
  await store.unpin({ kind: 'machine', id: 'abcd' });
  assert.deepEqual((await store.prune({ keepTagged: false })).images, [image.id]);
  assert.deepEqual(readdirSync(store.layout.pins), []);
});

test('what the disks of a failed build stand on stays for as long as somebody keeps them', async () => {
  const store = workshop.store();
  const run = await Run.open(store.home);
  const image = await workshop.image(store, 'base of kept', 'web');
  await store.pin({ kind: 'run', id: run.id }, image.id);
  const folder = join(store.home, 'kept', `${run.id}-web`);
  mkdirSync(folder, { recursive: true });
  await store.pinForFolder(run.id, folder);
  await run.close();
  assert.deepEqual((await store.prune({ keepTagged: false })).images, []);
  await assert.rejects(store.removeImage('web'), {
    code: 'locked',
    message: `the image web is used by the disks in ${folder}`,
  });
  rmSync(folder, { recursive: true });
  assert.deepEqual((await store.prune({ keepTagged: false })).images, [image.id]);
});

test('an image that is gone cannot be pinned', async () => {
  const store = workshop.store();
  await assert.rejects(store.pin({ kind: 'machine', id: 'abcd' }, 'a'.repeat(64)), { code: 'not-found' });
});

test('layers that a living process is making an image of stay; those of a dead one go', async () => {
  const store = workshop.store();
  const script = `
    const { openStore } = await import(${JSON.stringify(new URL('./store.ts', import.meta.url).href)});
    const [home, diskPath] = process.argv.slice(1);
    console.log((await openStore(home).addLayer({ diskPath, move: true })).digest);
    setInterval(() => {}, 1000);
  `;
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, store.home, workshop.disk('theirs')],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const digest = await new Promise<string>((resolve) =>
    child.stdout.once('data', (line: Buffer) => resolve(line.toString().trim())),
  );
  assert.deepEqual((await store.prune()).layers, []);
  child.kill('SIGKILL');
  await new Promise((resolve) => child.once('close', resolve));
  assert.deepEqual((await store.prune()).layers, [digest]);
});

function makeDownload(store: Store, key: string, daysAgo: number, size = 100_000): void {
  mkdirSync(store.layout.downloads, { recursive: true });
  const when = new Date(Date.now() - daysAgo * 86_400_000);
  for (const [name, bytes] of [
    [`${key}.data`, size],
    [`${key}.json`, 2],
  ] as const) {
    const path = join(store.layout.downloads, name);
    writeFileSync(path, Buffer.alloc(bytes, 'x'));
    utimesSync(path, when, when);
  }
}

const downloads = (store: Store) =>
  readdirSync(store.layout.downloads).filter((name) => name.endsWith('.data'));

test('downloads go when they were not used for long, or when there are too many', async () => {
  const store = workshop.store();
  makeDownload(store, 'old', 40);
  makeDownload(store, 'recent', 10);
  makeDownload(store, 'new', 1);
  const { downloads: gone, bytes } = await store.prune();
  assert.deepEqual(gone, ['old.data', 'old.json']);
  assert.ok(bytes >= 100_000);
  assert.deepEqual((await store.prune({ downloadsMaxBytes: 150_000 })).downloads, [
    'recent.data',
    'recent.json',
  ]);
  await store.prune({ downloadsUnusedFor: 0 });
  assert.deepEqual(downloads(store), []);
});

test('a download that is pinned or just being made stays', async () => {
  const store = workshop.store();
  makeDownload(store, 'pinned', 40);
  makeDownload(store, 'busy', 40);
  mkdirSync(join(store.layout.machines, 'abcd'), { recursive: true });
  const owner = { kind: 'machine', id: 'abcd' } as const;
  await store.pinLocal(owner, { path: join(store.layout.downloads, 'pinned.data'), digest: 'a'.repeat(64) });
  await store.pinLocal(owner, { path: join(workshop.folder, 'elsewhere'), digest: 'a'.repeat(64) });
  const lock = await acquireLock(downloadLock(store.layout, 'busy'), { what: 'busy' });
  await store.prune({ downloadsUnusedFor: 0 });
  assert.deepEqual(downloads(store), ['busy.data', 'pinned.data']);
  await lock.release();
  await store.unpin(owner);
  await store.prune({ downloadsUnusedFor: 0 });
  assert.deepEqual(downloads(store), []);
});

test('many commands at once lose no image and leave no stray file', async () => {
  const store = workshop.store();
  const script = `
    const { openStore } = await import(${JSON.stringify(new URL('./store.ts', import.meta.url).href)});
    const { recordOf } = await import(${JSON.stringify(new URL('./test-support.ts', import.meta.url).href)});
    const [home, ...disks] = process.argv.slice(1);
    const store = openStore(home);
    for (const diskPath of disks) {
      const layer = await store.addLayer({ diskPath, move: false });
      await store.prune();
      await store.putImage(recordOf(layer), ['own' + process.pid + ':' + disks.indexOf(diskPath), 'shared']);
      await store.getImage('shared');
    }
  `;
  const disks = [workshop.disk('one'), workshop.disk('two'), workshop.disk('three')];
  const codes = await Promise.all(
    Array.from({ length: 4 }, (_, index) => {
      // Every process adds the same disks in another order.
      const order = disks.map((_, at) => disks[(at + index) % disks.length]!);
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, store.home, ...order], {
        stdio: 'inherit',
      });
      return new Promise((resolve) => child.once('close', resolve));
    }),
  );
  assert.deepEqual(codes, [0, 0, 0, 0]);
  const images = await store.listImages();
  assert.equal(images.length, 3);
  assert.equal(images.flatMap((image) => image.references).length, 4 * 3 + 1);
  assert.deepEqual(await store.verify(), []);
  for (const folder of [store.layout.runs, store.layout.locks, store.layout.pins])
    assert.deepEqual(readdirSync(folder), [], folder);
  assert.ok(existsSync(store.layout.layers));
});

test('indexes of packages go when they were not used for long, unless somebody is at them', async () => {
  const store = workshop.store();
  for (const [id, daysAgo] of [
    ['old', 40],
    ['new', 1],
    ['busy', 40],
  ] as const) {
    const folder = join(store.layout.apt, id);
    mkdirSync(join(folder, 'lists'), { recursive: true });
    writeFileSync(join(folder, 'lists', 'Packages'), 'x'.repeat(100_000));
    const when = new Date(Date.now() - daysAgo * 86_400_000);
    utimesSync(folder, when, when);
  }
  const lock = await acquireLock(indexLock(store.layout, 'busy'), { what: 'busy' });
  const would = await store.prune({ dryRun: true });
  assert.deepEqual(would.indexes, ['apt/old']);
  assert.ok(would.bytes >= 100_000);
  assert.deepEqual((await store.prune()).indexes, ['apt/old']);
  assert.deepEqual(readdirSync(store.layout.apt), ['busy', 'new']);
  await lock.release();
  assert.deepEqual((await store.prune()).indexes, ['apt/busy']);
});
