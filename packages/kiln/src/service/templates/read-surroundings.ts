import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { runRecord } from '../runs/run-record.ts';
import type { TemplateRow, TemplateSurroundings } from './template-body.ts';

/** What other tables know of the templates of a page: a query a table, however many templates there are. */
export async function readSurroundings(
  database: Kysely<Tables>,
  rows: readonly TemplateRow[],
): Promise<(row: TemplateRow) => TemplateSurroundings> {
  if (rows.length === 0) return () => ({ identities: new Map() });
  const ids = rows.map(({ id }) => id);
  const named = rows.flatMap(({ body }) => Object.keys(body.identity?.userAssignedIdentities ?? {}));
  const [runs, staging, identities] = await Promise.all([
    database
      .selectFrom('runs')
      .selectAll()
      .distinctOn('template_id')
      .where('template_id', 'in', ids)
      .orderBy('template_id')
      .orderBy('queued_at', 'desc')
      .orderBy('id', 'desc')
      .execute(),
    database
      .selectFrom('staging_groups')
      .select(['template_id', 'name'])
      .distinctOn('template_id')
      .where('template_id', 'in', ids)
      .orderBy('template_id')
      .orderBy('created_at', 'desc')
      .execute(),
    named.length === 0
      ? []
      : database
          .selectFrom('principals')
          .select(['id', 'client_id', 'arm_key'])
          .where('arm_key', 'in', [...new Set(named.map((id) => id.toLowerCase()))])
          .execute(),
  ]);
  const runOf = new Map(runs.map((run) => [run.template_id, run]));
  const stagingOf = new Map(staging.map(({ template_id, name }) => [template_id, name]));
  const known = new Map(
    identities.map(({ id, client_id, arm_key }) => [
      arm_key ?? '',
      { principalId: id, clientId: client_id ?? '' },
    ]),
  );
  return ({ id }) => {
    const run = runOf.get(id);
    const group = stagingOf.get(id);
    return {
      ...(run && { run: runRecord(run) }),
      ...(run?.exact_source && { exactSource: run.exact_source }),
      ...(group !== undefined && { staging: group }),
      identities: known,
    };
  };
}
