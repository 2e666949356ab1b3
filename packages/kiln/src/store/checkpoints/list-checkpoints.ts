import { stat } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import { listFolder } from '../folders.ts';
import { storeLayout } from '../home.ts';
import { type CheckpointFiles, checkpointFiles, recordPath } from './checkpoint-files.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';
import { readRecord } from './checkpoint-store.ts';

export interface ListedCheckpoint {
  readonly record: CheckpointRecord;
  readonly usedAt: Date;
  /** What its files take, also those that others share. */
  readonly bytes: number;
}

/** Every checkpoint, the last used first. */
export async function listCheckpoints(home: string): Promise<readonly ListedCheckpoint[]> {
  return listRecords(checkpointFiles(storeLayout(home)));
}

export async function listRecords(files: CheckpointFiles): Promise<ListedCheckpoint[]> {
  const listed: ListedCheckpoint[] = [];
  for (const name of await listFolder(files.records)) {
    const key = /^([0-9a-f]{64})\.json$/.exec(name)?.[1];
    const record = key === undefined ? undefined : await readRecord(files, key);
    if (!record) continue;
    try {
      const { mtime } = await stat(recordPath(files, record.key));
      listed.push({ record, usedAt: mtime, bytes: sumOf(record) });
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }
  return listed.sort((a, b) => b.usedAt.getTime() - a.usedAt.getTime());
}

function sumOf(record: CheckpointRecord): number {
  return Object.values(record.files).reduce((sum, { bytes }) => sum + bytes, 0);
}
