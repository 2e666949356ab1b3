import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { layerPath, storeLayout } from '../../store/home.ts';
import { openStore } from '../../store/store.ts';
import { openGallery } from '../gallery/open-gallery.ts';
import {
  codeOf,
  compute,
  definition,
  definitionBody,
  followed,
  gallery,
  makeChild,
  makeGallery,
  makeImage,
  makeRun,
  makeSystem,
} from '../gallery/testing/test-gallery.ts';
import { startTestService, type TestService } from '../testing/test-service.ts';
import { rangeOf } from './send-file.ts';

type Body = Record<string, unknown>;

/** Where `/api/v1` has the image of an ARM id. */
function apiOf(id: string): string {
  return `/api/v1${id.replace('/providers/Microsoft.Compute', '')}`;
}

const api = apiOf(definition);

async function scene(service: TestService) {
  await makeGallery(service);
  const { context } = service.service;
  const { publishing } = openGallery(context);
  const { caller } = await service.person('publisher');
  const publish = async (
    digest: string,
    version: string,
    more: { readonly of?: string; readonly sources?: readonly string[]; readonly template?: Body } = {},
  ) => {
    const runId = await makeRun(context, 1, more.template);
    const { artifactId = '' } = await publishing.publish({
      ...{ runId, runOutputName: 'out', fence: 1, identity: caller },
      target: { type: 'SharedImage', galleryImageId: `${more.of ?? definition}/versions/${version}` },
      ...{ location: 'westeurope', image: `sha256:${digest}`, home: service.home, tags: {} },
      ...{ sources: more.sources ?? [], signal: new AbortController().signal },
    });
    return { id: artifactId, runId };
  };
  const post = (path: string, body?: unknown, token?: string) =>
    service.request('POST', `${api}/${path}`, { body, ...(token !== undefined && { token }) });
  const channel = async (name = 'production') =>
    ((await service.request('GET', `${api}/channels/${name}`)).body as Body)['version'];
  return { context, publishing, caller, publish, post, channel };
}

test('what differs between two versions is told by packages, users and files', async () => {
  await using service = await startTestService();
  const { publish } = await scene(service);
  const package_ = (name: string, version: string) =>
    `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nDescription: none\n\n`;
  const system = (packages: string, users: string, motd: string) =>
    makeSystem(service.home, {
      'etc/os-release': 'ID=debian\nVERSION_ID="12"\n',
      'etc/passwd': `root:x:0:0::/root:/bin/sh\n${users}`,
      'etc/motd': motd,
      'usr/bin/true': '',
      'var/lib/dpkg/status': packages,
    });
  const first = await system(package_('curl', '7.88.1-10'), '', 'hello\n');
  const newer = package_('curl', '7.88.1-11') + package_('nginx', '1.22.1-9');
  const second = await system(newer, 'web:x:1000:1000::/home/web:/bin/sh\n', 'hello again\n');
  await publish(first, '1.0.0');
  await publish(second, '1.1.0');
  const reply = await service.request('GET', `${api}/versions/1.0.0/diff?to=latest`);
  assert.equal(reply.status, 200, reply.text);
  const { differences } = reply.body as {
    differences: readonly { readonly section: string; readonly name: string }[];
  };
  const names = differences.map(({ section, name }) => `${section} ${name}`).sort();
  for (const one of ['files /etc/motd', 'packages curl', 'packages nginx', 'users web'])
    assert.ok(names.includes(one), `${one}: ${names.join(', ')}`);
  const same = await service.request('GET', `${api}/versions/1.0.0/diff?to=1.0.0`);
  assert.deepEqual((same.body as Body)['differences'], []);
  assert.equal(codeOf(await service.request('GET', `${api}/versions/1.0.0/diff`)), 'InvalidParameter');
  await publish(await makeImage(service.home, 'no system'), '1.2.0');
  const none = await service.request('GET', `${api}/versions/1.0.0/diff?to=1.2.0`);
  assert.equal(none.status, 409);
});

