import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { ImageRef } from '../plan/image-ref.ts';
import { openStore, type Store } from '../store/store.ts';
import { qemuImg, Workshop } from '../store/test-support.ts';
import type { ImageResolver, LocalImage } from './image-resolver.ts';
import { createImageResolver } from './resolver.ts';
import { serve, startServer } from './test-server.ts';

const workshop = new Workshop();
after(() => workshop.remove());

const context = { emit: () => {}, signal: new AbortController().signal };
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function resolverFor(store: Store): ImageResolver {
  return createImageResolver({
    store,
    env: {},
    bootstrap: async ({ distribution, release }) => ({
      path: `/${distribution}/${release}`,
      format: 'raw',
      digest: '',
      virtualSize: 1,
      seeded: true,
    }),
    timing: { stallTimeout: 20_000, retryDelay: 1 },
  });
}

const resolve = (ref: ImageRef, store = workshop.store()): Promise<LocalImage> =>
  resolverFor(store).resolve(ref, context);

test('a file is used where it is, with the format and size that its bytes tell', async () => {
  for (const [format, expected] of [
    ['raw', 'raw'],
    ['qcow2', 'qcow2'],
    ['vmdk', 'vmdk'],
    ['vpc', 'vpc'],
    ['vhdx', 'vhdx'],
    ['vdi', 'vdi'],
    ['qed', 'qed'],
  ] as const) {
    const options = format === 'vpc' ? ['-o', 'force_size=on'] : [];
    const path = workshop.disk('disk', format, ...options);
    assert.deepEqual(await resolve({ kind: 'file', path }), {
      path,
      format: expected,
      digest: sha256(path),
      virtualSize: 8 * 2 ** 20,
      seeded: false,
    });
  }
});

test('an installer medium is known as one', async () => {
  const path = workshop.path('medium');
  execFileSync('xorriso', ['-outdev', path, '-add', workshop.disk('x', 'raw'), '--'], { stdio: 'ignore' });
  assert.equal((await resolve({ kind: 'file', path })).format, 'iso');
});

test('a file is compared with its checksum before it is opened', async () => {
  const path = workshop.disk('disk', 'raw');
  const hex = sha256(path);
  await resolve({ kind: 'file', path, checksum: { kind: 'digest', algorithm: 'sha256', hex } });
  const wrong = { kind: 'digest', algorithm: 'sha256', hex: 'a'.repeat(64) } as const;
  await assert.rejects(resolve({ kind: 'file', path, checksum: wrong }), {
    code: 'checksum-mismatch',
    message: `${path} has the sha256 digest ${hex}, but ${wrong.hex} was asked for`,
  });
  const sums = workshop.path('sums');
  writeFileSync(sums, `${hex}  ${path.split('/').at(-1)}\n`);
  await resolve({ kind: 'file', path, checksum: { kind: 'from', location: sums } });
});

test('a file is read again for its digest only when it changed', async () => {
  const store = workshop.store();
  const path = workshop.disk('first', 'raw');
  const longAgo = new Date(Date.now() - 3_600_000);
  utimesSync(path, longAgo, longAgo);
  const first = await resolve({ kind: 'file', path }, store);
  const notes = () =>
    existsSync(store.layout.downloads)
      ? readdirSync(store.layout.downloads).filter((name) => name.startsWith('digest-'))
      : [];
  // The file has just been changed by utimes: too near to tell it from the next change by its times.
  assert.deepEqual(notes(), []);
  await new Promise((resolve) => setTimeout(resolve, 2100));
  assert.deepEqual(await resolve({ kind: 'file', path }, store), first);
  const [note] = notes();
  const remembered = JSON.parse(readFileSync(join(store.layout.downloads, note!), 'utf8')) as {
    identity: string;
  };
  writeFileSync(
    join(store.layout.downloads, note!),
    JSON.stringify({ ...remembered, digests: { sha256: 'c'.repeat(64) } }),
  );
  assert.equal((await resolve({ kind: 'file', path }, store)).digest, 'c'.repeat(64), 'it is remembered');
  writeFileSync(path, Buffer.concat([Buffer.from('other'), Buffer.alloc(8 * 2 ** 20 - 5)]));
  utimesSync(path, longAgo, longAgo);
  assert.equal((await resolve({ kind: 'file', path }, store)).digest, sha256(path), 'it changed');
});

