import { stat } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import { storeLayout } from '../home.ts';
import { checkpointBudget, checkpointBytes } from './checkpoint-budget.ts';
import { checkpointFiles } from './checkpoint-files.ts';
import { type PrunedCheckpoints, pruneCheckpoints } from './prune-checkpoints.ts';

/**
 * For a command that may keep checkpoints: minds from now on whether any came. What this gives removes at the command's
 * end what is too much; that is cheap, and gives undefined, when nothing came and there is no more than there may be.
 * @throws KilnError `bad-usage` when `$KILN_CACHE_SIZE` is no size
 */
export async function watchBudget(home: string): Promise<() => Promise<PrunedCheckpoints | undefined>> {
  await checkpointBudget(home);
  const before = await lastChange(home);
  return async () => {
    const maxBytes = await checkpointBudget(home);
    if ((await lastChange(home)) === before && (await checkpointBytes(home)) <= maxBytes) return undefined;
    return pruneCheckpoints(home, { maxBytes });
  };
}

/** Another whenever a checkpoint came or went. */
async function lastChange(home: string): Promise<string> {
  const { records, disks } = checkpointFiles(storeLayout(home));
  return `${await changeTime(records)} ${await changeTime(disks)}`;
}

async function changeTime(folder: string): Promise<string> {
  try {
    return String((await stat(folder, { bigint: true })).mtimeNs);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 'never';
    throw error;
  }
}