test('a channel is promoted, rolled back, frozen, and remembers by whom', async () => {
  await using service = await startTestService();
  const s = await scene(service);
  const digest = await makeImage(service.home, 'channel');
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await s.publish(digest, version);
  const promote = (version: string) =>
    s.post('channels/production/promote', { version, note: `to ${version}` });
  for (const version of ['1.0.0', '1.1.0', '1.2.0', '1.2.0'])
    assert.equal((await promote(version)).status, 200);
  assert.equal(await s.channel(), '1.2.0');
  await s.post('channels/production/rollback');
  assert.equal(await s.channel(), '1.1.0');
  await s.post('channels/production/rollback');
  assert.equal(await s.channel(), '1.0.0');
  const none = await s.post('channels/production/rollback');
  assert.deepEqual([none.status, codeOf(none)], [409, 'OperationNotAllowed']);
  await s.post('channels/production/freeze');
  assert.equal((await promote('1.2.0')).status, 409);
  await s.post('channels/production/unfreeze');
  assert.equal((await promote('latest')).status, 200);
  assert.equal(await s.channel(), '1.2.0');
  const { body } = await service.request('GET', `${api}/channels/production/history`);
  assert.deepEqual(
    (body as { value: Body[] }).value.map(({ action, version, previous }) => [action, version, previous]),
    [
      ['promote', '1.2.0', '1.0.0'],
      ['unfreeze', null, '1.0.0'],
      ['freeze', null, '1.0.0'],
      ['rollback', '1.0.0', '1.1.0'],
      ['rollback', '1.1.0', '1.2.0'],
      ['promote', '1.2.0', '1.1.0'],
      ['promote', '1.1.0', '1.0.0'],
      ['promote', '1.0.0', null],
    ],
  );
  const got = await service.request('GET', `${api}/versions/production`);
  assert.equal((got.body as Body)['version'], '1.2.0');
  const refused = await service.request('DELETE', `${definition}/versions/1.2.0?${compute}`);
  assert.deepEqual([refused.status, codeOf(refused)], [409, 'OperationNotAllowed']);
});

test('who may publish to one channel does not publish to another', async () => {
  await using service = await startTestService();
  const s = await scene(service);
  await s.publish(await makeImage(service.home, 'roles'), '1.0.0');
  const { token } = await service.person('publisher', `${definition}/channels/staging`);
  assert.equal((await s.post('channels/staging/promote', { version: '1.0.0' }, token)).status, 200);
  assert.equal((await s.post('channels/production/promote', { version: '1.0.0' }, token)).status, 403);
});

test('a revoked version is neither resolved nor served, nor is what was made from it', async () => {
  await using service = await startTestService();
  const s = await scene(service);
  const other = `${gallery}/images/app`;
  await service.request('PUT', `${other}?${compute}`, {
    body: {
      ...definitionBody,
      properties: { ...definitionBody.properties, identifier: { publisher: 'a', offer: 'b', sku: 'c' } },
    },
  });
  const base = await makeImage(service.home, 'base');
  const child = await makeChild(service.home, base, 'c');
  const { id, runId } = await s.publish(base, '1.0.0', { sources: ['debian/12', 'debian/12'] });
  // As workers say it: the digest alone, and the version.
  const below = await s.publish(child, '1.0.0', { of: other, sources: [base, id] });
  await s.post('channels/production/promote', { version: '1.0.0' });
  const rebuilds = await service.request('GET', `/api/v1/rebuilds?base=debian/12`);
  const order = (rebuilds.body as { value: { images: string[]; after: string[] }[] }).value;
  assert.deepEqual(
    order.map(({ images }) => images),
    [[id], [below.id]],
  );
  assert.match(order[1]!.after[0]!, new RegExp(`${runId}$`));
  const lineage = await service.request('GET', `${api}/versions/1.0.0/lineage`);
  assert.deepEqual(
    (lineage.body as { descendants: Body[] }).descendants.map((one) => [one['id'], one['depth']]),
    [[below.id, 1]],
  );
  const revoked = await s.post('versions/1.0.0/revoke', { reason: 'a hole in it' });
  assert.deepEqual((revoked.body as Body)['revoked'], [id, below.id]);
  assert.deepEqual((revoked.body as Body)['channels'], [{ channel: 'production', version: id }]);
  const source = { type: 'SharedImageVersion', imageVersionId: `${other}/versions/1.0.0` };
  await assert.rejects(() => s.publishing.resolveSource(source, s.caller), { code: 'ImageRevoked' });
  for (const version of ['1.0.0', 'production']) {
    const reply = await service.request('GET', `${api}/versions/${version}/disk/qcow2`);
    assert.deepEqual([reply.status, codeOf(reply)], [409, 'ImageRevoked']);
  }
  assert.equal((await service.request('GET', `${api}/versions/latest`)).status, 404);
  assert.equal((await s.post('channels/staging/promote', { version: '1.0.0' })).status, 409);
  await s.post('versions/1.0.0/restore');
  assert.equal((await s.publishing.resolveSource(source, s.caller)).digest, child);
});