test('files that cannot be a disk are refused with the reason', async () => {
  const overlay = workshop.path('overlay');
  qemuImg('create', '-q', '-u', '-f', 'qcow2', '-b', '/etc/shadow', '-F', 'raw', overlay, '8M');
  const packed = workshop.path('overlay.zst');
  writeFileSync(packed, execFileSync('zstd', ['-c', overlay]));
  const old = workshop.disk('old', 'qcow');
  const empty = workshop.path('empty');
  writeFileSync(empty, '');
  const tar = workshop.path('disk.tar');
  execFileSync('tar', ['-cf', tar, '-C', workshop.folder, overlay.split('/').at(-1)!]);
  const tarball = workshop.path('disk.tar.gz');
  writeFileSync(tarball, execFileSync('gzip', ['-c', tar]));
  const zip = workshop.path('disk.zip');
  writeFileSync(zip, Buffer.concat([Buffer.from('PK\x03\x04'), randomBytes(1000)]));
  const text = workshop.path('notes.txt');
  writeFileSync(text, 'no disk at all\n');
  const folder = workshop.path('folder');
  mkdirSync(folder);
  const cases: [path: string, code: string, message: RegExp][] = [
    [overlay, 'file-unsafe', /names another file, "\/etc\/shadow", as its backing file/],
    [packed, 'file-unsafe', /names another file/],
    [old, 'unsupported', /qcow version 1/],
    [empty, 'file-unsafe', /is empty/],
    [tar, 'unsupported', /is a tar archive/],
    [tarball, 'unsupported', /is a tar archive/],
    [zip, 'unsupported', /is a zip archive/],
    [text, 'unsupported', /notes\.txt is no disk image/],
    [folder, 'file-missing', /is a folder/],
    [workshop.path('missing'), 'file-missing', /there is no file/],
  ];
  for (const [path, code, message] of cases)
    await assert.rejects(resolve({ kind: 'file', path }), { code, message }, path);
});

test('an image of the store is its top layer', async () => {
  const store = workshop.store();
  const base = await workshop.image(store, 'base', 'base');
  const child = await workshop.childOf(store, base, 'x', 'web');
  await store.putImage({ ...child, seeded: true, user: 'kiln' }, ['web']);
  assert.deepEqual(await resolve({ kind: 'store', reference: 'web' }, store), {
    path: store.diskPath(child),
    format: 'qcow2',
    digest: child.id,
    virtualSize: 8 * 2 ** 20,
    seeded: true,
    user: 'kiln',
  });
  await assert.rejects(resolve({ kind: 'store', reference: 'wep' }, store), {
    code: 'not-found',
    hint: 'did you mean "web"?',
  });
  rmSync(store.diskPath(child));
  await assert.rejects(resolve({ kind: 'store', reference: 'web' }, store), { code: 'store-corrupt' });
});

test("distributions are somebody else's, and a blank disk is nobody's", async () => {
  const image = await resolve({ kind: 'distribution', distribution: 'debian', release: '12' });
  assert.equal(image.path, '/debian/12');
  await assert.rejects(resolve({ kind: 'empty' }), { code: 'internal' });
});

test('a download that fills the disk says where', {
  skip: process.getuid?.() === 0 ? false : 'only root may mount a small filesystem',
}, async () => {
  const home = workshop.path('small');
  mkdirSync(home);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', home]);
  const content = randomBytes(4 << 20);
  const server = await startServer((request, response) =>
    serve(request, response, { content, etag: '"v1"' }),
  );
  try {
    const store = openStore(home);
    const image = { kind: 'url', urls: [`${server.origin}/disk.img`], checksum: { kind: 'none' } } as const;
    await assert.rejects(resolve(image, store), { code: 'disk-full', message: new RegExp(home) });
    assert.deepEqual(readdirSync(store.layout.locks), []);
    assert.ok(server.requests.length === 1, 'it is not tried again');
    await store.prune({ downloadsUnusedFor: 0 });
    assert.deepEqual(readdirSync(store.layout.downloads), []);
  } finally {
    await server.close();
    execFileSync('umount', [home]);
  }
});
