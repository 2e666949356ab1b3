import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import type { JobQueue } from '../workers/job-queue.ts';
import { removeLog } from './run-log.ts';
import { runRecord } from './run-record.ts';
import { runSizeOf } from './run-size.ts';
import { isFinal } from './run-state.ts';
import type { RunRecord, Runs, StartRun } from './runs.ts';

/** Runs in the service's database. A run and its place in the queue are written together. */
export function createRuns(
  context: Pick<ServiceContext, 'database' | 'now' | 'home'>,
  queue: JobQueue,
): Runs {
  const { database, now } = context;
  return {
    async start(request) {
      const size = runSizeOf(request.template);
      await queue.prepare(size);
      const id = randomUUID();
      const started = await database.transaction().execute(async (transaction) => {
        const { rows } = await insertRun(transaction, request, id, now());
        if (rows > 0) await queue.offer(id, size, transaction);
        return rows > 0;
      });
      if (started) queue.wake();
      return started ? get(database, id).then((run) => run!) : repeated(database, request);
    },

    async cancel(templateId) {
      const row = await database
        .updateTable('runs')
        .set({ state: 'Canceling', message: 'Canceling image build' })
        .where('template_id', '=', templateId.toLowerCase())
        .where('ended_at', 'is', null)
        .returningAll()
        .executeTakeFirst();
      if (row) queue.wake();
      return row && runRecord(row);
    },

    async last(templateId) {
      const row = await database
        .selectFrom('runs')
        .selectAll()
        .where('template_id', '=', templateId.toLowerCase())
        .orderBy('queued_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && runRecord(row);
    },

    get: (runId) => get(database, runId),

    async forget(templateId) {
      const template_id = templateId.toLowerCase();
      const running = await database
        .selectFrom('runs')
        .select('id')
        .where('template_id', '=', template_id)
        .where('ended_at', 'is', null)
        .executeTakeFirst();
      if (running) {
        throw new ServiceError(
          409,
          'OperationNotAllowed',
          `a run of the image template has not ended (${running.id}); cancel it first`,
        );
      }
      const forgotten = await database.transaction().execute(async (transaction) => {
        // With their runs their leases are over, and the sweeper removes them.
        await transaction
          .updateTable('staging_groups')
          .set({ state: 'leased' })
          .where('template_id', '=', template_id)
          .execute();
        await transaction.deleteFrom('triggers').where('template_id', '=', template_id).execute();
        return transaction
          .deleteFrom('runs')
          .where('template_id', '=', template_id)
          .where('ended_at', 'is not', null)
          .returning('id')
          .execute();
      });
      for (const { id } of forgotten) await removeLog(context.home, id);
    },
  };
}

async function get(database: Kysely<Tables>, id: string): Promise<RunRecord | undefined> {
  const row = await database.selectFrom('runs').selectAll().where('id', '=', id).executeTakeFirst();
  return row && runRecord(row);
}

/** Writes nothing when the template has a run that has not ended, or this request has one already. */
async function insertRun(database: Kysely<Tables>, request: StartRun, id: string, now: Date) {
  const size = runSizeOf(request.template);
  const result = await database
    .insertInto('runs')
    .values({
      id,
      template_id: request.templateId.toLowerCase(),
      template: JSON.stringify(request.template),
      location: request.location,
      cause: request.cause,
      caller_id: request.callerId,
      client_request_id: request.clientRequestId,
      state: 'Running',
      sub_state: 'Queued',
      message: '',
      failure: null,
      queued_at: now,
      started_at: null,
      ended_at: null,
      cpus: size.cpus,
      memory_mib: size.memoryMib,
      fence: 0,
      worker_id: null,
      attempts: 0,
      lost: 0,
      exact_source: null,
      image: null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return { rows: Number(result.numInsertedOrUpdatedRows ?? 0) };
}

async function repeated(database: Kysely<Tables>, request: StartRun): Promise<RunRecord> {
  const template_id = request.templateId.toLowerCase();
  const same = await database
    .selectFrom('runs')
    .selectAll()
    .where('template_id', '=', template_id)
    .where('client_request_id', '=', request.clientRequestId)
    .executeTakeFirst();
  if (same) return runRecord(same);
  const open = await database
    .selectFrom('runs')
    .select(['id', 'state'])
    .where('template_id', '=', template_id)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  const which = open && !isFinal(open.state) ? ` (${open.id}, ${open.state})` : '';
  throw new ServiceError(
    409,
    'OperationNotAllowed',
    `another run of the image template has not ended${which}; wait for it, or cancel it`,
  );
}
