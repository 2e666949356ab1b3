import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { get } from 'node:https';
import { test } from 'node:test';
import { startTestService, type TestService } from '../testing/test-service.ts';
import { kilnProgram, nullTemplateBody, testTimes } from '../workers/testing/run-house.ts';

process.env.KILN_TEST_NULL_BUILDS = '1';

const worker = { program: kilnProgram, capacity: { cpus: 4, memoryMib: 16_384 } };

function templatePath(name: string, group = 'team'): string {
  return `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}`;
}

async function submit(service: TestService, name: string, sku: string, group = 'team'): Promise<void> {
  const { status, text } = await service.request(
    'PUT',
    `${templatePath(name, group)}?api-version=2025-10-01`,
    {
      body: nullTemplateBody(sku),
    },
  );
  assert.equal(status, 201, text);
  for (;;) {
    const { body } = await service.request('GET', `${templatePath(name, group)}?api-version=2025-10-01`);
    if ((body as { properties: { provisioningState: string } }).properties.provisioningState === 'Succeeded')
      return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function start(service: TestService, name: string, group = 'team'): Promise<string> {
  const { status, text } = await service.request(
    'POST',
    `${templatePath(name, group)}/run?api-version=2025-10-01`,
  );
  assert.equal(status, 202, text);
  const { body } = await service.request(
    'GET',
    `/api/v1/runs?templateId=${templatePath(name, group)}&limit=1`,
  );
  return (body as { value: { id: string }[] }).value[0]!.id;
}

interface Run {
  readonly id: string;
  readonly state: string;
  readonly steps: readonly { readonly subState: string; readonly state: string }[];
  readonly artifacts: readonly { readonly state: string; readonly artifactUri: string }[];
}

async function ended(service: TestService, id: string): Promise<Run> {
  for (;;) {
    const run = (await service.request('GET', `/api/v1/runs/${id}`)).body as Run;
    if (run.state !== 'Running' && run.state !== 'Canceling') return run;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Reads server-sent events until the reply ends. */
function events(
  service: TestService,
  path: string,
): Promise<readonly { event: string; id?: string; data: string }[]> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${service.admin}` };
    get(`${service.origin}${path}`, { ca: service.authority, headers, agent: false }, (reply) => {
      assert.equal(reply.headers['content-type'], 'text/event-stream');
      let text = '';
      reply.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      reply.on('end', () => {
        const blocks = text.split('\n\n').filter((block) => block.startsWith('event: '));
        resolve(
          blocks.map((block) => {
            const lines = block.split('\n');
            const field = (name: string) =>
              lines.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
            const [id] = field('id');
            return { event: field('event')[0]!, ...(id && { id }), data: field('data').join('\n') };
          }),
        );
      });
    }).on('error', reject);
  });
}

test('a run is seen with its steps, its log as it is written, and what it has made', async () => {
  await using service = await startTestService({ parts: { worker, times: testTimes } });
  await submit(service, 'web', '400ms');
  const id = await start(service, 'web');
  const seen = await events(service, `/api/v1/runs/${id}/log/tail`);
  assert.ok(seen.some(({ event, data }) => event === 'state' && data.includes('"subState":"Customizing"')));
  assert.equal((JSON.parse(seen.at(-1)!.data) as Run).state, 'Succeeded');
  assert.equal(seen.at(-1)!.event, 'end');
  const tailed = seen.filter(({ event }) => event === 'log');

  const log = await service.request('GET', `/api/v1/runs/${id}/log`);
  assert.equal(log.text, `${tailed.map(({ data }) => data).join('\n')}\n`);
  assert.equal(log.headers['x-complete'], 'true');
  const middle = Number(tailed[0]!.id);
  const rest = await service.request('GET', `/api/v1/runs/${id}/log?offset=${middle}`);
  assert.equal(rest.text, Buffer.from(log.text).subarray(middle).toString());
  assert.equal((await service.request('GET', `/api/v1/runs/${id}/log?offset=-1`)).status, 400);
  const again = await events(service, `/api/v1/runs/${id}/log/tail?offset=${middle}`);
  assert.equal(
    `${again
      .filter(({ event }) => event === 'log')
      .map(({ data }) => data)
      .join('\n')}\n`,
    rest.text,
  );

  const run = await ended(service, id);
  assert.deepEqual(
    run.steps.map(({ subState, state }) => `${subState} ${state}`),
    ['Building Succeeded', 'Customizing Succeeded', 'Optimizing Succeeded', 'Validating Succeeded'],
  );
  assert.deepEqual(
    run.artifacts.map(({ state }) => state),
    ['Succeeded', 'Succeeded'],
  );
  const workers = (await service.request('GET', '/api/v1/workers')).body as { value: object[] };
  assert.equal(workers.value.length, 1);
});

test('runs are given by pages that later runs do not shift, to those who may read them', async () => {
  await using service = await startTestService({ parts: { worker, times: testTimes } });
  for (const group of ['team', 'other']) await submit(service, 'web', 'instant', group);
  const ids: string[] = [];
  for (let turn = 0; turn < 5; turn++) {
    ids.push(await start(service, 'web'));
    await ended(service, ids.at(-1)!);
  }
  const foreign = await start(service, 'web', 'other');
  await ended(service, foreign);
  const reader = await service.person('reader', '/subscriptions/s/resourceGroups/Team');
  const nobody = await service.person();
  const found: string[] = [];
  let next: string | undefined = '/api/v1/runs?limit=2';
  while (next !== undefined) {
    const { body } = await service.request('GET', next, { token: reader.token });
    const page = body as { value: { id: string }[]; nextLink?: string };
    if (found.length === 0) ids.push(await start(service, 'web'));
    found.push(...page.value.map(({ id }) => id));
    next = page.nextLink;
  }
  assert.deepEqual(found, ids.slice(0, 5).reverse());
  const list = async (token: string) =>
    ((await service.request('GET', '/api/v1/runs', { token })).body as { value: object[] }).value.length;
  assert.deepEqual([await list(nobody.token), await list(service.admin)], [0, 7]);
  for (const token of [nobody.token, reader.token]) {
    assert.equal((await service.request('GET', `/api/v1/runs/${foreign}`, { token })).status, 404);
    assert.equal((await service.request('GET', `/api/v1/runs/${foreign}/log`, { token })).status, 404);
  }
  assert.equal(
    (await service.request('POST', `/api/v1/runs/${ids[0]}/cancel`, { token: reader.token })).status,
    403,
  );
  assert.equal((await service.request('GET', '/api/v1/runs', { token: null })).status, 401);
  assert.equal((await service.request('GET', '/api/v1/runs?after=nonsense')).status, 400);
  assert.equal((await service.request('GET', '/api/v1/runs?limit=0')).status, 400);
  assert.equal((await service.request('GET', `/api/v1/runs/${randomUUID()}`)).status, 404);
});

test('a run is cancelled by its id, and clocks that jump end nothing', async () => {
  await using service = await startTestService({ parts: { worker, times: testTimes } });
  await submit(service, 'web', '60000ms');
  const id = await start(service, 'web');
  service.jump(40 * 24 * 3_600_000);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  service.jump(-80 * 24 * 3_600_000);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const running = (await service.request('GET', `/api/v1/runs/${id}`)).body as Run & { attempts: number };
  assert.deepEqual([running.state, running.attempts], ['Running', 1]);
  service.jump(40 * 24 * 3_600_000);
  const cancelled = await service.request('POST', `/api/v1/runs/${id}/cancel`);
  assert.equal(cancelled.status, 202);
  const from = performance.now();
  assert.equal((await ended(service, id)).state, 'Canceled');
  assert.ok(performance.now() - from < 5_000);
  assert.equal((await service.request('POST', `/api/v1/runs/${id}/cancel`)).status, 409);
});
