import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestService, type TestService } from '../testing/test-service.ts';

let service: TestService;
before(async () => {
  service = await startTestService();
});
after(() => service.close());

const somewhere =
  '/subscriptions/s1/providers/Microsoft.VirtualMachineImages/locations/here/operations/0f9d7b4e-0000-4000-8000-000000000000';

test('paths are matched without regard to case, and replies say what they are', async () => {
  const reply = await service.request('GET', `${somewhere.toUpperCase()}?API-version=2025-10-01`);
  assert.equal(reply.status, 404);
  assert.match(reply.text, /"code":"ResourceNotFound"/);
  assert.equal(reply.headers['x-content-type-options'], 'nosniff');
  assert.equal(reply.headers['cache-control'], 'no-cache');
  assert.match(reply.headers['strict-transport-security'] ?? '', /max-age/);
  assert.match(reply.headers['x-ms-request-id'] ?? '', /^[0-9a-f-]{36}$/);
  assert.match(reply.headers['x-ms-correlation-request-id'] ?? '', /^[0-9a-f-]{36}$/);
  assert.match(reply.headers['x-ms-ratelimit-remaining-subscription-reads'] ?? '', /^\d+$/);
});

test('nobody learns anything without a token, not even what there is not', async () => {
  for (const path of [somewhere, '/nothing/at/all']) {
    const reply = await service.request('GET', path, { token: null });
    assert.equal(reply.status, 401, path);
    assert.match(reply.text, /"code":"AuthenticationFailed"/);
    assert.equal(reply.headers['www-authenticate'], 'Bearer realm="kiln"');
  }
  assert.equal((await service.request('GET', '/nothing/at/all')).status, 404);
});

test('a version of the API is asked for, and only those that are spoken are taken', async () => {
  assert.match((await service.request('GET', somewhere)).text, /MissingApiVersionParameter/);
  const unknown = await service.request('GET', `${somewhere}?api-version=2031-01-01`);
  assert.equal(unknown.status, 400);
  assert.match(unknown.text, /NoRegisteredProviderFound/);
});

test('errors of old versions stand without an object around them', async () => {
  const old = await service.request('GET', `${somewhere}?api-version=2020-02-14`);
  assert.deepEqual(Object.keys(old.body as object), ['code', 'message']);
  const newer = await service.request('GET', `${somewhere}?api-version=2021-10-01`);
  assert.deepEqual(Object.keys(newer.body as object), ['error']);
});

test('names that would change the meaning of ids are refused', async () => {
  for (const name of ['a%2Fb', '..%2F..', '%00', 'a%5Cb', '%2e%2e%2fx']) {
    const path = somewhere.replace('s1', name);
    const reply = await service.request('GET', `${path}?api-version=2025-10-01`);
    assert.equal(reply.status, 400, name);
  }
  assert.equal((await service.request('GET', somewhere.replace('s1', '%zz'))).status, 400);
});

test('bodies that are no JSON, that reach what all objects inherit, or that no database holds are refused', async () => {
  const path =
    '/subscriptions/s1/resourceGroups/g1/providers/Microsoft.VirtualMachineImages/imageTemplates/t?api-version=2025-10-01';
  const bodies = [
    '{',
    '{"a":1}{',
    '{"__proto__":{"a":1}}',
    '{"tags":{"a":"\\u0000"}}',
    '{"tags":{"a":"\\ud800"}}',
  ];
  for (const body of [...bodies, '['.repeat(100) + ']'.repeat(100)]) {
    const reply = await service.request('PUT', path, { body });
    assert.equal(reply.status, 400, body);
    assert.match(reply.text, /"code":"InvalidRequestContent"/, body);
  }
  const large = await service
    .request('PUT', path, { body: `"${'a'.repeat(5 * 1024 * 1024)}"` })
    .catch(String);
  assert.ok(typeof large === 'string' || large.status === 413);
  const form = await service.request('PUT', path, {
    body: 'a=1',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  assert.equal(form.status, 415);
  assert.equal((await service.request('GET', `/api/v1/tokens?principalId=%00`)).status, 400);
});

test('a large body of nobody is not read', async () => {
  const reply = await service
    .request('PUT', somewhere, { token: null, body: `"${'a'.repeat(3 * 1024 * 1024)}"` })
    .catch(String);
  assert.ok(typeof reply === 'string' || reply.status === 401);
});
