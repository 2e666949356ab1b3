import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { json } from '../database/columns.ts';
import type { Tables } from '../database/tables.ts';
import type { Action } from './actions.ts';
import type { Caller } from './caller.ts';
import { scopeKey } from './scopes.ts';

/** What a token of ours looks like: recognisable to scanners of secrets, and to what redacts logs. */
export const tokenPattern = /kiln_[A-Za-z0-9_-]{43}/g;

export interface NewToken {
  readonly principalId: string;
  readonly name: string;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  /** Without them, whatever its owner may do. */
  readonly actions?: readonly Action[];
  readonly scope?: string;
}

/** Makes a token. It is given out this once: what is kept is its SHA-256. */
export async function createToken(
  database: Kysely<Tables>,
  token: NewToken,
): Promise<{ readonly id: string; readonly secret: string }> {
  const secret = `kiln_${randomBytes(32).toString('base64url')}`;
  const id = randomUUID();
  await database
    .insertInto('tokens')
    .values({
      id,
      principal_id: token.principalId,
      name: token.name,
      hash: hashOf(secret),
      actions: token.actions ? json(token.actions) : null,
      scope: token.scope === undefined ? null : scopeKey(token.scope),
      created_at: token.createdAt,
      created_by: token.createdBy,
      expires_at: token.expiresAt,
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
  return { id, secret };
}

/**
 * Whose token this is. Undefined for one that is unknown, expired or revoked, or whose owner is disabled: which of
 * them it is, is not for whoever only found it.
 */
export async function callerOfToken(
  database: Kysely<Tables>,
  secret: string,
  now: Date,
): Promise<Caller | undefined> {
  const row = await database
    .selectFrom('tokens')
    .innerJoin('principals', 'principals.id', 'tokens.principal_id')
    .select(['tokens.id as token_id', 'tokens.actions', 'tokens.scope', 'tokens.last_used_at'])
    .select(['principals.id', 'principals.name', 'principals.kind'])
    .where('tokens.hash', '=', hashOf(secret))
    .where('tokens.revoked_at', 'is', null)
    .where('tokens.expires_at', '>', now)
    .where('principals.disabled_at', 'is', null)
    .executeTakeFirst();
  if (!row) return undefined;
  // Once a minute is enough to see which tokens nobody needs.
  if (!row.last_used_at || now.getTime() - row.last_used_at.getTime() > 60_000) {
    await database.updateTable('tokens').set({ last_used_at: now }).where('id', '=', row.token_id).execute();
  }
  const { id, name, kind, actions, scope } = row;
  const isLimited = actions !== null || scope !== null;
  return {
    id,
    name,
    kind,
    ...(isLimited && { limits: { ...(actions && { actions }), ...(scope !== null && { scope }) } }),
  };
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
