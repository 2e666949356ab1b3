import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createPrincipal } from '../access/principals.ts';
import type { Publishing } from '../gallery/publishing.ts';
import { nullTemplateBody, openHouse, templateId } from '../workers/testing/run-house.ts';
import { nextTurn } from './schedule.ts';
import { triggerRound } from './trigger-rounds.ts';
import { createTriggers } from './triggers.ts';

async function openTriggers(t: TestContext, sku = 'instant') {
  let jumped = 0;
  const house = await openHouse(t, { now: () => new Date(Date.now() + jumped) });
  const { context, runs } = house;
  const findTemplate = async () => ({ template: nullTemplateBody(sku), location: 'local' });
  const source = { version: 'one' };
  const publishing: Publishing = {
    ...house.tools.publishing,
    resolveSource: async () => ({ image: 'debian/12', exactVersion: source.version }),
  };
  const caller = await createPrincipal(context.database, { kind: 'user', name: 'owner' }, context.now());
  // Two services beside each other on the same tables.
  const services = [0, 1].map(() => {
    const triggers = createTriggers(context, runs, findTemplate);
    return { triggers, round: triggerRound(context, triggers, publishing, findTemplate) };
  });
  const [first, second] = services as [(typeof services)[0], (typeof services)[0]];
  const causes = async () =>
    (
      await context.database
        .selectFrom('runs')
        .select(['id', 'cause', 'state'])
        .orderBy('queued_at')
        .execute()
    ).filter(({ cause }) => cause === 'trigger');
  const both = () => Promise.all([first.round(), second.round()]);
  return {
    house,
    first,
    both,
    causes,
    source,
    callerId: caller.id,
    jump: (milliseconds: number) => {
      jumped += milliseconds;
    },
  };
}

test('a new version of the source starts one run, however many services see it', async (t) => {
  const { house, first, both, causes, source, callerId } = await openTriggers(t);
  await first.triggers.put({ templateId: templateId('web'), name: 'source', kind: 'SourceImage', callerId });
  await both();
  assert.deepEqual(await causes(), [], 'what was there before is no change');
  source.version = 'two';
  await both();
  await both();
  assert.equal((await causes()).length, 1);
  // Busy: the third version waits until the run has ended.
  source.version = 'three';
  await both();
  assert.equal((await causes()).length, 1);
  await house.work();
  await house.ended((await causes())[0]!.id);
  await both();
  assert.equal((await causes()).length, 2);
});

test('a schedule starts one run a turn; missed turns are one, and clocks may jump', async (t) => {
  const { house, first, both, causes, callerId, jump } = await openTriggers(t);
  await house.work();
  const { trigger } = await first.triggers.put({
    ...{ templateId: templateId('web'), name: 'nightly', kind: 'Schedule' as const, callerId },
    schedule: { cron: '0 3 * * *', timeZone: 'Europe/Berlin' },
  });
  assert.ok(trigger.next_at);
  await both();
  assert.equal((await causes()).length, 0);
  jump(5 * 86_400_000);
  await both();
  await both();
  assert.equal((await causes()).length, 1);
  await house.ended((await causes())[0]!.id);
  jump(-5 * 86_400_000);
  await both();
  const again = await first.triggers.find(templateId('web'), 'Nightly');
  assert.ok(again!.next_at!.getTime() - house.context.now().getTime() <= 86_400_000 * 1.1);
  assert.throws(() => nextTurn({ cron: 'every day' }, new Date()), { code: 'ValidationFailed' });
  assert.throws(() => nextTurn({ cron: '* * * * *', timeZone: 'Nowhere/Land' }, new Date()), {
    code: 'ValidationFailed',
  });
});

test('a webhook needs its secret, and the same delivery starts one run', async (t) => {
  const { first, causes, callerId } = await openTriggers(t);
  const { trigger, secret } = await first.triggers.put({
    ...{ templateId: templateId('web'), name: 'hook', kind: 'Webhook' as const, callerId },
  });
  assert.ok(secret);
  for (const wrong of ['', 'wrong', `${secret}x`]) {
    await assert.rejects(first.triggers.webhook(trigger.id, wrong, 'call 1'), { status: 404 });
  }
  assert.equal(trigger.secret_hash?.includes(secret), false);
  const started = await Promise.all(
    [1, 2, 3].map(() => first.triggers.webhook(trigger.id, secret, 'call 1')),
  );
  assert.equal(started.filter((id) => id !== undefined).length, 1);
  assert.equal((await causes()).length, 1);
});

test('five failures in a row disable a trigger, and a success by hand enables it again', async (t) => {
  const { house, first, both, callerId, causes } = await openTriggers(t, '1ms-fail1');
  await house.work();
  const { trigger, secret } = await first.triggers.put({
    ...{ templateId: templateId('web'), name: 'hook', kind: 'Webhook' as const, callerId },
  });
  for (let turn = 1; turn <= 5; turn++) {
    const id = await first.triggers.webhook(trigger.id, secret!, `call ${turn}`);
    await house.ended(id!);
    await both();
  }
  await assert.rejects(first.triggers.webhook(trigger.id, secret!, 'call 6'), {
    code: 'OperationNotAllowed',
  });
  assert.equal((await causes()).length, 5);
  const disabled = await first.triggers.find(templateId('web'), 'hook');
  assert.match(disabled!.status_message, /^5 runs in a row failed/);
  const { id } = await house.start('web');
  await house.ended(id);
  await both();
  assert.equal((await first.triggers.find(templateId('web'), 'hook'))!.state, 'Healthy');
});
