import type { Selectable } from 'kysely';
import type { Action } from '../access/actions.ts';
import type { Route, RouteRequest } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { listRuns } from './list-runs.ts';
import { outputJson, runJson, stepJson } from './run-json.ts';
import { readLog } from './run-log.ts';
import { isFinal } from './run-state.ts';
import type { RunRow } from './run-tables.ts';
import type { Runs } from './runs.ts';
import { tailLog } from './tail-log.ts';

/** What one reply gives of a log at most, in bytes. */
const mostOfLog = 4 << 20;

/** The history of runs, under `/api/v1`. A run is as readable as its template's runs; to all others it is not there. */
export function runRoutes(context: ServiceContext, runs: Runs): readonly Route[] {
  const { database, home } = context;
  const find = (request: RouteRequest, action: Action) => findRun(context, request, action);
  return [
    {
      method: 'GET',
      path: '/api/v1/runs',
      action: 'signed-in',
      summary: 'Runs, the newest first; with templateId, state, limit and after',
      handle: async (request) => ({ status: 200, body: await listRuns(context, request) }),
    },
    {
      method: 'GET',
      path: '/api/v1/runs/{run}',
      action: 'signed-in',
      summary: 'A run with its steps, their states and timings, and what was published',
      handle: async (request) => {
        const run = await find(request, 'runs/read');
        const steps = await database
          .selectFrom('run_steps')
          .selectAll()
          .where('run_id', '=', run.id)
          .orderBy('attempt')
          .orderBy('position')
          .execute();
        return {
          status: 200,
          body: { ...runJson(run), steps: steps.map(stepJson), artifacts: await artifacts(context, run.id) },
        };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/runs/{run}/artifacts',
      action: 'signed-in',
      summary: 'What a run has published, or could not',
      handle: async (request) => {
        const run = await find(request, 'runs/read');
        return { status: 200, body: { value: await artifacts(context, run.id) } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/runs/{run}/template',
      action: 'signed-in',
      summary: 'The template as it was when the run began',
      handle: async (request) => {
        const run = await find(request, 'runs/read');
        return { status: 200, body: JSON.parse(run.template) };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/runs/{run}/log',
      action: 'signed-in',
      summary: 'The log of a run from a byte offset on; x-next-offset says where the next part begins',
      handle: async (request) => {
        const run = await find(request, 'runs/read');
        const { bytes, next, size } = await readLog(
          home,
          run.id,
          offsetOf(request.query['offset']),
          mostOfLog,
        );
        return {
          status: 200,
          headers: {
            'content-type': 'text/plain; charset=utf-8',
            'x-next-offset': String(next),
            'x-complete': String(isFinal(run.state) && next === size),
          },
          body: bytes.toString('utf8'),
        };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/runs/{run}/log/tail',
      action: 'signed-in',
      summary: 'The log of a run as it is written, as server-sent events',
      handle: async (request) => {
        const run = await find(request, 'runs/read');
        const offset = offsetOf(request.headers['last-event-id'] ?? request.query['offset']);
        return {
          status: 200,
          headers: {
            'content-type': 'text/event-stream',
            'cache-control': 'no-cache',
            'x-accel-buffering': 'no',
          },
          body: tailLog(context, run.id, offset, request.signal),
        };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/runs/{run}/cancel',
      action: 'signed-in',
      summary: 'Cancels a run; it ends by itself in Canceled',
      handle: async (request) => {
        const run = await find(request, 'templates/cancel');
        if (isFinal(run.state)) {
          throw new ServiceError(409, 'OperationNotAllowed', `the run has ended already (${run.state})`);
        }
        await runs.cancel(run.template_id);
        return { status: 202, body: runJson(await find(request, 'templates/cancel')) };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/workers',
      action: 'workers/read',
      scope: () => '/',
      summary: 'Workers that live, with what they have and what they do',
      handle: async () => {
        const workers = await database
          .selectFrom('workers')
          .selectAll()
          .where('state', '=', 'alive')
          .execute();
        const held = await database
          .selectFrom('runs')
          .select(['id', 'worker_id', 'cpus', 'memory_mib'])
          .where('ended_at', 'is', null)
          .where('worker_id', 'is not', null)
          .execute();
        return {
          status: 200,
          body: {
            value: workers.map((worker) => ({
              id: worker.id,
              name: worker.name,
              host: worker.host,
              startedAt: worker.started_at.toISOString(),
              heardAt: worker.heard_at.toISOString(),
              capacity: { cpus: worker.cpus, memoryMib: worker.memory_mib },
              runs: held.filter((run) => run.worker_id === worker.id).map(({ id }) => id),
            })),
          },
        };
      },
    },
  ];
}

async function artifacts({ database }: ServiceContext, runId: string): Promise<object[]> {
  const rows = await database.selectFrom('run_outputs').selectAll().where('run_id', '=', runId).execute();
  return rows.map(outputJson);
}

/** @throws ServiceError 404, for runs that the caller may not see too; 403 */
export async function findRun(
  { database, access }: ServiceContext,
  { params, caller }: RouteRequest,
  action: Action,
): Promise<Selectable<RunRow>> {
  const id = params['run'] ?? '';
  const run = await database
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', id.toLowerCase())
    .executeTakeFirst();
  if (!run || !(await access.may(caller, 'runs/read', run.template_id))) {
    throw new ServiceError(404, 'ResourceNotFound', `there is no run ${id}`);
  }
  if (action !== 'runs/read') await access.demand(caller, action, run.template_id);
  return run;
}

function offsetOf(text: string | undefined): number {
  if (text === undefined || text === '') return 0;
  const offset = Number(text);
  if (Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new ServiceError(400, 'InvalidParameter', `"${text}" is no offset; give a number of bytes`);
}
