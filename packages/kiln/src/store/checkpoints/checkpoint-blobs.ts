import { join } from 'node:path';
import { bytesOnDisk, listFolder } from '../folders.ts';
import type { CheckpointFiles } from './checkpoint-files.ts';
import { treeLayerBytes } from './tree-layers.ts';

/** A file under `disks/` or `memory/`, or a folder under `trees/`, whatever is in it. */
export interface Blob {
  /** As its name says. */
  readonly digest: string;
  readonly kind: 'disk' | 'memory' | 'tree';
  readonly path: string;
  /** On the disk. */
  readonly bytes: number;
}

/** All files that checkpoints are made of, by digest. */
export async function listBlobs({
  disks,
  memory,
  trees,
}: CheckpointFiles): Promise<ReadonlyMap<string, Blob>> {
  const blobs = new Map<string, Blob>();
  for (const [kind, folder] of [['disk', disks] as const, ['memory', memory] as const]) {
    const pattern = kind === 'disk' ? /^([0-9a-f]{64})\.qcow2$/ : /^([0-9a-f]{64})$/;
    for (const name of await listFolder(folder)) {
      const digest = pattern.exec(name)?.[1];
      const path = join(folder, name);
      if (digest !== undefined) blobs.set(digest, { digest, kind, path, bytes: await bytesOnDisk(path) });
    }
  }
  for (const digest of await listFolder(trees)) {
    if (!/^[0-9a-f]{64}$/.test(digest)) continue;
    const path = join(trees, digest);
    blobs.set(digest, { digest, kind: 'tree', path, bytes: await treeLayerBytes(path) });
  }
  return blobs;
}

export function sumOf(blobs: Iterable<Blob>): number {
  let sum = 0;
  for (const { bytes } of blobs) sum += bytes;
  return sum;
}
