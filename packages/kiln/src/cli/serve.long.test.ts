import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

function status(address: string, ca: string, token: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    get(address, { ca, headers, agent: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    }).on('error', reject);
  });
}

test('a service starts with an authority and a token of its own, takes tokens, and ends when it is told', async (t) => {
  const workshop = makeWorkshop(t);
  const port = await freePort();
  const origin = `https://127.0.0.1:${port}`;
  const serving = workshop.start(['serve', '--no-worker', '--listen', `127.0.0.1:${port}`]);
  await serving.printed(origin);
  const file = (name: string) => join(workshop.home, 'service', name);
  const token = readFileSync(file('admin-token'), 'utf8').trim();
  for (const name of ['admin-token', 'tls/ca-key.pem', 'tls/server-key.pem']) {
    assert.equal(statSync(file(name)).mode & 0o777, 0o600, name);
  }
  const ca = readFileSync(file('tls/ca.pem'), 'utf8');
  assert.equal(await status(`${origin}/api/v1/me`, ca, token), 200);

  const env = { KILN_SERVER: origin, KILN_CACERT: file('tls/ca.pem'), KILN_TOKEN: token };
  const kiln = (...args: string[]) => workshop.start(args, env).done;
  const made = await kiln('token', 'create', 'pipeline', '--action', 'templates/read', '--json');
  assert.equal(made.code, 0, made.stderr);
  const { id, token: narrow } = JSON.parse(made.stdout) as { id: string; token: string };
  assert.equal(await status(`${origin}/api/v1/me`, ca, narrow), 200);
  assert.equal(await status(`${origin}/api/v1/audit`, ca, narrow), 403);
  const list = await kiln('token', 'list');
  assert.match(list.stdout, /pipeline\s+until \d{4}-\d\d-\d\d\s+used .*templates\/read/);
  assert.equal((await kiln('token', 'revoke', id)).code, 0);
  assert.equal(await status(`${origin}/api/v1/me`, ca, narrow), 401);

  const local = await workshop.kiln('token', 'list');
  assert.equal(local.code, 1);
  assert.match(local.stderr, /the database in HOME\/service\/database is in use by process \d+/);

  serving.signal('SIGTERM');
  const { code, stderr } = await serving.done;
  assert.equal(code, 0, stderr);
  assert.ok(!stderr.includes(token) && !stderr.includes(narrow), 'tokens are in no log');
  const after = await workshop.kiln('token', 'list', '--json');
  assert.deepEqual(
    (JSON.parse(after.stdout) as { name: string }[]).map(({ name }) => name),
    ['first'],
  );
});

test('what cannot be served is said before anything is made', async (t) => {
  const workshop = makeWorkshop(t);
  const place = await workshop.kiln('serve', '--listen', 'nowhere');
  assert.equal(place.code, 2);
  assert.match(place.stderr, /"nowhere" is no place to listen/);
  const database = await workshop.kiln('serve', '--database', 'mysql://x');
  assert.equal(database.code, 2);
  const issuer = await workshop.kiln('serve', '--oidc-issuer', 'https://login.example.org');
  assert.match(issuer.stderr, /an issuer needs its address and an audience/);
});
