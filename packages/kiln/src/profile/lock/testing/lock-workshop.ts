import { join } from 'node:path';
import type { Asked, ResolveBench } from '../../../sources/packages/testing/resolve-bench.ts';
import type { FetchedFile } from '../lock.ts';
import { type SettleOptions, settleLock } from '../settle-lock.ts';

let count = 0;

/** A lock file that is not there yet, and what settles it. */
export function lockWorkshop(bench: ResolveBench) {
  const path = join(bench.folder, `kiln-${count++}.lock`);
  const context = bench.context();
  const settle = (
    asked: Asked,
    options: SettleOptions = {},
    fetched: readonly FetchedFile[] = [],
    name = 'web',
  ) => settleLock({ path, shown: 'kiln.lock', name }, bench.request(asked), fetched, context, options);
  return { path, context, settle };
}
