import { randomUUID } from 'node:crypto';
import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import { ServiceError } from '../service-error.ts';
import type { Caller } from './caller.ts';

/** Whose tokens are taken besides our own (OpenID Connect; RFC 7519). */
export interface IssuerSettings {
  /** As tokens have it in `iss`; its keys are where `/.well-known/openid-configuration` says. */
  readonly issuer: string;
  readonly audience: string;
}

/** Signatures by a key that only the issuer has: no `none`, and no secret that both sides know. */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/**
 * Tells by an issuer's tokens who asks. Who comes for the first time becomes a principal without any role. Undefined for
 * tokens that are not the issuer's, for others, or too old.
 */
export function openIssuer(
  database: Kysely<Tables>,
  now: () => Date,
  { issuer, audience }: IssuerSettings,
): (token: string) => Promise<Caller | undefined> {
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  return async (token) => {
    keys ??= findKeys(issuer);
    let claims: JWTPayload;
    try {
      const options = { issuer, audience, algorithms, clockTolerance: 60, currentDate: now() };
      claims = (await jwtVerify(token, await keys, { ...options, requiredClaims: ['sub', 'exp'] })).payload;
    } catch (error) {
      if (isBadToken(error)) return undefined;
      // Asked again with the next request: the issuer may only have been away.
      keys = undefined;
      throw new ServiceError(
        503,
        'ServiceUnavailable',
        'the issuer of the token cannot be asked for its keys; try again later',
      );
    }
    return principalOf(database, `${issuer} ${claims.sub}`, nameOf(claims), now());
  };
}

function isBadToken(error: unknown): boolean {
  if (!(error instanceof errors.JOSEError)) return false;
  return !(error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC');
}

async function findKeys(issuer: string): Promise<ReturnType<typeof createRemoteJWKSet>> {
  const address = `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`;
  const reply = await fetch(address, { redirect: 'error', signal: AbortSignal.timeout(5000) });
  const { issuer: said, jwks_uri } = (await reply.json()) as { issuer?: unknown; jwks_uri?: unknown };
  // Whoever answers for another issuer must not speak for this one.
  if (said !== issuer || typeof jwks_uri !== 'string') throw new Error(`${address} is not of ${issuer}`);
  return createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: 5000 });
}

function nameOf(claims: JWTPayload): string {
  for (const name of ['preferred_username', 'email', 'name', 'appid', 'azp']) {
    const value = claims[name];
    if (typeof value === 'string' && value !== '') return value.slice(0, 256);
  }
  return String(claims.sub).slice(0, 256);
}

async function principalOf(
  database: Kysely<Tables>,
  subject: string,
  name: string,
  now: Date,
): Promise<Caller | undefined> {
  const find = () =>
    database
      .selectFrom('principals')
      .select(['id', 'name', 'kind', 'disabled_at'])
      .where('subject', '=', subject)
      .executeTakeFirst();
  let row = await find();
  if (!row) {
    await database
      .insertInto('principals')
      .values({
        ...{ id: randomUUID(), kind: 'user', name, arm_id: null, arm_key: null, client_id: null },
        ...{ location: null, tags: null, subject, created_at: now, disabled_at: null },
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    row = await find();
  }
  if (!row || row.disabled_at) return undefined;
  return { id: row.id, name: row.name, kind: row.kind };
}