test('"latest" and channels take only what their policies let pass', async () => {
  await using service = await startTestService();
  const s = await scene(service);
  const digest = await makeImage(service.home, 'policy');
  const validate = { inVMValidations: [{ type: 'Shell', inline: ['true'] }] };
  const { runId } = await s.publish(digest, '1.0.0', { template: { properties: { validate } } });
  await s.context.database
    .insertInto('run_steps')
    .values({
      ...{ run_id: runId, attempt: 1, position: 1, sub_state: 'Validating', name: 'check' },
      ...{ state: 'Succeeded', started_at: new Date(), ended_at: new Date(), milliseconds: 1 },
    })
    .execute();
  await s.publish(digest, '2.0.0');
  const latest = async () =>
    ((await service.request('GET', `${api}/versions/latest`)).body as Body)['version'];
  const policy = (path: string, body: Body) => service.request('PUT', `${api}/${path}`, { body });
  assert.equal(await latest(), '2.0.0');
  assert.equal((await policy('policy', { validated: true })).status, 200);
  assert.equal(await latest(), '1.0.0');
  await policy('policy', { current: true });
  await s.post('versions/2.0.0/deprecate', { reason: 'slow' });
  assert.equal(await latest(), '1.0.0');
  await policy('channels/production/policy', { signed: true });
  const unsigned = await s.post('channels/production/promote', { version: '1.0.0' });
  assert.deepEqual([unsigned.status, codeOf(unsigned)], [409, 'PolicyViolation']);
  await policy('channels/production/policy', { maxAgeDays: 2 });
  assert.equal((await s.post('channels/production/promote', { version: '1.0.0' })).status, 200);
  service.jump(3 * 86_400_000);
  const { token } = await service.person('owner');
  assert.equal((await s.post('channels/production/promote', { version: '1.0.0' }, token)).status, 409);
  const unknown = await service.request('PUT', `${api}/policy`, { body: { youngerThan: 3 }, token });
  assert.equal(unknown.status, 400);
});

