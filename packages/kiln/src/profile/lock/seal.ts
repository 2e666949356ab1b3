import { canonicalHash } from '../../plan/canonical.ts';
import type { LockedProfile } from './lock.ts';

/**
 * What makes a change by hand visible: how many packages there are, and a digest over everything. It protects from
 * mistakes, such as a merge of two locks, and not from somebody who can write a lock with a digest that fits.
 */
export interface Seal {
  readonly packages: number;
  readonly digest: string;
}

export function sealOf({ os, asked, resolved, fetched }: LockedProfile): Seal {
  return {
    packages: resolved.packages.length,
    digest: canonicalHash({ os, asked, resolved, fetched }),
  };
}
