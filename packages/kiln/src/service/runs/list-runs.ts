import { sql } from 'kysely';
import type { RouteRequest } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { runJson } from './run-json.ts';

const columns = [
  ...([
    'id',
    'template_id',
    'location',
    'cause',
    'caller_id',
    'client_request_id',
    'state',
    'sub_state',
  ] as const),
  ...(['message', 'failure', 'queued_at', 'started_at', 'ended_at', 'cpus', 'memory_mib', 'fence'] as const),
  ...(['worker_id', 'attempts', 'lost', 'exact_source', 'image'] as const),
] as const;

const usualPage = 50;
const largestPage = 500;

/**
 * Runs that the caller may read, the newest first. A page ends with the place of its last run (`nextLink`), so that
 * later pages cost what the first does, and runs that begin meanwhile shift nothing.
 */
export async function listRuns(context: ServiceContext, request: RouteRequest): Promise<object> {
  const { query, caller, origin } = request;
  const scopes = await context.access.scopes(caller, 'runs/read');
  const most = pageSize(query['$top'] ?? query['limit']);
  let rows = context.database.selectFrom('runs').select(columns);
  if (!scopes.includes('/')) {
    if (scopes.length === 0) return { value: [] };
    rows = rows.where(({ or, eb }) =>
      or(
        scopes.flatMap((scope) => [
          eb('template_id', '=', scope),
          eb(sql<string>`left(template_id, ${scope.length + 1})`, '=', `${scope}/`),
        ]),
      ),
    );
  }
  if (query['templateId'] !== undefined)
    rows = rows.where('template_id', '=', query['templateId'].toLowerCase());
  if (query['state'] !== undefined) rows = rows.where('state', '=', query['state'] as never);
  if (query['after'] !== undefined) {
    const { at, id } = placeOf(query['after']);
    rows = rows.where(sql<boolean>`(queued_at, id) < (${at}, ${id})`);
  }
  const found = await rows
    .orderBy('queued_at', 'desc')
    .orderBy('id', 'desc')
    .limit(most + 1)
    .execute();
  const page = found.slice(0, most);
  const last = page.at(-1);
  return {
    value: page.map((row) => runJson(row)),
    ...(found.length > most && last && { nextLink: nextLink(origin, query, last.queued_at, last.id) }),
  };
}

function pageSize(text: string | undefined): number {
  if (text === undefined) return usualPage;
  const size = Number(text);
  if (Number.isInteger(size) && size >= 1) return Math.min(size, largestPage);
  throw new ServiceError(
    400,
    'InvalidParameter',
    `"${text}" is no size of a page; give a number from 1 to ${largestPage}`,
  );
}

function nextLink(origin: string, query: RouteRequest['query'], at: Date, id: string): string {
  const after = Buffer.from(JSON.stringify([at.toISOString(), id])).toString('base64url');
  return `${origin}/api/v1/runs?${new URLSearchParams({ ...query, after })}`;
}

function placeOf(text: string): { readonly at: Date; readonly id: string } {
  try {
    const [time, id] = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown[];
    const at = new Date(String(time));
    if (typeof id === 'string' && !Number.isNaN(at.getTime())) return { at, id };
  } catch {
    // Said below.
  }
  throw new ServiceError(400, 'InvalidParameter', '"after" is not from a nextLink of this list');
}
