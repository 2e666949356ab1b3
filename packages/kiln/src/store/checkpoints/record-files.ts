import { readJsonIfExists, writeFileAtomically } from '../../base/files.ts';
import { listFolder } from '../folders.ts';
import { type CheckpointFiles, diskPath, memoryPath, recordPath, treePath } from './checkpoint-files.ts';
import type { CheckpointRecord } from './checkpoint-record.ts';

/** Undefined when there is none, or when what is there cannot be what Kiln wrote. */
export async function readRecord(files: CheckpointFiles, key: string): Promise<CheckpointRecord | undefined> {
  try {
    const value = await readJsonIfExists(recordPath(files, key));
    return isRecord(value) && value.key === key ? value : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'store-corrupt') return undefined;
    throw error;
  }
}

/** @throws KilnError `disk-full` */
export async function writeRecord(files: CheckpointFiles, record: CheckpointRecord): Promise<void> {
  await writeFileAtomically(recordPath(files, record.key), `${JSON.stringify(record)}\n`, 0o600);
}

/** Keys of all records, readable or not. */
export async function listKeys(files: CheckpointFiles): Promise<string[]> {
  return (await listFolder(files.records)).flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
}

/** Digests of all files that a checkpoint needs. */
export function digestsOf(record: CheckpointRecord): string[] {
  const memory = record.memory ? [record.memory.digest] : [];
  return [...new Set([...record.disks.flat(), ...memory, ...(record.trees ?? [])])];
}

export function pathOfBlob(files: CheckpointFiles, record: CheckpointRecord, digest: string): string {
  if (record.memory?.digest === digest) return memoryPath(files, digest);
  return record.trees?.includes(digest) ? treePath(files, digest) : diskPath(files, digest);
}

/** Digests become names of files: nothing else may pass for one. */
function isRecord(value: unknown): value is CheckpointRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, key, createdAt, build, step, base, disks, trees, memory, lostByReboot, files } =
    value as Partial<CheckpointRecord>;
  return (
    schema === 1 &&
    isDigest(key) &&
    !Number.isNaN(Date.parse(String(createdAt))) &&
    [build, step].every((text) => typeof text === 'string') &&
    (base === undefined || isDigest(base)) &&
    Array.isArray(disks) &&
    disks.every((layers) => Array.isArray(layers) && layers.length > 0 && layers.every(isDigest)) &&
    (trees === undefined || (Array.isArray(trees) && trees.every(isDigest))) &&
    (memory === undefined || (isDigest(memory?.digest) && Number.isSafeInteger(memory.size))) &&
    Array.isArray(lostByReboot) &&
    typeof files === 'object' &&
    files !== null &&
    digestsOf(value as CheckpointRecord).every((digest) => Number.isSafeInteger(files[digest]?.bytes))
  );
}

function isDigest(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{64}$/.test(value);
}
