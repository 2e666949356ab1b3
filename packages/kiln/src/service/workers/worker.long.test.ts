import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { readLog } from '../runs/run-log.ts';
import { findBuildUser } from './build-user.ts';
import { kilnProgram, openHouse } from './testing/run-house.ts';

test('a run goes through its sub-states, publishes each output once, and leaves nothing in staging', async (t) => {
  const house = await openHouse(t);
  const seen = new Set<string>();
  const { context } = house;
  await house.work();
  house.care();
  const { id } = await house.start('web', '150ms');
  const looking = setInterval(async () => {
    const run = await house.runs.get(id);
    if (run?.subState) seen.add(run.subState);
  }, 15);
  const run = await house.ended(id);
  clearInterval(looking);
  assert.equal(run.state, 'Succeeded', run.message);
  for (const state of ['Building', 'Customizing', 'Optimizing', 'Validating', 'Distributing']) {
    assert.ok(seen.has(state), `${state} was not seen among ${[...seen]}`);
  }
  const outputs = (await house.published()).map(({ output }) => output);
  assert.deepEqual(outputs, ['one', 'two']);
  const steps = await context.database.selectFrom('run_steps').selectAll().orderBy('position').execute();
  assert.deepEqual(
    steps.map(({ sub_state, state }) => `${sub_state} ${state}`),
    ['Building Succeeded', 'Customizing Succeeded', 'Optimizing Succeeded', 'Validating Succeeded'],
  );
  assert.ok(steps.every(({ milliseconds }) => milliseconds !== null && milliseconds >= 100));
  const log = (await readLog(house.home, id, 0, 1 << 20)).bytes.toString();
  assert.match(log, /^\d{4}-\S+Z {5}customizing$/m);
  assert.match(log, /the run ends: Succeeded/);
  await house.care().round();
  assert.deepEqual(await context.database.selectFrom('staging_groups').selectAll().execute(), []);
  assert.deepEqual(readdirSync(join(house.buildHome, 'staging')), []);
  assert.deepEqual(readdirSync(join(house.buildHome, 'runs')), []);
});

test('a run whose step fails has failed, and says where', async (t) => {
  const house = await openHouse(t);
  await house.work();
  const { id } = await house.start('web', '10ms-fail2');
  const run = await house.ended(id);
  assert.equal(run.state, 'Failed');
  assert.match(run.message, /exit code 1.*step 2 of 4/);
  const row = await house.context.database.selectFrom('runs').select('failure').executeTakeFirstOrThrow();
  assert.equal((JSON.parse(row.failure!) as { code: string }).code, 'PackerBuildFailed');
  assert.deepEqual(await house.published(), []);
});

test('the same request gives the same run, and another one is refused until it has ended', async (t) => {
  const house = await openHouse(t);
  const request = {
    templateId: '/subscriptions/s/resourceGroups/G/providers/Microsoft.VirtualMachineImages/imageTemplates/T',
    template: {},
    location: 'local',
    cause: 'manual' as const,
    callerId: 'tester',
    clientRequestId: 'first',
  };
  const first = await house.runs.start(request);
  assert.equal((await house.runs.start(request)).id, first.id);
  await assert.rejects(house.runs.start({ ...request, clientRequestId: 'second' }), {
    status: 409,
    code: 'OperationNotAllowed',
  });
  await assert.rejects(house.runs.forget(request.templateId), { code: 'OperationNotAllowed' });
  await house.runs.cancel(request.templateId);
  house.care();
  assert.equal((await house.ended(first.id)).state, 'Canceled');
  assert.notEqual((await house.runs.start({ ...request, clientRequestId: 'second' })).id, first.id);
});

test('a cancelled build is gone within five seconds, with its processes', async (t) => {
  const house = await openHouse(t);
  await house.work();
  const { id, templateId } = await house.start('web', '60000ms');
  let process: string | undefined;
  while (!process) {
    const row = await house.context.database
      .selectFrom('staging_groups')
      .select('processes')
      .executeTakeFirst();
    process = row?.processes.split(':')[0];
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const from = performance.now();
  await house.runs.cancel(templateId);
  const run = await house.ended(id);
  assert.equal(run.state, 'Canceled');
  assert.ok(performance.now() - from < 5_000);
  assert.equal(existsSync(`/proc/${process}`), false);
});

test('runs that do not fit wait, and a run that is larger than the worker gets all of it', async (t) => {
  const house = await openHouse(t);
  await house.work({ capacity: { cpus: 2, memoryMib: 4_096 } });
  const size = (vmSize: string) => ({ vmProfile: { vmSize } });
  const large = await house.start('large', '400ms', size('Standard_D16s_v5'));
  while ((await house.runs.get(large.id))?.subState === 'Queued') {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const small = await house.start('small', 'instant', size('Standard_B1s'));
  await house.ended(small.id);
  const rows = await house.context.database.selectFrom('runs').selectAll().execute();
  const row = (id: string) => rows.find((one) => one.id === id)!;
  assert.ok(row(large.id).ended_at);
  assert.ok(row(small.id).started_at!.getTime() >= row(large.id).ended_at!.getTime());
});

test('builds run as the user that is configured, one after the other in the same store', {
  skip: whyNotAsNobody() ?? false,
}, async (t) => {
  const house = await openHouse(t);
  chmodSync(dirname(house.home), 0o755);
  const buildUser = findBuildUser('nobody');
  await house.work({ tools: { ...house.tools, buildUser } });
  for (const name of ['first', 'second']) {
    const run = await house.ended((await house.start(name, '5ms')).id);
    assert.equal(run.state, 'Succeeded', `${run.message}\n${await logOf(house.home, run.id)}`);
  }
  assert.equal(statSync(house.buildHome).uid, buildUser.uid);
  assert.equal(statSync(join(house.buildHome, 'logs')).uid, buildUser.uid);
});

async function logOf(home: string, id: string): Promise<string> {
  return (await readLog(home, id, 0, 1 << 20)).bytes.toString();
}

function whyNotAsNobody(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root can run builds as somebody else';
  const { uid, gid } = findBuildUser('nobody');
  const paths = [process.execPath, kilnProgram[1]];
  const { status } = spawnSync('/bin/sh', ['-c', 'test -x "$0" && test -r "$1"', ...paths], {
    uid,
    gid,
    cwd: '/',
  });
  return status === 0 ? undefined : 'another user cannot read Kiln here';
}
