import { statfs } from 'node:fs/promises';
import { KilnError } from '../../base/errors.ts';
import { parseSize } from '../../base/sizes.ts';
import { storeLayout } from '../home.ts';
import { listBlobs, sumOf } from './checkpoint-blobs.ts';
import { checkpointFiles } from './checkpoint-files.ts';

/** What checkpoints may take when nobody says otherwise: a share of the disk, and never most of what is free. */
const shareOfDisk = 0.15;
const shareOfFree = 0.5;
const budgetVariable = 'KILN_CACHE_SIZE';

/**
 * The limit for checkpoints, in bytes: `$KILN_CACHE_SIZE`, or a share of the store's disk.
 * @throws KilnError `bad-usage` when the variable holds no size
 */
export async function checkpointBudget(
  home: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<number> {
  const wish = env[budgetVariable];
  if (wish) {
    const size = parseSize(wish);
    if (size !== undefined) return size;
    throw new KilnError('bad-usage', `${budgetVariable} is "${wish}", which is no size`, {
      hint: 'give it a size such as 20G, or unset it',
    });
  }
  const { blocks, bavail, bsize } = await statfs(home);
  const free = bavail * bsize + (await checkpointBytes(home));
  return Math.floor(Math.min(blocks * bsize * shareOfDisk, free * shareOfFree));
}

/** What all files of checkpoints take on the disk. */
export async function checkpointBytes(home: string): Promise<number> {
  return sumOf((await listBlobs(checkpointFiles(storeLayout(home)))).values());
}
