import { createHash } from 'node:crypto';
import type { Release } from './release.ts';

/** A name-based GUID, so that the same recipe gives the same disk. */
export function deriveGuid(release: Release, what: string): string {
  const hex = createHash('sha256')
    .update(`kiln ${release.distribution} ${release.codename} ${what}`)
    .digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
