import { readlink, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { exists } from '../../base/files.ts';
import { listFolder } from '../folders.ts';
import { readPins } from '../pins.ts';
import { neededLayers } from '../prune.ts';
import { withStoreLock } from '../store-lock.ts';
import { type CheckpointFiles, checkpointFiles, recordPath } from './checkpoint-files.ts';
import { digestsOf } from './checkpoint-store.ts';
import { listRecords } from './list-checkpoints.ts';

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
}

/**
 * Removes the longest unused checkpoints until the rest fits, and files that belong to none. What a living command
 * or machine needs stays, whatever the limit.
 */
export async function pruneCheckpoints(home: string, options: PruneCheckpoints): Promise<PrunedCheckpoints> {
  const { maxBytes, dryRun = false } = options;
  return withStoreLock(home, async (layout) => {
    const files = checkpointFiles(layout);
    const needed = neededLayers((await readPins(layout)).living);
    const kept = new Map<string, number>();
    const keptBases = new Set<string>();
    const gone: string[] = [];
    let total = 0;
    for (const { record } of await listRecords(files)) {
      const fresh = Object.entries(record.files).filter(([digest]) => !kept.has(digest));
      const bytes = fresh.reduce((sum, [, facts]) => sum + facts.bytes, 0);
      const inUse = digestsOf(record).every((digest) => needed.has(digest));
      if (total + bytes > maxBytes && !inUse) {
        gone.push(record.key);
        continue;
      }
      total += bytes;
      for (const [digest, facts] of fresh) kept.set(digest, facts.bytes);
      if (record.base !== undefined) keptBases.add(record.base);
    }
    if (!dryRun) for (const key of gone) await rm(recordPath(files, key), { force: true });
    const wanted = (digest: string) => kept.has(digest) || needed.has(digest);
    const bytes = await sweepBlobs(files, wanted, dryRun);
    if (!dryRun) await sweepLinks(files, keptBases);
    return { checkpoints: gone, bytes };
  });
}

async function sweepBlobs(
  files: CheckpointFiles,
  wanted: (digest: string) => boolean,
  dryRun: boolean,
): Promise<number> {
  let bytes = 0;
  for (const folder of [files.disks, files.memory]) {
    for (const name of await listFolder(folder)) {
      const digest = /^([0-9a-f]{64})(\.qcow2)?$/.exec(name)?.[1];
      if (digest === undefined || wanted(digest)) continue;
      const path = join(folder, name);
      try {
        bytes += (await stat(path)).blocks * 512;
        if (!dryRun) await rm(path, { force: true });
      } catch (error) {
        if (!isSystemError(error, 'ENOENT')) throw error;
      }
    }
  }
  return bytes;
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
