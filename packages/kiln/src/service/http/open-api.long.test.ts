import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestService, type TestService } from '../testing/test-service.ts';

let service: TestService;
before(async () => {
  service = await startTestService();
});
after(() => service.close());

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string }[];
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const read = async () =>
  (await service.request('GET', '/api/v1/openapi.json', { token: null })).body as Document;

test('the document has every route of our own, each under a name of its own', async () => {
  const { openapi, paths } = await read();
  assert.equal(openapi, '3.1.0');
  const said = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const own = service.service.routes
    .filter(({ path }) => path.startsWith('/api/v1/'))
    .map(({ method, path }) => `${method} ${path.replace('*}', '}')}`);
  assert.deepEqual(said.sort(), own.sort());
  const ids = Object.values(paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }) => operationId),
  );
  assert.equal(new Set(ids).size, ids.length);
});

/** Numbers that are the same in every run (a linear congruential generator). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % below;
  };
}

const strange = [
  ...['a', '0', '-1', '..%2f..%2fetc%2fpasswd', '%00', '%ff', "'; drop table tokens; --", '%F0%9F%92%A9'],
  ...['a'.repeat(300), '${jndi:x}', '__proto__', 'constructor', '{{7*7}}', '%0d%0aset-cookie:x', '*', '🧱'],
  ...['00000000-0000-0000-0000-000000000000', '/subscriptions/s1/resourceGroups/g1', '1e400', 'NaN'],
];
const values: readonly unknown[] = [
  ...[null, true, 0, -1, 1e308, 2 ** 53, '', 'text', '\u0000', '\ud800', 'x'.repeat(5000)],
  ...[[], {}, [[[[]]]], { constructor: { prototype: { polluted: 1 } } }, { toString: 1 }],
];
const members = [
  ...['name', 'kind', 'role', 'scope', 'principalId', 'days', 'actions', 'templateId', 'cron', 'timeZone'],
  ...['version', 'channel', 'reason', 'tags', 'location', 'properties', 'to', 'policy', 'limit', 'source'],
];

test('whatever is sent to the routes of the document is answered, and is no mistake of the service', async () => {
  const { paths } = await read();
  const next = numbers(20_261_125);
  const pick = <T>(list: readonly T[]) => list[next(list.length)]!;
  const body = (): unknown => {
    const kind = next(6);
    if (kind === 0) return pick(['{', '[1,', 'null', '"text"', '\uFEFF{}', '{"a":1}{', '[['.repeat(500)]);
    if (kind === 1) return JSON.stringify(pick(values) ?? null);
    return JSON.stringify(
      Object.fromEntries(Array.from({ length: next(6) }, () => [pick(members), pick(values) ?? null])),
    );
  };
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations)) {
      for (let round = 0; round < 12; round++) {
        const query = Array.from({ length: next(3) }, () => {
          const name = pick([...members, 'before', 'after', 'offset', 'limit', '$skipToken', 'state']);
          return `${name}=${next(2) === 0 ? encodeURIComponent(pick(strange)) : encodeOnce(pick(strange))}`;
        });
        const address = `${path.replaceAll(/\{\w+\}/g, () => encodeOnce(pick(strange)))}?${query.join('&')}`;
        const sent = method === 'get' || method === 'delete' ? undefined : body();
        const reply = await service.request(method.toUpperCase(), address, {
          ...(sent !== undefined && { body: sent }),
        });
        const what = `${method} ${address} ${String(sent)}\n${reply.text}\n${service.log.findLast((line) => line.includes('"error"')) ?? ''}`;
        assert.ok(reply.status < 500, what);
        assert.ok(reply.status >= 200 && reply.status !== 401, what);
        assert.equal(reply.headers['set-cookie'], undefined, what);
      }
    }
  }
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  const { body: me } = await service.request('GET', '/api/v1/me');
  assert.deepEqual((me as { roles: unknown }).roles, [{ role: 'owner', scope: '/' }]);
});

/** What is encoded already stays as it is. */
function encodeOnce(text: string): string {
  return /%[0-9a-fA-F]{2}/.test(text) ? text.replaceAll(/[ ';]/g, '') : encodeURIComponent(text);
}
