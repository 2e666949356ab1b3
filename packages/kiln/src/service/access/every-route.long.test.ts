import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Route } from '../http/route.ts';
import { scopeOf } from '../http/route-scope.ts';
import { startTestService, type TestPerson, type TestService } from '../testing/test-service.ts';
import { type RoleName, roleAllows, roles } from './roles.ts';
import { isWithin } from './scopes.ts';
import { createToken } from './tokens.ts';

let service: TestService;
before(async () => {
  service = await startTestService();
});
after(() => service.close());

const group = '/subscriptions/s1/resourceGroups/g1';

/** What stands for the names in routes' paths. */
const names: Readonly<Record<string, string>> = new Proxy(
  { subscription: 's1', group: 'g1' } as Record<string, string>,
  { get: (known, name: string) => known[name] ?? 'thing' },
);

/** An address of a route: with names that fit, and a version that it speaks. */
function addressOf(route: Route): string {
  const path = route.path.replaceAll(/\{(\w+)\*?\}/g, (_whole, name: string) => names[name]!);
  return route.apiVersions ? `${path}?api-version=${route.apiVersions.at(-1)}` : path;
}

async function ask(route: Route, token: string | null): Promise<number> {
  // What is sent is refused by whoever reads it: only the door is tried here.
  const { status } = await service.request(route.method, addressOf(route), { token, body: '[]' });
  return status;
}

const guarded = () => service.service.routes.filter(({ action }) => action !== 'public');

test('no route answers without a token, with one that is unknown, expired or revoked, or of somebody disabled', async () => {
  const { context } = service.service;
  const person = await service.person('owner');
  const token = (days: number) =>
    createToken(context.database, {
      principalId: person.caller.id,
      name: 'short',
      createdBy: person.caller.id,
      createdAt: context.now(),
      expiresAt: new Date(context.now().getTime() + days * 24 * 3600 * 1000),
    });
  const [expired, revoked, whole] = [await token(-1), await token(1), await token(1)];
  await service.request('DELETE', `/api/v1/tokens/${revoked.id}`, { token: whole.secret });
  const disabled = await service.person('owner');
  await service.request('DELETE', `/api/v1/principals/${disabled.caller.id}`);
  const bad = {
    none: null,
    empty: '',
    unknown: `kiln_${'A'.repeat(43)}`,
    expired: expired.secret,
    revoked: revoked.secret,
    disabled: disabled.token,
    foreign: 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJvd25lciJ9.',
  };
  for (const route of guarded()) {
    for (const [what, secret] of Object.entries(bad)) {
      assert.equal(
        await ask(route, secret),
        401,
        `${route.method} ${route.path} with a token that is ${what}`,
      );
    }
  }
});

test('every route lets those roles in that have its action, at its scope, and no others', async () => {
  const people = new Map<RoleName | undefined, TestPerson>();
  for (const role of Object.keys(roles) as RoleName[]) people.set(role, await service.person(role));
  people.set(undefined, await service.person());
  for (const route of guarded()) {
    if (route.action === 'signed-in') continue;
    for (const [role, { token }] of people) {
      const isAllowed =
        role !== undefined &&
        roleAllows(role, route.action as Exclude<Route['action'], 'public' | 'signed-in'>);
      const status = await ask(route, token);
      const what: string = `${role ?? 'nobody'}: ${route.method} ${route.path} (${route.action})`;
      if (isAllowed) assert.notEqual(status, 403, what);
      else assert.equal(status, 403, what);
      assert.notEqual(status, 500, what);
    }
  }
});

test('a role in a group opens what is in the group, and nothing beside or above', async () => {
  const inside = await service.person('owner', group.toUpperCase());
  const beside = await service.person('owner', `${group}0`);
  for (const route of guarded()) {
    if (route.action === 'signed-in' || route.action === 'workers/run') continue;
    const isInside = isWithin(scopeOf(route, names), group);
    const what = `${route.method} ${route.path}`;
    if (isInside) assert.notEqual(await ask(route, inside.token), 403, what);
    else assert.equal(await ask(route, inside.token), 403, what);
    assert.equal(await ask(route, beside.token), 403, what);
  }
});

