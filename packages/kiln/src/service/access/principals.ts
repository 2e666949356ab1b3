import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Caller } from './caller.ts';
import type { RoleName } from './roles.ts';
import { scopeKey } from './scopes.ts';

/** Makes a principal that may do nothing yet. */
export async function createPrincipal(
  database: Kysely<Tables>,
  { kind, name }: Pick<Caller, 'kind' | 'name'>,
  now: Date,
): Promise<Caller> {
  const id = randomUUID();
  await database
    .insertInto('principals')
    .values({
      id,
      kind,
      name,
      arm_id: null,
      arm_key: null,
      client_id: null,
      location: null,
      tags: null,
      subject: null,
      created_at: now,
      disabled_at: null,
    })
    .execute();
  return { id, kind, name };
}

/** Gives a principal a role at a scope; one that it has already stays. */
export async function assignRole(
  database: Kysely<Tables>,
  assignment: { readonly principalId: string; readonly role: RoleName; readonly scope: string },
  by: { readonly callerId: string; readonly now: Date },
): Promise<string> {
  const { principalId, role } = assignment;
  const scope = scopeKey(assignment.scope);
  const row = await database
    .insertInto('role_assignments')
    .values({
      id: randomUUID(),
      principal_id: principalId,
      role,
      scope,
      created_at: by.now,
      created_by: by.callerId,
    })
    // Says the one that is there.
    .onConflict((conflict) => conflict.columns(['principal_id', 'role', 'scope']).doUpdateSet({ role }))
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}
