import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ImageBuilderClient } from '@azure/arm-imagebuilder';
import type { AccessToken, TokenCredential } from '@azure/core-auth';
import { ImageBuilderClient as OldImageBuilderClient } from 'arm-imagebuilder-4';
import { startTestService, type TestService } from './testing/test-service.ts';
import { kilnProgram } from './workers/testing/run-house.ts';

/** The official clients, as they are; the service has a worker whose builds are of nothing. */
let service: TestService;
let root: string;
before(async () => {
  process.env['KILN_TEST_NULL_BUILDS'] = '1';
  root = await mkdtemp(join(tmpdir(), 'kiln-npm-'));
  service = await startTestService({
    home: join(root, 'home'),
    parts: { worker: { program: kilnProgram, capacity: { cpus: 2, memoryMib: 8192 } } },
  });
});
after(async () => {
  await service.close();
  await rm(root, { recursive: true, force: true });
});

const subscription = '0a1b2c3d-0000-4000-8000-000000000001';
const group = 'clients';
const scope = `/subscriptions/${subscription}/resourceGroups/${group}`;
const poll = { updateIntervalInMs: 50 };

function credential(): TokenCredential {
  const token: AccessToken = { token: service.admin, expiresOnTimestamp: Date.now() + 3_600_000 };
  return { getToken: async () => token };
}

const options = () => ({
  endpoint: service.origin,
  tlsOptions: { ca: service.authority },
  retryOptions: { maxRetries: 0 },
});

/** The clients have the members of `properties` beside the others. */
function template(sku: string, image: string) {
  return {
    location: 'westeurope',
    identity: { type: 'None' as const },
    source: { type: 'PlatformImage' as const, publisher: 'Kiln', offer: 'Null', sku, version: 'latest' },
    customize: [{ type: 'Shell' as const, name: 'greet', inline: ['echo hello'] }],
    distribute: [
      {
        type: 'ManagedImage' as const,
        runOutputName: 'image',
        imageId: `${scope}/providers/Microsoft.Compute/images/${image}`,
        location: 'westeurope',
      },
    ],
  };
}

test('arm-imagebuilder 5.0.0 makes, lists, changes, runs and deletes a template, and reads what came of it', async () => {
  const client = new ImageBuilderClient(credential(), subscription, options());
  const templates = client.virtualMachineImageTemplates;
  const made = await templates.createOrUpdate(group, 'five', template('instant', 'five'), poll);
  assert.equal(made.provisioningState, 'Succeeded');
  assert.equal(made.systemData?.createdByType, 'User');
  const names: string[] = [];
  for await (const one of templates.listByResourceGroup(group)) names.push(one.name ?? '');
  assert.ok(names.includes('five'));
  const patched = await templates.update(group, 'five', { tags: { team: 'web' } }, poll);
  assert.deepEqual(patched.tags, { team: 'web' });
  await templates.run(group, 'five', poll);
  const ran = await templates.get(group, 'five');
  assert.equal(ran.lastRunStatus?.runState, 'Succeeded');
  assert.ok(ran.lastRunStatus?.endTime);
  const outputs: string[] = [];
  for await (const one of templates.listRunOutputs(group, 'five')) outputs.push(one.artifactId ?? '');
  assert.deepEqual(
    outputs.map((id) => id.toLowerCase()),
    [`${scope}/providers/Microsoft.Compute/images/five`.toLowerCase()],
  );
  const output = await templates.getRunOutput(group, 'five', 'image');
  assert.equal(output.provisioningState, 'Succeeded');
  await templates.delete(group, 'five', poll);
  await assert.rejects(templates.get(group, 'five'), { statusCode: 404, code: 'ResourceNotFound' });
});

