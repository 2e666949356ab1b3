import { readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../base/files.ts';
import { listFolder } from '../folders.ts';
import { readPins } from '../pins.ts';
import { neededLayers } from '../prune.ts';
import { withStoreLock } from '../store-lock.ts';
import { listBlobs, sumOf } from './checkpoint-blobs.ts';
import { type CheckpointFiles, checkpointFiles, recordPath } from './checkpoint-files.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';
import { listRecords } from './list-checkpoints.ts';
import { digestsOf, listKeys } from './record-files.ts';
import { deadResults, oldNotes } from './result-files.ts';
import { removeBlob } from './tree-layers.ts';

export interface PruneCheckpoints {
  /** The longest unused go until the others take no more than this, in bytes. */
  readonly maxBytes: number;
  /** Say what would go, and keep it. */
  readonly dryRun?: boolean;
}

export interface PrunedCheckpoints {
  /** Keys. */
  readonly checkpoints: readonly string[];
  /** What became, or would become, free on the disk. */
  readonly bytes: number;
  /** What the checkpoints that stay take. */
  readonly keptBytes: number;
}

/**
 * Removes checkpoints until the rest fits: those that nobody can use, then the longest unused. One that is larger than
 * what is left goes although older ones, which share their files or are small, may stay. Files that belong to no
 * checkpoint go as well. What a living command or machine needs stays, whatever the limit.
 */
export async function pruneCheckpoints(home: string, options: PruneCheckpoints): Promise<PrunedCheckpoints> {
  const { maxBytes, dryRun = false } = options;
  return withStoreLock(home, async (layout) => {
    const files = checkpointFiles(layout);
    const blobs = await listBlobs(files);
    const needed = neededLayers((await readPins(layout)).living);
    const kept = new Map([...blobs].filter(([digest]) => needed.has(digest)));
    let keptBytes = sumOf(kept.values());
    const keptKeys = new Set<string>();
    const keptBases = new Set<string>();
    for (const record of await inOrderOfWorth(files)) {
      const digests = digestsOf(record);
      if (!digests.every((digest) => blobs.has(digest))) continue;
      const more = digests.filter((digest) => !kept.has(digest)).map((digest) => blobs.get(digest)!);
      const bytes = sumOf(more);
      if (keptBytes + bytes > maxBytes && !digests.every((digest) => needed.has(digest))) continue;
      for (const blob of more) kept.set(blob.digest, blob);
      keptBytes += bytes;
      keptKeys.add(record.key);
      if (record.base !== undefined) keptBases.add(record.base);
    }
    const checkpoints = (await listKeys(files)).filter((key) => !keptKeys.has(key));
    const gone = [...blobs.values()].filter(({ digest }) => !kept.has(digest));
    // First the records: a record whose files are missing would look like damage to others.
    for (const key of checkpoints) if (!dryRun) await rm(recordPath(files, key), { force: true });
    let bytes = 0;
    for (const blob of gone) bytes += dryRun ? blob.bytes : await removeBlob(blob.path, blob.kind);
    if (!dryRun) {
      for (const path of [...(await deadResults(files)), ...(await oldNotes(files))])
        await rm(path, { force: true });
      await sweepLinks(files, keptBases);
    }
    return { checkpoints, bytes, keptBytes };
  });
}

/** The last used first, and behind all others those whose source image is not on this host any more. */
async function inOrderOfWorth(files: CheckpointFiles): Promise<CheckpointRecord[]> {
  const usable: CheckpointRecord[] = [];
  const useless: CheckpointRecord[] = [];
  for (const { record } of await listRecords(files)) {
    const isUsable = record.base === undefined || (await exists(join(files.bases, record.base)));
    (isUsable ? usable : useless).push(record);
  }
  return [...usable, ...useless];
}

/** Links to source images that no checkpoint stands on and that lead nowhere. */
async function sweepLinks(files: CheckpointFiles, kept: ReadonlySet<string>): Promise<void> {
  for (const name of await listFolder(files.bases)) {
    const path = join(files.bases, name);
    if (!kept.has(name) && !(await exists(path)) && (await isLink(path))) await rm(path, { force: true });
  }
}

async function isLink(path: string): Promise<boolean> {
  try {
    await readlink(path);
    return true;
  } catch {
    return false;
  }
}
