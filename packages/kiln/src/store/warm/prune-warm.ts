import { rm } from 'node:fs/promises';
import { exists } from '../../base/files.ts';
import { checkpointBudget } from '../checkpoints/checkpoint-budget.ts';
import { layerPath, storeLayout } from '../home.ts';
import { listWarm, oldNotes, removeWarm } from './warm-store.ts';

/** Of what the cache may take, booted machines may take so much. */
export const warmShare = 0.5;
const unusedFor = 30 * 86_400_000;

export interface PrunedWarm {
  /** Keys. */
  readonly removed: readonly string[];
  /** What became, or would become, free on the disk. */
  readonly bytes: number;
  readonly keptBytes: number;
}

/** What booted machines may take, in bytes. @throws KilnError `bad-usage` when `$KILN_CACHE_SIZE` is no size */
export async function warmBudget(
  home: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  return Math.floor((await checkpointBudget(home, env)) * warmShare);
}

/**
 * Removes booted machines whose image is gone, that were unused for a month, and then the longest unused until the
 * rest fits. Machines that were copied from them go on.
 */
export async function pruneWarm(
  home: string,
  options: { readonly maxBytes: number; readonly dryRun?: boolean },
): Promise<PrunedWarm> {
  const layout = storeLayout(home);
  const removed: string[] = [];
  let bytes = 0;
  let keptBytes = 0;
  for (const { record, usedAt, bytes: own } of await listWarm(home)) {
    const usable =
      Date.now() - usedAt.getTime() < unusedFor && (await exists(layerPath(layout, record.image.id)));
    if (usable && keptBytes + own <= options.maxBytes) {
      keptBytes += own;
      continue;
    }
    removed.push(record.key);
    bytes += own;
    if (!options.dryRun) await removeWarm(home, record.key);
  }
  if (!options.dryRun) for (const path of await oldNotes(home)) await rm(path, { force: true });
  return { removed, bytes, keptBytes };
}
