import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../../store/store.ts';
import { startTestService, type TestService } from '../testing/test-service.ts';
import { openGallery } from './open-gallery.ts';
import type { PublishRequest } from './publishing.ts';
import { definition, gallery, group, makeGallery, makeImage, makeRun } from './testing/test-gallery.ts';

/** A gallery of its own, with a region beside the service's store, and somebody who may publish. */
async function scene(service: TestService) {
  await makeGallery(service);
  const west = await mkdtemp(join(tmpdir(), 'kiln-west-'));
  const { context } = service.service;
  const { publishing } = openGallery(context, { regions: new Map([['northeurope', west]]) });
  const { caller } = await service.person('publisher');
  const request = async (more: Partial<PublishRequest> = {}): Promise<PublishRequest> => ({
    runId: more.runId ?? (await makeRun(context)),
    runOutputName: 'out',
    fence: 1,
    target: { type: 'SharedImage', galleryImageId: definition },
    identity: caller,
    location: 'westeurope',
    image: 'test',
    home: service.home,
    sources: [],
    tags: {},
    signal: new AbortController().signal,
    ...more,
  });
  return {
    ...{ context, publishing, caller, request, west },
    [Symbol.asyncDispose]: () => rm(west, { recursive: true, force: true }),
  };
}

test('twenty that publish at once get twenty numbers, and each again what it got', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const image = `sha256:${await makeImage(service.home, 'many')}`;
  const requests = await Promise.all(Array.from({ length: 20 }, () => s.request({ image })));
  const published = await Promise.all(requests.map((one) => s.publishing.publish(one)));
  const versions = published.map(({ artifactId }) => artifactId?.split('/').at(-1));
  assert.deepEqual(
    versions.toSorted((a, b) => Number(a?.split('.')[2]) - Number(b?.split('.')[2])),
    Array.from({ length: 20 }, (_, index) => `0.0.${index + 1}`),
  );
  const again = await Promise.all(requests.map((one) => s.publishing.publish(one)));
  assert.deepEqual(again, published);
  const rows = await s.context.database.selectFrom('image_versions').select('state').execute();
  assert.equal(rows.length, 20);
  assert.ok(rows.every(({ state }) => state === 'Succeeded'));
});

test('one output that is published several times at once is published once', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const image = `sha256:${await makeImage(service.home, 'once')}`;
  const request = await s.request({ image });
  const all = await Promise.all(Array.from({ length: 5 }, () => s.publishing.publish(request)));
  assert.equal(new Set(all.map(({ artifactId }) => artifactId)).size, 1);
  const rows = await s.context.database.selectFrom('image_versions').select(['name', 'digest']).execute();
  assert.equal(rows.length, 1);
  const { images } = await openStore(service.home).prune({ dryRun: true });
  assert.ok(!images.includes(rows[0]!.digest!), 'the image is kept');
});

test('who has lost the run publishes nothing, and leaves nothing in any store', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const image = `sha256:${await makeImage(service.home, 'zombie')}`;
  const request = await s.request({ image, runId: await makeRun(s.context, 2) });
  await assert.rejects(() => s.publishing.publish(request), { code: 'LeaseLost' });
  assert.deepEqual(await s.context.database.selectFrom('publications').selectAll().execute(), []);
  const listed = await openStore(service.home).listImages();
  assert.ok(listed.every(({ references }) => references.every((name) => !name.startsWith('service/'))));
});

test('an identity that may not publish there is refused', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const { caller } = await service.person('publisher', `${gallery}/images/other`);
  const image = `sha256:${await makeImage(service.home, 'refused')}`;
  await assert.rejects(async () => s.publishing.publish(await s.request({ image, identity: caller })), {
    status: 403,
    code: 'AuthorizationFailed',
  });
});

test('numbers follow the versioning of the target', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const image = `sha256:${await makeImage(service.home, 'numbers')}`;
  const publish = async (more: Record<string, unknown>, sources: readonly string[] = []) => {
    const target = { type: 'SharedImage', galleryImageId: definition, ...more };
    const { artifactId } = await s.publishing.publish(await s.request({ image, target, sources }));
    return artifactId?.split('/').at(-1);
  };
  for (const version of ['1.0.0', '1.3.2', '2.0.0'])
    assert.equal(await publish({ galleryImageId: `${definition}/versions/${version}` }), version);
  assert.equal(await publish({ versioning: { scheme: 'Latest', major: -1 } }), '2.0.1');
  assert.equal(await publish({ versioning: { scheme: 'Latest', major: 1 } }), '1.3.3');
  assert.equal(await publish({ versioning: { scheme: 'Source' } }, ['debian/12', '22.4.7']), '22.4.7');
  assert.equal(await publish({ versioning: { scheme: 'Source' } }, ['debian/12', '22.4.7']), '22.4.8');
  await assert.rejects(() => publish({ galleryImageId: `${definition}/versions/2.0.0` }), {
    code: 'Conflict',
  });
});

test('a version is in all of its regions when it is there at all', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const digest = await makeImage(service.home, 'regions');
  const target = {
    type: 'SharedImage',
    galleryImageId: definition,
    targetRegions: [{ name: 'westeurope' }, { name: 'North Europe', replicaCount: 2 }],
  };
  await s.publishing.publish(await s.request({ image: `sha256:${digest}`, target }));
  const store = openStore(s.west);
  assert.deepEqual(await store.verify(`sha256:${digest}`), []);
  assert.equal((await store.prune()).images.length, 0);
});

test('managed images are replaced under their name, and disks have an address', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const imageId = `${group}/providers/Microsoft.Compute/images/golden`;
  const target = { type: 'ManagedImage', imageId, location: 'westeurope' };
  for (const text of ['first', 'second']) {
    const image = `sha256:${await makeImage(service.home, text)}`;
    assert.deepEqual(await s.publishing.publish(await s.request({ image, target })), { artifactId: imageId });
  }
  const rows = await s.context.database.selectFrom('managed_images').select('digest').execute();
  assert.equal(rows.length, 1);
  const source = { type: 'ManagedImage', imageId };
  assert.equal((await s.publishing.resolveSource(source, s.caller)).digest, rows[0]?.digest);
  const image = `sha256:${rows[0]?.digest}`;
  const disk = await s.publishing.publish(await s.request({ image, target: { type: 'VHD' } }));
  assert.match(disk.artifactUri ?? '', /^\/api\/v1\/disks\/[0-9a-f-]{36}\/out\.vhd$/);
});

test('images of the marketplace are what the catalogue says', async () => {
  await using service = await startTestService();
  await using s = await scene(service);
  const source = { type: 'PlatformImage', publisher: 'Debian', offer: 'debian-12', sku: '12-gen2' };
  const resolved = await s.publishing.resolveSource({ ...source, version: 'latest' }, s.caller);
  assert.equal(resolved.image, 'debian/12');
  await assert.rejects(() => s.publishing.resolveSource({ ...source, publisher: 'nobody' }, s.caller), {
    code: 'BadPIRSource',
  });
});
