import { createHash } from 'node:crypto';
import { redactor } from '../base/redact.ts';

/**
 * The canonical form of a JSON value: keys sorted by code unit, no white space, undefined members left out
 * (RFC 8785 without its number rules, which agree with JSON.stringify already).
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
  });
}

/**
 * SHA-256, in hex, of a value's canonical form. Secrets are replaced by stable stand-ins first, so that the
 * hash can be stored without giving anybody a way to test guesses.
 */
export function canonicalHash(value: unknown, secrets: readonly string[] = []): string {
  const hide = redactor(
    secrets.map((secret) => JSON.stringify(secret).slice(1, -1)),
    '<secret>',
  );
  return createHash('sha256')
    .update(hide(canonicalJson(value)))
    .digest('hex');
}