test('an upload becomes a version, whose bytes come back in one piece and by parts', async () => {
  await using service = await startTestService();
  await scene(service);
  const disk = Buffer.concat([Buffer.from('a raw disk'), Buffer.alloc(1024 * 1024 - 10)]);
  const sha256 = createHash('sha256').update(disk).digest('hex');
  const send = (digest: string, token?: string) =>
    service.request('POST', `/api/v1/uploads?name=disk.raw&sha256=${digest}`, {
      body: disk,
      headers: { 'content-type': 'application/octet-stream' },
      ...(token !== undefined && { token }),
    });
  assert.equal((await send('0'.repeat(64))).status, 400);
  const reader = await service.person('reader');
  assert.equal((await send(sha256, reader.token)).status, 403);
  const upload = await send(sha256);
  assert.equal(upload.status, 201, upload.text);
  const { id, digest } = upload.body as { id: string; digest: string };
  const created = await service.request('PUT', `${definition}/versions/1.0.0?${compute}`, {
    body: { location: 'westeurope', properties: { storageProfile: { source: { id } } } },
  });
  assert.equal(created.status, 201, created.text);
  assert.equal((await followed(service, created))['status'], 'Succeeded');
  const stranger = await service.person('publisher');
  const stolen = await service.request('PUT', `${definition}/versions/2.0.0?${compute}`, {
    body: { location: 'westeurope', properties: { storageProfile: { source: { id } } } },
    token: stranger.token,
  });
  assert.equal(stolen.status, 404);
  const detail = (await service.request('GET', `${api}/versions/1.0.0`)).body as Body;
  assert.equal(detail['digest'], digest);
  const [layer] = detail['layers'] as { digest: string; bytes: number }[];
  const whole = await service.request('GET', `${api}/versions/1.0.0/layers/${layer!.digest}`);
  assert.deepEqual([whole.status, whole.headers['content-length']], [200, String(layer!.bytes)]);
  const part = await service.request('GET', `${api}/versions/1.0.0/disk/raw`, {
    headers: { range: 'bytes=2-9' },
  });
  assert.deepEqual([part.status, part.text], [206, 'raw disk']);
  assert.equal((await service.request('HEAD', `${api}/versions/1.0.0/disk/vhd`)).status, 200);
  assert.equal((await service.request('GET', `${api}/versions/1.0.0/documents/spdx`)).status, 404);
  await service.request('DELETE', id);
  await openStore(service.home).prune();
  assert.equal((await service.request('GET', `${api}/versions/1.0.0/disk/raw`)).status, 200);
});

test('a damaged layer that no region has whole is refused, not served', async () => {
  await using service = await startTestService();
  const s = await scene(service);
  const digest = await makeImage(service.home, 'rotten');
  await s.publish(digest, '1.0.0');
  const path = layerPath(storeLayout(service.home), digest);
  await chmod(path, 0o644);
  const bytes = await readFile(path);
  bytes[bytes.length - 1] = 1;
  await writeFile(path, bytes);
  const reply = await service.request('GET', `${api}/versions/1.0.0/layers/${digest}`);
  assert.deepEqual([reply.status, codeOf(reply)], [409, 'ImageDamaged']);
});

test('documents of an image are downloaded, and usage counts what there is', async () => {
  await using service = await startTestService();
  const s = await scene(service);
  const digest = await makeImage(service.home, 'documents');
  await openStore(service.home).attach(digest, [{ kind: 'spdx', content: '{"spdxVersion":"SPDX-2.3"}' }]);
  await s.publish(digest, '1.0.0');
  const sbom = await service.request('GET', `${api}/versions/1.0.0/documents/spdx`);
  assert.deepEqual(sbom.body, { spdxVersion: 'SPDX-2.3' });
  assert.equal(sbom.headers['content-type'], 'application/spdx+json');
  const { body } = await service.request('GET', '/api/v1/usage');
  const [counted] = (body as { galleries: Body[] }).galleries;
  assert.deepEqual([counted?.['images'], counted?.['versions']], [1, 1]);
  assert.ok(Number(counted?.['bytes']) > 0);
});

test('only parts that there are can be asked for', () => {
  assert.deepEqual(rangeOf('bytes=0-4', 10), [0, 4]);
  assert.deepEqual(rangeOf('bytes=5-', 10), [5, 9]);
  assert.deepEqual(rangeOf('bytes=-3', 10), [7, 9]);
  assert.deepEqual(rangeOf('bytes=0-99', 10), [0, 9]);
  for (const none of [undefined, 'bytes=-', 'bytes=4-2', 'bytes=0-1,3-4', 'lines=0-1'])
    assert.equal(rangeOf(none, 10), undefined);
  for (const beyond of ['bytes=10-', 'bytes=-0']) assert.equal(rangeOf(beyond, 10), 'impossible');
});