test('a token that is limited to reading changes nothing, whatever its owner may', async () => {
  const { context } = service.service;
  const owner = await service.person('owner');
  const { secret } = await createToken(context.database, {
    principalId: owner.caller.id,
    name: 'reading',
    createdBy: owner.caller.id,
    createdAt: context.now(),
    expiresAt: new Date(context.now().getTime() + 1000_000),
    actions: roles.reader,
    scope: group,
  });
  for (const route of guarded()) {
    if (route.action === 'signed-in') continue;
    const isAllowed =
      (roles.reader as readonly string[]).includes(route.action) && isWithin(scopeOf(route, names), group);
    const status = await ask(route, secret);
    assert.equal(status === 403, !isAllowed, `${route.method} ${route.path} gave ${status}`);
  }
});

test('routes that are open to all are those that must be', () => {
  const open = service.service.routes
    .filter(({ action }) => action === 'public')
    .map(({ method, path }) => `${method} ${path}`)
    // They ask for a token themselves, but for boxes that are said to be everybody's.
    .filter((one) => !/^(?:GET|HEAD) \/boxes\//.test(one));
  assert.deepEqual(open.sort(), [
    'GET /api/v1/openapi.json',
    'GET /metadata/endpoints',
    'POST /api/v1/webhooks/{trigger}',
  ]);
});

test('tokens are in no log, and refusals are in the audit log', async () => {
  const person = await service.person('reader', group);
  const address = `${group}/providers/Microsoft.VirtualMachineImages/imageTemplates/x?api-version=2025-10-01`;
  await service.request('DELETE', address, { token: person.token });
  await service.request('GET', address, { token: `${person.token}x` });
  const log = service.log.join('\n');
  assert.ok(log.includes(person.caller.name));
  assert.ok(!log.includes(person.token) && !log.includes(service.admin));
  const audit = await service.request('GET', `/api/v1/audit?principalId=${person.caller.id}`);
  const [entry] = (audit.body as { value: Record<string, unknown>[] }).value;
  assert.deepEqual(
    [entry?.['action'], entry?.['status'], entry?.['code']],
    ['templates/delete', 403, 'AuthorizationFailed'],
  );
  const rows = await service.service.context.database.selectFrom('tokens').selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes(person.token), 'what is kept is a hash');
});

test('a limited token makes no token that may more', async () => {
  const made = await service.request('POST', '/api/v1/tokens', {
    body: { name: 'narrow', actions: ['templates/read'], scope: group, days: 1 },
  });
  assert.equal(made.status, 201);
  const { token } = made.body as { token: string };
  const post = (body: object) =>
    service.request('POST', '/api/v1/tokens', { token, body: { name: 'x', ...body } });
  assert.equal((await post({ actions: ['templates/write'] })).status, 403);
  assert.equal((await post({ scope: '/' })).status, 403);
  const same = await post({});
  assert.equal(same.status, 201);
  const me = await service.request('GET', '/api/v1/me', { token: (same.body as { token: string }).token });
  assert.deepEqual((me.body as { limits: unknown }).limits, {
    actions: ['templates/read'],
    scope: group.toLowerCase(),
  });
  assert.equal((await post({ acts: ['templates/read'] })).status, 400, 'a misspelt limit makes no token');
});

test('an owner of a group gives roles in it and not outside', async () => {
  const owner = await service.person('owner', group);
  const other = await service.person();
  const give = (scope: string, role = 'reader') =>
    service.request('POST', '/api/v1/role-assignments', {
      token: owner.token,
      body: { principalId: other.caller.id, role, scope },
    });
  assert.equal((await give(`${group}/providers/Microsoft.Compute/galleries/a`)).status, 201);
  assert.equal((await give('/subscriptions/s1')).status, 403);
  assert.equal((await give('/')).status, 403);
  assert.equal((await give(group, 'worker')).status, 400);
});
