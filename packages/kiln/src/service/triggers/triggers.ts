import { createHash, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { TriggerRow } from '../runs/run-tables.ts';
import type { Runs } from '../runs/runs.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { checkSourceTrigger } from './check-source-trigger.ts';
import { nextTurn, type ScheduleSettings } from './schedule.ts';

export type Trigger = Selectable<TriggerRow>;

/** A template as it is now, for runs that nobody asked for by hand. */
export interface TriggeredTemplate {
  readonly template: unknown;
  readonly location: string;
}

/** Who knows templates, by ARM id. */
export type FindTemplate = (templateId: string) => Promise<TriggeredTemplate | undefined>;

export interface PutTrigger {
  readonly templateId: string;
  readonly name: string;
  readonly kind: TriggerRow['kind'];
  /** Of a schedule. */
  readonly schedule?: ScheduleSettings;
  readonly callerId: string;
}

/** Triggers of templates, and what they start. */
export interface Triggers {
  /** Gives the secret of a webhook that is new, which cannot be asked for again. @throws ServiceError 400, 404, 409 */
  put(
    request: PutTrigger,
  ): Promise<{ readonly trigger: Trigger; readonly created: boolean; readonly secret?: string }>;
  find(templateId: string, name: string): Promise<Trigger | undefined>;
  list(templateId: string): Promise<readonly Trigger[]>;
  /** Whether there was one. */
  remove(templateId: string, name: string): Promise<boolean>;
  /**
   * Something happened that a trigger is for. The same event again starts nothing, whoever says it: a row in the
   * database belongs to each. Gives the run, or undefined when somebody else started it or the template is busy.
   */
  fire(trigger: Trigger, event: string): Promise<string | undefined>;
  /** @throws ServiceError 404 when the secret is not the trigger's */
  webhook(triggerId: string, secret: string, event: string): Promise<string | undefined>;
}

export function createTriggers(context: ServiceContext, runs: Runs, findTemplate: FindTemplate): Triggers {
  const { database, now } = context;
  const find: Triggers['find'] = async (templateId, name) =>
    database
      .selectFrom('triggers')
      .selectAll()
      .where('template_id', '=', templateId.toLowerCase())
      .where(({ eb, fn }) => eb(fn('lower', ['name']), '=', name.toLowerCase()))
      .executeTakeFirst();
  const list: Triggers['list'] = (templateId) =>
    database
      .selectFrom('triggers')
      .selectAll()
      .where('template_id', '=', templateId.toLowerCase())
      .orderBy('name')
      .execute();

  const fire: Triggers['fire'] = async (trigger, event) => {
    if (trigger.state === 'Disabled') return undefined;
    const template = await findTemplate(trigger.template_id);
    if (!template) return undefined;
    const claimed = await database
      .insertInto('trigger_firings')
      .values({ trigger_id: trigger.id, event, run_id: null, fired_at: now(), settled: false })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    const isMine = Number(claimed.numInsertedOrUpdatedRows ?? 0) > 0;
    // Whoever wrote the row may have died before the run was there: the request's id makes asking again harmless.
    if (!isMine && !(await isUnfinished(trigger.id, event))) return undefined;
    try {
      const run = await runs.start({
        templateId: trigger.template_id,
        template: template.template,
        location: template.location,
        cause: 'trigger',
        callerId: trigger.caller_id,
        clientRequestId: `trigger ${trigger.id} ${event}`,
      });
      await database
        .updateTable('trigger_firings')
        .set({ run_id: run.id })
        .where('trigger_id', '=', trigger.id)
        .where('event', '=', event)
        .execute();
      return isMine ? run.id : undefined;
    } catch (error) {
      if (!(error instanceof ServiceError && error.status === 409)) throw error;
      // The template is busy; what happened is still to be answered.
      await database
        .deleteFrom('trigger_firings')
        .where('trigger_id', '=', trigger.id)
        .where('event', '=', event)
        .where('run_id', 'is', null)
        .execute();
      return undefined;
    }
  };

  const isUnfinished = async (triggerId: string, event: string): Promise<boolean> => {
    const row = await database
      .selectFrom('trigger_firings')
      .select('run_id')
      .where('trigger_id', '=', triggerId)
      .where('event', '=', event)
      .executeTakeFirst();
    return row?.run_id === null;
  };

  return {
    find,
    list,
    fire,
    async put(request) {
      const templateId = request.templateId.toLowerCase();
      const template = await findTemplate(templateId);
      if (!template)
        throw new ServiceError(404, 'ResourceNotFound', 'the image template of the trigger is not there');
      const before = await find(templateId, request.name);
      if (before && before.kind !== request.kind) {
        throw new ServiceError(
          409,
          'Conflict',
          `the kind of the trigger ${before.name} cannot be changed (${before.kind})`,
        );
      }
      if (request.kind === 'SourceImage')
        checkSourceTrigger(template.template, before, await list(templateId));
      const settings = request.kind === 'Schedule' ? (request.schedule ?? { cron: '' }) : {};
      const next = request.kind === 'Schedule' ? nextTurn(settings as ScheduleSettings, now()) : null;
      const secret =
        request.kind === 'Webhook' && !before ? randomBytes(24).toString('base64url') : undefined;
      const changed = {
        settings: JSON.stringify(settings),
        next_at: next,
        updated_at: now(),
        caller_id: request.callerId,
      };
      const trigger = before
        ? await database
            .updateTable('triggers')
            .set(changed)
            .where('id', '=', before.id)
            .returningAll()
            .executeTakeFirstOrThrow()
        : await database
            .insertInto('triggers')
            .values({
              ...changed,
              id: randomUUID(),
              template_id: templateId,
              name: request.name,
              kind: request.kind,
              secret_hash: secret === undefined ? null : hashOf(secret),
              created_at: now(),
              seen: null,
              failures: 0,
              state: 'Healthy',
              status_message: '',
              status_at: now(),
            })
            .returningAll()
            .executeTakeFirstOrThrow();
      return { trigger, created: !before, ...(secret !== undefined && { secret }) };
    },
    async remove(templateId, name) {
      const trigger = await find(templateId, name);
      if (!trigger) return false;
      await database.deleteFrom('triggers').where('id', '=', trigger.id).execute();
      return true;
    },
    async webhook(triggerId, secret, event) {
      const trigger = await database
        .selectFrom('triggers')
        .selectAll()
        .where('id', '=', triggerId.toLowerCase())
        .where('kind', '=', 'Webhook')
        .executeTakeFirst();
      const expected = Buffer.from(trigger?.secret_hash ?? hashOf(''), 'hex');
      const isRight = timingSafeEqual(Buffer.from(hashOf(secret), 'hex'), expected);
      if (!trigger || secret === '' || !isRight) {
        throw new ServiceError(404, 'ResourceNotFound', 'there is no such webhook with this secret');
      }
      if (trigger.state === 'Disabled') {
        throw new ServiceError(
          409,
          'OperationNotAllowed',
          `the trigger is disabled: ${trigger.status_message}`,
        );
      }
      return fire(trigger, event);
    },
  };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
