import { stat } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import { storeLayout } from '../home.ts';
import { listBlobs } from './checkpoint-blobs.ts';
import { type CheckpointFiles, checkpointFiles, recordPath } from './checkpoint-files.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';
import { digestsOf, listKeys, readRecord } from './record-files.ts';

/** A checkpoint as `kiln cache list` shows it. */
export interface ListedCheckpoint {
  readonly record: CheckpointRecord;
  readonly usedAt: Date;
  /** Bytes on the disk of all its files, and of those that no other checkpoint has. */
  readonly bytes: number;
  readonly ownBytes: number;
}

/** Every checkpoint, the last used first. */
export async function listCheckpoints(home: string): Promise<readonly ListedCheckpoint[]> {
  const files = checkpointFiles(storeLayout(home));
  const records = await listRecords(files);
  const blobs = await listBlobs(files);
  const users = Map.groupBy(
    records.flatMap(({ record }) => digestsOf(record)),
    (digest) => digest,
  );
  const sum = (digests: readonly string[]) =>
    digests.reduce((total, digest) => total + (blobs.get(digest)?.bytes ?? 0), 0);
  return records.map(({ record, usedAt }) => {
    const digests = digestsOf(record);
    const own = digests.filter((digest) => users.get(digest)?.length === 1);
    return { record, usedAt, bytes: sum(digests), ownBytes: sum(own) };
  });
}

/** Every record that can be read, the last used first. */
export async function listRecords(
  files: CheckpointFiles,
): Promise<{ readonly record: CheckpointRecord; readonly usedAt: Date }[]> {
  const listed: { readonly record: CheckpointRecord; readonly usedAt: Date }[] = [];
  for (const key of await listKeys(files)) {
    const record = await readRecord(files, key);
    if (!record) continue;
    try {
      listed.push({ record, usedAt: (await stat(recordPath(files, key))).mtime });
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
  return listed.sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}
