import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DiskImageError, readQcow2Header } from '@kiln/diskimage';
import { throwIfCancelled } from '../../base/cancellation.ts';
import { isSystemError } from '../../base/errors.ts';
import { digestFile, exists } from '../../base/files.ts';
import { layerFile, storeLayout } from '../home.ts';
import { withStoreLock } from '../store-lock.ts';
import { type Blob, listBlobs, sumOf } from './checkpoint-blobs.ts';
import {
  baseName,
  type CheckpointFiles,
  checkpointFiles,
  diskPath,
  identityOf,
  recordPath,
} from './checkpoint-files.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';
import { digestsOf, listKeys, pathOfBlob, readRecord } from './record-files.ts';
import { digestTreeLayer, removeBlob } from './tree-layers.ts';

/** A file that is not what it should be. */
export interface CheckpointProblem {
  readonly path: string;
  readonly problem: string;
  /** Keys of the checkpoints that are of no use because of it. */
  readonly checkpoints: readonly string[];
}

export interface VerifyCheckpoints {
  readonly signal?: AbortSignal;
  /** Bytes that have been read, of all that will be. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Found by reading everything, with what `repairCheckpoints` must know to remove just that. */
export interface VerifiedCheckpoints {
  readonly problems: readonly CheckpointProblem[];
  /** How many there are, sound or not. */
  readonly checkpoints: number;
  readonly damagedFiles: readonly {
    readonly kind: Blob['kind'];
    readonly path: string;
    readonly identity: string;
  }[];
  readonly damagedRecords: readonly { readonly key: string; readonly createdAt?: string }[];
}

/**
 * Reads every file of every checkpoint and compares it with its digest, the records with the files, and what the disks'
 * headers say they stand on with the records. Changes nothing. What comes or goes meanwhile is no problem.
 * @throws KilnError `cancelled`
 */
export async function verifyCheckpoints(
  home: string,
  options: VerifyCheckpoints = {},
): Promise<VerifiedCheckpoints> {
  const files = checkpointFiles(storeLayout(home));
  const keys = await listKeys(files);
  const records: CheckpointRecord[] = [];
  const problems: CheckpointProblem[] = [];
  const damagedRecords = new Map<string, VerifiedCheckpoints['damagedRecords'][number]>();
  for (const key of keys) {
    const record = await readRecord(files, key);
    const path = recordPath(files, key);
    if (record) records.push(record);
    else if (await exists(path)) {
      problems.push({ path, problem: 'it is not a record that this Kiln understands', checkpoints: [key] });
      damagedRecords.set(key, { key });
    }
  }
  const blobs = await listBlobs(files);
  const damaged = await findDamaged(blobs, options);
  const usersOf = (digest: string) =>
    records.filter((record) => digestsOf(record).includes(digest)).map((record) => record.key);
  const damagedFiles = damaged.map(({ kind, path, identity }) => ({ kind, path, identity }));
  for (const { digest, path, problem } of damaged)
    problems.push({ path, problem, checkpoints: usersOf(digest) });

  const unusable = new Set(damaged.map(({ digest }) => digest));
  for (const record of records) {
    const { key, createdAt } = record;
    const own = await problemOf(files, record, unusable);
    if (own !== undefined) problems.push({ path: recordPath(files, key), problem: own, checkpoints: [key] });
    if (own !== undefined || digestsOf(record).some((digest) => unusable.has(digest)))
      damagedRecords.set(key, { key, createdAt });
  }
  return { problems, checkpoints: keys.length, damagedFiles, damagedRecords: [...damagedRecords.values()] };
}

/**
 * Removes what was found damaged, unless it was replaced meanwhile. The files of removed records that nothing else
 * needs are left to the next prune.
 */
export async function repairCheckpoints(home: string, found: VerifiedCheckpoints): Promise<void> {
  await withStoreLock(home, async (layout) => {
    const files = checkpointFiles(layout);
    for (const { key, createdAt } of found.damagedRecords) {
      const record = await readRecord(files, key);
      if (record?.createdAt === createdAt) await rm(recordPath(files, key), { force: true });
    }
    for (const { kind, path, identity } of found.damagedFiles) {
      try {
        if ((await identityOf(path)) === identity) await removeBlob(path, kind);
      } catch (error) {
        if (!isSystemError(error, 'ENOENT')) throw error;
      }
    }
  });
}

interface DamagedBlob {
  readonly digest: string;
  readonly kind: Blob['kind'];
  readonly path: string;
  readonly identity: string;
  readonly problem: string;
}

async function findDamaged(
  blobs: ReadonlyMap<string, Blob>,
  { signal, onProgress }: VerifyCheckpoints,
): Promise<DamagedBlob[]> {
  const total = sumOf(blobs.values());
  const damaged: DamagedBlob[] = [];
  let before = 0;
  for (const { digest, kind, path, bytes } of blobs.values()) {
    try {
      const identity = await identityOf(path);
      const onRead = (done: number) => {
        if (signal) throwIfCancelled(signal);
        onProgress?.(before + Math.min(done, bytes), total);
      };
      onRead(0);
      const actual =
        kind === 'tree' ? await digestTreeLayer(join(path, 'fs')) : await digestFile(path, 'sha256', onRead);
      // One that was replaced while it was read is not known by these bytes.
      if (actual !== digest && identity === (await identityOf(path)))
        damaged.push({ digest, kind, path, identity, problem: `its content has the digest ${actual}` });
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
    before += bytes;
  }
  return damaged;
}

/** What is wrong with a record whose files, but for those known to be damaged, are what their names say. */
async function problemOf(
  files: CheckpointFiles,
  record: CheckpointRecord,
  damaged: ReadonlySet<string>,
): Promise<string | undefined> {
  for (const digest of digestsOf(record)) {
    const path = pathOfBlob(files, record, digest);
    // A record that is gone by now went together with its files.
    if (!(await exists(path)))
      return (await exists(recordPath(files, record.key))) ? `its file ${path} is missing` : undefined;
  }
  for (const [at, layers] of record.disks.entries()) {
    const base = at === 0 ? record.base : undefined;
    for (const [depth, digest] of layers.entries()) {
      if (damaged.has(digest)) continue;
      const below = layers[depth + 1];
      const expected = below === undefined ? base && baseName(base) : layerFile(below);
      const actual = await backingOf(diskPath(files, digest));
      if (actual !== expected)
        return `its layer ${digest} stands on ${actual ?? 'nothing'}, and should on ${expected ?? 'nothing'}`;
    }
  }
  return undefined;
}

async function backingOf(path: string): Promise<string | undefined> {
  try {
    return (await readQcow2Header(path)).backingFile;
  } catch (error) {
    if (error instanceof DiskImageError) return `what nobody can read (${error.message})`;
    throw error;
  }
}
