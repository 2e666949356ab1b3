import { stat } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import { storeLayout } from '../home.ts';
import { checkpointBudget, checkpointBytes } from './checkpoint-budget.ts';
import { checkpointFiles } from './checkpoint-files.ts';
import { type PrunedCheckpoints, pruneCheckpoints } from './prune-checkpoints.ts';

/** Tells from others every moment at which a checkpoint came or went. */
export async function checkpointsMoment(home: string): Promise<string> {
  const { records, disks } = checkpointFiles(storeLayout(home));
  return `${await changeTime(records)} ${await changeTime(disks)}`;
}

/**
 * Removes what is too much when something has been kept since a moment, or when there is more than there may be. Cheap
 * when neither is so.
 * @throws KilnError `bad-usage` when `$KILN_CACHE_SIZE` is no size
 */
export async function keepToBudget(home: string, since: string): Promise<PrunedCheckpoints | undefined> {
  const maxBytes = await checkpointBudget(home);
  if ((await checkpointsMoment(home)) === since && (await checkpointBytes(home)) <= maxBytes)
    return undefined;
  return pruneCheckpoints(home, { maxBytes });
}

async function changeTime(folder: string): Promise<string> {
  try {
    return String((await stat(folder, { bigint: true })).mtimeNs);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'never';
    throw error;
  }
}
