import { stat } from 'node:fs/promises';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { storeLayout } from '../home.ts';
import { type PinOwner, readPins } from '../pins.ts';
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
  /** Running commands that need it. */
  readonly usedBy: readonly PinOwner[];
}

/** Every checkpoint, the last used first. */
export async function listCheckpoints(home: string): Promise<readonly ListedCheckpoint[]> {
  const layout = storeLayout(home);
  const files = checkpointFiles(layout);
  const records = await listRecords(files);
  const { living } = await readPins(layout);
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
    const usedBy = living
      .filter(({ layers }) => digests.every((digest) => layers.includes(digest)))
      .map(({ owner }) => owner);
    return { record, usedAt, bytes: sum(digests), ownBytes: sum(own), usedBy };
  });
}

/** The checkpoint whose key begins so. @throws KilnError `not-found` */
export async function getCheckpoint(home: string, start: string): Promise<ListedCheckpoint> {
  const found = (await listCheckpoints(home)).filter(({ record }) => record.key.startsWith(start));
  const [first, second] = found;
  if (first && !second && start !== '') return first;
  if (found.length === 0 || start === '')
    throw new KilnError('not-found', `there is no checkpoint "${start}"`, { hint: 'see `kiln cache list`' });
  const keys = found.slice(0, 5).map(({ record }) => record.key.slice(0, start.length + 4));
  throw new KilnError('not-found', `${start} is the start of ${found.length} keys`, {
    hint: `say more of it: ${keys.join(', ')}${found.length > 5 ? ' …' : ''}`,
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
