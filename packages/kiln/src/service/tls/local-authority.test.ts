import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { localIdentity } from './local-authority.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kiln-tls-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('clients that trust the authority reach a server by its name and addresses, and no others do', async () => {
  const identity = await localIdentity(folder, ['images.example', 'fd00::17'], new Date());
  const server = createServer(
    { key: identity.key, cert: identity.cert },
    (_request, reply) => void reply.end('hello'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (servername: string, ca?: string) =>
    new Promise<string>((resolve) => {
      get({ host: '127.0.0.1', port, servername, ca, agent: false }, (reply) =>
        reply.on('data', (chunk: Buffer) => resolve(String(chunk))),
      ).on('error', (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
    });
  try {
    assert.equal(await ask('localhost', identity.authority), 'hello');
    assert.equal(await ask('images.example', identity.authority), 'hello');
    assert.equal(await ask('other.example', identity.authority), 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.equal(await ask('localhost'), 'SELF_SIGNED_CERT_IN_CHAIN');
    const certificate = new X509Certificate(identity.cert);
    assert.equal(certificate.checkIP('fd00::17'), 'fd00::17');
    assert.equal(certificate.checkIP('127.0.0.1'), '127.0.0.1');
  } finally {
    server.close();
  }
});

test('keys are for their owner alone', async () => {
  await localIdentity(folder, [], new Date());
  for (const name of ['ca-key.pem', 'server-key.pem']) {
    assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name);
  }
});

test('a certificate is kept until it ends soon or lacks a name; the authority stays', async () => {
  const first = await localIdentity(folder, ['images.example'], new Date());
  const same = await localIdentity(folder, ['images.example'], new Date());
  assert.equal(same.cert, first.cert);
  const named = await localIdentity(folder, ['images.example', 'more.example'], new Date());
  assert.notEqual(named.cert, first.cert);
  const inAYear = new Date(Date.now() + 380 * 24 * 3600 * 1000);
  const renewed = await localIdentity(folder, ['images.example', 'more.example'], inAYear);
  assert.notEqual(renewed.cert, named.cert);
  assert.equal(renewed.authority, first.authority);
  assert.ok(new X509Certificate(renewed.cert).verify(new X509Certificate(first.authority).publicKey));
});
