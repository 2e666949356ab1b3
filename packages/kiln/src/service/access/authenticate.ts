import type { Kysely } from 'kysely';
import type { Tables } from '../database/tables.ts';
import type { Caller } from './caller.ts';
import { type IssuerSettings, openIssuer } from './oidc-issuer.ts';
import { callerOfToken } from './tokens.ts';

/** Reads `authorization` of requests: who asks, or undefined for who cannot show it. */
export function openAuthentication(
  database: Kysely<Tables>,
  now: () => Date,
  oidc?: IssuerSettings,
): (authorization: string | undefined) => Promise<Caller | undefined> {
  const issuer = oidc && openIssuer(database, now, oidc);
  return async (authorization) => {
    const secret = secretOf(authorization);
    if (secret === undefined) return undefined;
    // Tokens of issuers are three parts with dots between; ours have none.
    if (issuer && secret.split('.').length === 3) return issuer(secret);
    return callerOfToken(database, secret, now());
  };
}

/** The token of a header `Bearer …`, or the password of `Basic …`, which is all that some clients of boxes can send. */
function secretOf(authorization: string | undefined): string | undefined {
  const [, scheme, value] = /^(\w+)\s+(\S+)\s*$/.exec(authorization ?? '') ?? [];
  if (value === undefined || value.length > 16_384) return undefined;
  if (scheme?.toLowerCase() === 'bearer') return value;
  if (scheme?.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  return text.slice(text.indexOf(':') + 1);
}
