import { join } from 'node:path';
import { bytesOnDisk, listFolder } from '../folders.ts';
import type { CheckpointFiles } from './checkpoint-files.ts';

/** A file under `disks/` or `memory/`, whatever is in it. */
export interface Blob {
  /** As its name says. */
  readonly digest: string;
  readonly kind: 'disk' | 'memory';
  readonly path: string;
  /** On the disk. */
  readonly bytes: number;
}

/** All files that checkpoints are made of, by digest. */
export async function listBlobs({ disks, memory }: CheckpointFiles): Promise<ReadonlyMap<string, Blob>> {
  const blobs = new Map<string, Blob>();
  for (const [kind, folder] of [['disk', disks] as const, ['memory', memory] as const]) {
    const pattern = kind === 'disk' ? /^([0-9a-f]{64})\.qcow2$/ : /^([0-9a-f]{64})$/;
    for (const name of await listFolder(folder)) {
      const digest = pattern.exec(name)?.[1];
      const path = join(folder, name);
      if (digest !== undefined) blobs.set(digest, { digest, kind, path, bytes: await bytesOnDisk(path) });
    }
  }
  return blobs;
}

export function sumOf(blobs: Iterable<Blob>): number {
  let sum = 0;
  for (const { bytes } of blobs) sum += bytes;
  return sum;
}
