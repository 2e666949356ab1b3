import { messageOf } from '../../base/errors.ts';
import type { Publishing } from '../gallery/publishing.ts';
import { textAt, valueAt } from '../runs/run-size.ts';
import { isFinal } from '../runs/run-state.ts';
import type { ServiceContext } from '../service-context.ts';
import { nextTurn, type ScheduleSettings } from './schedule.ts';
import type { FindTemplate, Trigger, Triggers } from './triggers.ts';

/** After so many failures in a row nobody looks at what a trigger starts. */
export const mostFailures = 5;

/** One round of all triggers: what is due is fired, and how the runs went is counted. Several services may do so. */
export function triggerRound(
  context: ServiceContext,
  triggers: Triggers,
  publishing: Publishing,
  findTemplate: FindTemplate,
): () => Promise<void> {
  const { database, now, log } = context;
  return async () => {
    await settleFirings(context);
    await enableAgain(context);
    const healthy = await database
      .selectFrom('triggers')
      .selectAll()
      .where('state', '=', 'Healthy')
      .where('kind', '<>', 'Webhook')
      .execute();
    for (const trigger of healthy) {
      try {
        if (trigger.kind === 'Schedule') await fireSchedule(context, triggers, trigger, now());
        else await fireSource(context, triggers, publishing, findTemplate, trigger);
      } catch (error) {
        log.warn({ trigger: trigger.id, error: messageOf(error) }, 'a trigger could not be looked at');
        await say(context, trigger, messageOf(error));
      }
    }
  };
}

async function fireSchedule(
  { database }: ServiceContext,
  triggers: Triggers,
  trigger: Trigger,
  now: Date,
): Promise<void> {
  const settings = JSON.parse(trigger.settings) as ScheduleSettings;
  const { next_at } = trigger;
  if (next_at && next_at > now) {
    // A clock that jumped forward and back must not leave a turn years ahead.
    const next = nextTurn(settings, now);
    if (next && next < next_at) {
      await database.updateTable('triggers').set({ next_at: next }).where('id', '=', trigger.id).execute();
    }
    return;
  }
  if (next_at) {
    // Turns that were missed while nobody was there are one turn. A busy template misses its turn.
    await triggers.fire(trigger, `turn ${next_at.toISOString()}`);
  }
  await database
    .updateTable('triggers')
    .set({ next_at: nextTurn(settings, now), seen: now.toISOString() })
    .where('id', '=', trigger.id)
    .execute();
}

async function fireSource(
  context: ServiceContext,
  triggers: Triggers,
  publishing: Publishing,
  findTemplate: FindTemplate,
  trigger: Trigger,
): Promise<void> {
  const found = await findTemplate(trigger.template_id);
  if (!found) return;
  const { database, access } = context;
  const [identityId] = Object.keys(
    (valueAt(found.template, ['identity', 'userAssignedIdentities']) ?? {}) as object,
  );
  const identity =
    identityId === undefined ? await access.principal(trigger.caller_id) : await access.identity(identityId);
  if (!identity) throw new Error('the identity of the template is not there any more');
  const source = (valueAt(found.template, ['properties', 'source']) ?? {}) as Record<string, unknown>;
  const { exactVersion, digest } = await publishing.resolveSource(source, identity, found.location);
  const version = digest ?? exactVersion;
  if (trigger.seen === version) return;
  const see = () =>
    database
      .updateTable('triggers')
      .set({ seen: version, status_message: '', status_at: context.now() })
      .where('id', '=', trigger.id)
      .execute();
  // The version that is there when a trigger is made is no change.
  if (trigger.seen === null) {
    await see();
    return;
  }
  await triggers.fire(trigger, `version ${version}`);
  const fired = await database
    .selectFrom('trigger_firings')
    .select('run_id')
    .where('trigger_id', '=', trigger.id)
    .where('event', '=', `version ${version}`)
    .executeTakeFirst();
  // A busy template is asked again in the next round.
  if (fired) await see();
}

async function settleFirings({ database, now }: ServiceContext): Promise<void> {
  const open = await database
    .selectFrom('trigger_firings as one')
    .innerJoin('runs', 'runs.id', 'one.run_id')
    .select(['one.trigger_id', 'one.event', 'runs.state', 'runs.message'])
    .where('one.settled', '=', false)
    .where('runs.ended_at', 'is not', null)
    .orderBy('runs.ended_at')
    .execute();
  for (const { trigger_id, event, state, message } of open) {
    if (!isFinal(state)) continue;
    await database.transaction().execute(async (transaction) => {
      const mine = await transaction
        .updateTable('trigger_firings')
        .set({ settled: true })
        .where('trigger_id', '=', trigger_id)
        .where('event', '=', event)
        .where('settled', '=', false)
        .executeTakeFirst();
      if (mine.numUpdatedRows === 0n || state === 'Canceled') return;
      if (state === 'Succeeded') {
        await transaction.updateTable('triggers').set({ failures: 0 }).where('id', '=', trigger_id).execute();
        return;
      }
      const { failures } = await transaction
        .updateTable('triggers')
        .set((row) => ({ failures: row('failures', '+', 1) }))
        .where('id', '=', trigger_id)
        .returning('failures')
        .executeTakeFirstOrThrow();
      if (failures < mostFailures) return;
      await transaction
        .updateTable('triggers')
        .set({
          state: 'Disabled',
          status_message: `${failures} runs in a row failed, the last one with: ${message}. A run that is started by hand and succeeds enables the trigger again.`,
          status_at: now(),
        })
        .where('id', '=', trigger_id)
        .execute();
    });
  }
}

async function enableAgain({ database, now }: ServiceContext): Promise<void> {
  await database
    .updateTable('triggers')
    .set({ state: 'Healthy', failures: 0, status_message: '', status_at: now() })
    .where('state', '=', 'Disabled')
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('runs')
          .select('runs.id')
          .whereRef('runs.template_id', '=', 'triggers.template_id')
          .where('runs.cause', '=', 'manual')
          .where('runs.state', '=', 'Succeeded')
          .whereRef('runs.ended_at', '>', 'triggers.status_at'),
      ),
    )
    .execute();
}

async function say({ database, now }: ServiceContext, trigger: Trigger, message: string): Promise<void> {
  if (trigger.status_message === message) return;
  await database
    .updateTable('triggers')
    .set({ status_message: message, status_at: now() })
    .where('id', '=', trigger.id)
    .execute();
}

/** Whether a template asks for a run as soon as it is made. */
export function runsByItself(template: unknown): boolean {
  return textAt(template, ['properties', 'autoRun', 'state']) === 'Enabled';
}
