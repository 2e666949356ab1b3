import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { AuditEntry } from '../http/serve-routes.ts';

/** Longer paths are attacks or mistakes; their beginning tells enough. */
const longest = 1024;

/** Writes down who did or tried what. */
export async function writeAudit(database: Kysely<Tables>, entry: AuditEntry, at: Date): Promise<void> {
  await database
    .insertInto('audit')
    .values({
      at,
      principal_id: entry.caller?.id ?? null,
      principal_name: entry.caller?.name ?? null,
      action: entry.action,
      scope: entry.scope.slice(0, longest).replaceAll('\0', ''),
      method: entry.method,
      path: entry.path.slice(0, longest),
      status: entry.status,
      code: entry.code ?? null,
      request_id: entry.requestId,
    })
    .execute();
}
