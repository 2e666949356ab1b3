import { sql } from 'kysely';
import { pageReply, pageSize, pageStart } from '../gallery/pages.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import type { ServiceContext } from '../service-context.ts';
import { readSurroundings } from './read-surroundings.ts';
import { templateBody } from './template-body.ts';

/** Templates below a scope that the caller may read, in the order of their ids, a page at a time. */
export async function listTemplates(
  { database, access }: ServiceContext,
  request: RouteRequest,
  scope: string,
  path: string,
): Promise<RouteReply> {
  const scopes = await access.scopes(request.caller, 'templates/read');
  if (scopes.length === 0) return { status: 200, body: { value: [] } };
  const start = pageStart(request);
  let query = database
    .selectFrom('image_templates')
    .selectAll()
    .where(sql<boolean>`starts_with(id, ${`${scope.toLowerCase()}/`})`)
    .orderBy('id')
    .limit(pageSize + 1);
  if (!scopes.includes('/')) {
    query = query.where(({ or, eb }) =>
      or(scopes.flatMap((one) => [eb('id', '=', one), sql<boolean>`starts_with(id, ${`${one}/`})`])),
    );
  }
  if (start !== undefined) query = query.where('id', '>', start);
  const rows = await query.execute();
  const page = rows.slice(0, pageSize);
  const about = await readSurroundings(database, page);
  const next = rows.length > pageSize ? page.at(-1)?.id : undefined;
  const value = page.map((row) => templateBody(row, about(row)));
  return pageReply(request, path, value, next);
}
