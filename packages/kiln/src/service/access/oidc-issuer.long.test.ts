import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { startTestService, type TestService } from '../testing/test-service.ts';

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

/** An issuer that is a real server; the service asks it for its keys. */
let issuer: Server;
let address: string;
let key: Key;
let otherKey: Key;
let service: TestService;
before(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true });
  key = pair.privateKey;
  otherKey = (await generateKeyPair('ES256')).privateKey;
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256', use: 'sig' };
  issuer = createServer((request, reply) => {
    reply.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/openid-configuration') {
      reply.end(JSON.stringify({ issuer: address, jwks_uri: `${address}/keys` }));
    } else reply.end(JSON.stringify({ keys: [jwk] }));
  });
  await new Promise<void>((resolve) => issuer.listen(0, '127.0.0.1', resolve));
  address = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`;
  service = await startTestService({ oidc: { issuer: address, audience: 'kiln' } });
});
after(async () => {
  await service.close();
  issuer.close();
});

interface Claims {
  readonly issuer?: string;
  readonly audience?: string;
  readonly subject?: string;
  readonly expires?: string;
  readonly by?: Key;
}

function sign({
  issuer: iss = address,
  audience = 'kiln',
  subject = 'u-1',
  expires = '5m',
  by = key,
}: Claims) {
  return new SignJWT({ preferred_username: 'ada' })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(iss)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(by);
}

const me = (token: string) => service.request('GET', '/api/v1/me', { token });

test('who comes with a token of the issuer is somebody without rights, until an owner gives a role', async () => {
  const token = await sign({});
  const first = await me(token);
  assert.equal(first.status, 200);
  const { id, name, roles } = first.body as { id: string; name: string; roles: unknown[] };
  assert.deepEqual([name, roles], ['ada', []]);
  const group = '/subscriptions/s1/resourceGroups/g1?api-version=2021-04-01';
  assert.equal((await service.request('GET', group, { token })).status, 403);
  await service.request('POST', '/api/v1/role-assignments', {
    body: { principalId: id, role: 'reader', scope: '/subscriptions/s1' },
  });
  assert.equal((await service.request('GET', group, { token: await sign({}) })).status, 404);
  assert.equal(((await me(await sign({}))).body as { id: string }).id, id, 'the same somebody again');
});

test('tokens for others, of others, by others or too old are no good', async () => {
  const bad = {
    'another audience': await sign({ audience: 'other' }),
    'another issuer': await sign({ issuer: 'https://login.example.org' }),
    'another key': await sign({ by: otherKey }),
    'too old': await sign({ expires: '-10m' }),
    'without signature': `${Buffer.from('{"alg":"none"}').toString('base64url')}.${(await sign({})).split('.')[1]}.`,
    'signed with what is public': await new SignJWT({ sub: 'u-1' })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .setIssuer(address)
      .setAudience('kiln')
      .setExpirationTime('5m')
      .sign(Buffer.from('public')),
  };
  for (const [what, token] of Object.entries(bad)) assert.equal((await me(token)).status, 401, what);
});

test('who is disabled stays out, whatever the issuer says', async () => {
  const { id } = (await me(await sign({ subject: 'u-2' }))).body as { id: string };
  await service.request('DELETE', `/api/v1/principals/${id}`);
  assert.equal((await me(await sign({ subject: 'u-2' }))).status, 401);
});
