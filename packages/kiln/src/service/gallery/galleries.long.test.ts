import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { ComputeManagementClient } from '@azure/arm-compute';
import type { TokenCredential } from '@azure/core-auth';
import type { Caller } from '../access/caller.ts';
import { startTestService, type TestService } from '../testing/test-service.ts';
import {
  codeOf,
  compute,
  definition,
  definitionBody,
  followed,
  gallery,
  group,
  makeGallery,
  makeImage,
  makeRun,
} from './testing/test-gallery.ts';

type Body = Record<string, unknown>;

function clientOf(service: TestService, token = service.admin): ComputeManagementClient {
  const credential: TokenCredential = {
    getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return new ComputeManagementClient(credential, '0a1b2c3d-0000-4000-8000-000000000001', {
    endpoint: service.origin,
    tlsOptions: { ca: service.authority },
    retryOptions: { maxRetries: 0 },
  });
}

async function upload(service: TestService, caller: Caller, digest: string): Promise<string> {
  const id = randomUUID();
  await service.service.context.database
    .insertInto('uploads')
    .values({
      ...{ id, owner: caller.id, name: 'disk', digest, virtual_size: 1, bytes: 1 },
      ...{ pin: `service/${digest.slice(0, 32)}:pin`, created_at: new Date() },
    })
    .execute();
  return `/api/v1/uploads/${id}`;
}

test('the npm client makes a gallery, an image and a version of it, reads, changes and deletes them', async () => {
  await using service = await startTestService();
  const { caller, token } = await service.person('owner');
  const client = clientOf(service, token);
  const wait = { updateIntervalInMs: 20 };
  const made = await client.galleries.createOrUpdate(
    'team',
    'shared',
    { location: 'westeurope', description: 'ours', tags: { a: 'b' } },
    wait,
  );
  assert.equal(made.provisioningState, 'Succeeded');
  assert.equal(made.identifier?.uniqueName, '0a1b2c3d-0000-4000-8000-000000000001-SHARED');
  const image = await client.galleryImages.createOrUpdate(
    'team',
    'shared',
    'web',
    {
      location: 'westeurope',
      osType: 'Linux',
      osState: 'Generalized',
      identifier: { publisher: 'team', offer: 'web', sku: 'one' },
    },
    wait,
  );
  assert.equal(image.hyperVGeneration, 'V2');
  assert.equal(image.features?.[0]?.value, 'TrustedLaunchSupported');
  const source = await upload(service, caller, await makeImage(service.home, 'first'));
  const version = await client.galleryImageVersions.createOrUpdate(
    ...(['team', 'shared', 'web', '1.0.0'] as const),
    {
      location: 'westeurope',
      publishingProfile: { targetRegions: [{ name: 'West Europe' }, { name: 'northeurope' }] },
      storageProfile: { source: { id: source } },
    },
    wait,
  );
  assert.equal(version.provisioningState, 'Succeeded');
  assert.ok(version.publishingProfile?.publishedDate);
  const expanded = await client.galleryImageVersions.get('team', 'shared', 'web', '1.0.0', {
    expand: 'ReplicationStatus',
  });
  assert.equal(expanded.replicationStatus?.aggregatedState, 'Completed');
  assert.deepEqual(
    expanded.replicationStatus?.summary?.map(({ region, progress }) => [region, progress]),
    [
      ['West Europe', 100],
      ['northeurope', 100],
    ],
  );
  const updated = await client.galleryImageVersions.update(
    ...(['team', 'shared', 'web', '1.0.0'] as const),
    { publishingProfile: { excludeFromLatest: true }, tags: { c: 'd' } },
    wait,
  );
  assert.equal(updated.publishingProfile?.excludeFromLatest, true);
  const names: string[] = [];
  for await (const one of client.galleryImageVersions.listByGalleryImage('team', 'shared', 'web'))
    names.push(String(one.name));
  for await (const one of client.galleries.list()) names.push(String(one.name));
  for await (const one of client.galleryImages.listByGallery('team', 'shared')) names.push(String(one.name));
  assert.deepEqual(names, ['1.0.0', 'shared', 'web']);
  await assert.rejects(() => client.galleries.delete('team', 'shared', wait), {
    code: 'CannotDeleteResource',
  });
  await client.galleryImageVersions.delete('team', 'shared', 'web', '1.0.0', wait);
  await client.galleryImages.delete('team', 'shared', 'web', wait);
  await client.galleries.delete('team', 'shared', wait);
  await assert.rejects(() => client.galleries.get('team', 'shared'), { code: 'ResourceNotFound' });
});

test('new resources are answered with 201, changed ones with 200, absent ones are deleted with 204', async () => {
  await using service = await startTestService();
  const address = `${gallery}?${compute}`;
  const first = await service.request('PUT', address, { body: { location: 'westeurope' } });
  assert.equal(first.status, 201);
  assert.equal(((first.body as Body)['properties'] as Body)['provisioningState'], 'Creating');
  assert.ok(first.headers['azure-asyncoperation'] && first.headers['location']);
  const second = await service.request('PUT', address, { body: { location: 'West Europe' } });
  assert.equal(second.status, 200);
  const deleted = await service.request('DELETE', address);
  assert.equal(deleted.status, 202);
  assert.equal((await followed(service, deleted))['status'], 'Succeeded');
  assert.equal((await service.request('DELETE', address)).status, 204);
});

test('every mistake of a body is said, with its place', async () => {
  await using service = await startTestService();
  await service.request('PUT', `${gallery}?${compute}`, { body: { location: 'westeurope' } });
  const reply = await service.request('PUT', `${definition}?${compute}`, {
    body: { location: 'westeurope', properties: { osType: 'Linux', osStat: 'Generalized', identifier: {} } },
  });
  assert.equal(reply.status, 400);
  const error = (reply.body as Body)['error'] as { details: { target: string }[] };
  assert.deepEqual(
    error.details.map(({ target }) => target),
    [
      'properties.osStat',
      'properties.identifier.publisher',
      'properties.identifier.offer',
      'properties.identifier.sku',
      'properties.osState',
    ],
  );
});

test('what a definition is cannot be changed, and publisher, offer and sku are one image in a gallery', async () => {
  await using service = await startTestService();
  await makeGallery(service);
  const windows = { ...definitionBody, properties: { ...definitionBody.properties, osType: 'Windows' } };
  const changed = await service.request('PUT', `${definition}?${compute}`, { body: windows });
  assert.deepEqual([changed.status, codeOf(changed)], [409, 'PropertyChangeNotAllowed']);
  const twin = await service.request('PUT', `${gallery}/images/other?${compute}`, { body: definitionBody });
  assert.deepEqual([twin.status, codeOf(twin)], [409, 'Conflict']);
  const same = await service.request('PUT', `${definition.toUpperCase()}?${compute}`, {
    body: definitionBody,
  });
  assert.equal(same.status, 200);
});

test('a version names its own region among the targets, and none twice', async () => {
  await using service = await startTestService();
  await makeGallery(service);
  const source = { storageProfile: { source: { id: '/api/v1/uploads/none' } } };
  for (const names of [['northeurope'], ['westeurope', 'West Europe']]) {
    const reply = await service.request('PUT', `${definition}/versions/1.0.0?${compute}`, {
      body: {
        location: 'westeurope',
        properties: { ...source, publishingProfile: { targetRegions: names.map((name) => ({ name })) } },
      },
    });
    assert.deepEqual([reply.status, codeOf(reply)], [400, 'InvalidParameter']);
  }
  const bad = await service.request('PUT', `${definition}/versions/1.0?${compute}`, {
    body: { location: 'westeurope', properties: source },
  });
  assert.equal(bad.status, 400);
});

test('"latest" is the highest by numbers that is not excluded and is in the region', async () => {
  await using service = await startTestService();
  await makeGallery(service);
  const { publishing, home, caller, context } = await publisher(service);
  const image = `sha256:${await makeImage(home, 'latest')}`;
  const put = async (version: string, more: Body = {}) =>
    publishing.publish({
      ...{ runId: await makeRun(context), runOutputName: 'out', fence: 1, identity: caller },
      target: { type: 'SharedImage', galleryImageId: `${definition}/versions/${version}`, ...more },
      ...{ location: 'westeurope', image, home, sources: [], tags: {}, signal: new AbortController().signal },
    });
  await put('1.9.0', { targetRegions: [{ name: 'westeurope' }, { name: 'northeurope' }] });
  await put('1.10.0', { targetRegions: [{ name: 'westeurope' }] });
  await put('2.0.0', { excludeFromLatest: true });
  const resolve = (location?: string) =>
    publishing.resolveSource(
      { type: 'SharedImageVersion', imageVersionId: `${definition}/versions/latest` },
      caller,
      location,
    );
  assert.match((await resolve('westeurope')).exactVersion, /\/1\.10\.0$/);
  assert.match((await resolve('North Europe')).exactVersion, /\/1\.9\.0$/);
  await assert.rejects(() => resolve('eastus'), { code: 'ImageNotFound', status: 404 });
  const got = await service.request('GET', `${definition}/versions/latest?${compute}`);
  assert.equal((got.body as Body)['name'], '1.10.0');
});

test('deletion waits for the end of life where a version says so', async () => {
  await using service = await startTestService();
  await makeGallery(service);
  const { publishing, home, caller, context } = await publisher(service);
  const image = `sha256:${await makeImage(home, 'life')}`;
  await publishing.publish({
    ...{ runId: await makeRun(context), runOutputName: 'out', fence: 1, identity: caller },
    target: { type: 'SharedImage', galleryImageId: definition },
    ...{ location: 'westeurope', image, home, sources: [], tags: {}, signal: new AbortController().signal },
  });
  const address = `${definition}/versions/0.0.1?${compute}`;
  const patched = await service.request('PATCH', address, {
    body: {
      properties: {
        publishingProfile: { endOfLifeDate: new Date(Date.now() + 86_400_000).toISOString() },
        safetyProfile: { blockDeletionBeforeEndOfLife: true },
      },
    },
  });
  assert.equal((await followed(service, patched))['status'], 'Succeeded');
  const refused = await service.request('DELETE', address);
  assert.deepEqual(
    [refused.status, codeOf(refused)],
    [409, 'DeleteGalleryImageVersionBlockedBeforeEndOfLife'],
  );
  service.jump(2 * 86_400_000);
  // Tokens of tests live for a day.
  const { token } = await service.person('owner');
  assert.equal((await service.request('DELETE', address, { token })).status, 202);
});

test('lists come in pages, whose links lead on to the end', async () => {
  await using service = await startTestService();
  const { database } = service.service.context;
  const now = new Date();
  await database
    .insertInto('galleries')
    .values(
      Array.from({ length: 230 }, (_, index) => ({
        ...{
          id: `${group}/providers/microsoft.compute/galleries/g${String(index).padStart(3, '0')}`.toLowerCase(),
        },
        ...{ arm_id: `g${index}`, name: `g${index}`, location: 'westeurope', tags: '{}', properties: '{}' },
        ...{ created_at: now, changed_at: now, created_by: 'me', changed_by: 'me' },
        ...{ subscription: '0a1b2c3d-0000-4000-8000-000000000001', resource_group: 'team' },
      })),
    )
    .execute();
  const names: string[] = [];
  let pages = 0;
  let address: string | undefined = `${group}/providers/Microsoft.Compute/galleries?${compute}`;
  while (address !== undefined) {
    const { body } = await service.request('GET', address);
    const page = body as { value: { name: string }[]; nextLink?: string };
    names.push(...page.value.map(({ name }) => name));
    address = page.nextLink;
    pages += 1;
  }
  assert.equal(pages, 3);
  assert.equal(new Set(names).size, 230);
});

test('a reader changes nothing, and who may read one image sees no other', async () => {
  await using service = await startTestService();
  await makeGallery(service);
  const reader = await service.person('reader');
  const refused = await service.request('PUT', `${gallery}?${compute}`, {
    body: { location: 'westeurope' },
    token: reader.token,
  });
  assert.deepEqual([refused.status, codeOf(refused)], [403, 'AuthorizationFailed']);
  await service.request('PUT', `${gallery}/images/other?${compute}`, {
    body: {
      ...definitionBody,
      properties: { ...definitionBody.properties, identifier: { publisher: 'a', offer: 'b', sku: 'c' } },
    },
  });
  const guest = await service.person('reader', definition);
  const { body } = await service.request('GET', `${gallery}/images?${compute}`, { token: guest.token });
  assert.deepEqual(
    (body as { value: { name: string }[] }).value.map(({ name }) => name),
    ['web'],
  );
});

async function publisher(service: TestService) {
  const { openGallery } = await import('./open-gallery.ts');
  const { context } = service.service;
  const { publishing } = openGallery(context);
  const { caller } = await service.person('publisher');
  return { publishing, home: service.home, caller, context };
}
