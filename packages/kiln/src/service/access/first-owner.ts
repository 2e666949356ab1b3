import { randomUUID } from 'node:crypto';
import { chmod, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Kysely } from 'kysely';
import { writeFileAtomically } from '../../base/files.ts';
import type { Tables } from '../database/tables.ts';
import type { Caller } from './caller.ts';
import { assignRole } from './principals.ts';
import { everything } from './scopes.ts';
import { createToken } from './tokens.ts';

/** By which the first owner is known, in a database that several processes may start with at once. */
const subject = 'kiln:first-owner';

/** Where the token of the first owner is written. */
export function firstTokenFile(home: string): string {
  return join(home, 'service', 'admin-token');
}

/**
 * Makes the owner of everything, with a token in a file that only this user may read, unless there is one already.
 * Gives the file when it was written just now.
 */
export async function makeFirstOwner(
  database: Kysely<Tables>,
  home: string,
  now: Date,
): Promise<string | undefined> {
  const id = randomUUID();
  const made = await database
    .insertInto('principals')
    .values({
      id,
      kind: 'user',
      name: 'admin',
      arm_id: null,
      arm_key: null,
      client_id: null,
      location: null,
      tags: null,
      subject,
      created_at: now,
      disabled_at: null,
    })
    .onConflict((conflict) => conflict.column('subject').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!made && (await hasToken(database))) return undefined;
  const owner = await firstOwner(database);
  if (!owner) return undefined;
  await assignRole(
    database,
    { principalId: owner.id, role: 'owner', scope: everything },
    { callerId: owner.id, now },
  );
  const { secret } = await createToken(database, {
    principalId: owner.id,
    name: 'first',
    createdBy: owner.id,
    createdAt: now,
    expiresAt: new Date(now.getTime() + 366 * 24 * 3600 * 1000),
  });
  const file = firstTokenFile(home);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFileAtomically(file, `${secret}\n`, 0o600);
  await chmod(file, 0o600);
  return file;
}

/** The owner that a service begins with; undefined when it is disabled. */
export async function firstOwner(database: Kysely<Tables>): Promise<Caller | undefined> {
  return database
    .selectFrom('principals')
    .select(['id', 'name', 'kind'])
    .where('subject', '=', subject)
    .where('disabled_at', 'is', null)
    .executeTakeFirst();
}

/** Whether the first owner ever had one: a start that was interrupted before may not have got so far. */
async function hasToken(database: Kysely<Tables>): Promise<boolean> {
  const row = await database
    .selectFrom('tokens')
    .innerJoin('principals', 'principals.id', 'tokens.principal_id')
    .select('tokens.id')
    .where('principals.subject', '=', subject)
    .executeTakeFirst();
  return row !== undefined;
}