test('arm-imagebuilder 4.0.0 does, too', async () => {
  const client = new OldImageBuilderClient(credential(), subscription, options());
  const templates = client.virtualMachineImageTemplates;
  const made = await templates.beginCreateOrUpdateAndWait(group, 'four', template('instant', 'four'), poll);
  assert.equal(made.provisioningState, 'Succeeded');
  const ids: string[] = [];
  for await (const one of templates.list()) ids.push(one.id ?? '');
  assert.ok(ids.some((id) => id.endsWith('/four')));
  const patched = await templates.beginUpdateAndWait(group, 'four', { tags: { team: 'web' } }, poll);
  assert.deepEqual(patched.tags, { team: 'web' });
  await templates.beginRunAndWait(group, 'four', poll);
  const outputs: string[] = [];
  for await (const one of templates.listRunOutputs(group, 'four')) outputs.push(one.name ?? '');
  assert.deepEqual(outputs, ['image']);
  await templates.beginDeleteAndWait(group, 'four', poll);
  await assert.rejects(templates.get(group, 'four'), { statusCode: 404 });
});

test('a running build is cancelled, and its poller says so', async () => {
  const client = new ImageBuilderClient(credential(), subscription, options());
  const templates = client.virtualMachineImageTemplates;
  await templates.createOrUpdate(group, 'long', template('60000ms', 'long'), poll);
  const running = templates.run(group, 'long', poll);
  const ended = assert.rejects(Promise.resolve(running), /canceled/i);
  const subState = async () => (await templates.get(group, 'long')).lastRunStatus?.runSubState;
  while (!['Building', 'Customizing'].includes((await subState()) ?? '')) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await assert.rejects(templates.run(group, 'long', poll), { code: 'OperationNotAllowed' });
  await templates.cancel(group, 'long', poll);
  await ended;
  const state = (await templates.get(group, 'long')).lastRunStatus?.runState;
  assert.equal(state, 'Canceled');
});

test('a build that fails says so with a code, and mistakes in a template are errors of requests', async () => {
  const client = new ImageBuilderClient(credential(), subscription, options());
  const templates = client.virtualMachineImageTemplates;
  await templates.createOrUpdate(group, 'failing', template('1ms-fail2', 'failing'), poll);
  await assert.rejects(Promise.resolve(templates.run(group, 'failing', poll)), /has failed. \w+/);
  const last = (await templates.get(group, 'failing')).lastRunStatus;
  assert.equal(last?.runState, 'Failed');
  assert.ok(last?.message);
  const wrong = template('instant', 'wrong');
  const broken = { ...wrong, buildTimeoutInMinutes: 3 };
  await assert.rejects(Promise.resolve(templates.createOrUpdate(group, 'wrong', broken, poll)), {
    statusCode: 400,
    code: 'ValidationFailed',
  });
});

test('triggers and the list of operations are there for clients', async () => {
  const client = new ImageBuilderClient(credential(), subscription, options());
  const names: string[] = [];
  for await (const one of client.operations.list()) names.push(one.name ?? '');
  assert.ok(names.includes('Microsoft.VirtualMachineImages/imageTemplates/run/action'));
  const body = template('instant', 'triggered');
  await client.virtualMachineImageTemplates.createOrUpdate(group, 'triggered', body, poll);
  const trigger = await client.triggers.createOrUpdate(
    group,
    'triggered',
    'source',
    { properties: { kind: 'SourceImage' } },
    poll,
  );
  assert.equal(trigger.properties?.kind, 'SourceImage');
  await client.triggers.delete(group, 'triggered', 'source', poll);
  await assert.rejects(client.triggers.get(group, 'triggered', 'source'), { statusCode: 404 });
});

test('who has no token that is good gets an error of the request', async () => {
  const bad: TokenCredential = {
    getToken: async () => ({ token: 'nothing', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  const client = new ImageBuilderClient(bad, subscription, options());
  await assert.rejects(client.virtualMachineImageTemplates.get(group, 'five'), {
    statusCode: 401,
    code: 'AuthenticationFailed',
  });
});
