import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { translateFull } from '../../base/files.ts';
import { layerFile, type StoreLayout } from '../home.ts';

/**
 * `$KILN_HOME/checkpoints/`:
 *
 *     records/<key>.json       one record a state (checkpoint-record.ts)
 *     disks/<sha256>.qcow2     layers of disks; a layer's header names the one below it by its file name, and the
 *                              lowest names `../bases/<digest>`
 *     memory/<sha256>          memory and device state (memory-pack.ts)
 *     trees/<sha256>/fs/       layers of trees (tree-layers.ts), and beside them `bytes`, what they take on the disk
 *     bases/<digest>           links to source images, wherever they are on this host; renewed with every build. Of an
 *                              image of the store also those to the layers below it, by their file names
 *     results/<key>.json       files that came out of a state, and what they were like
 *     last/<hash>.json         what a build's steps were made of the last time, to say what has changed since
 */
export interface CheckpointFiles {
  readonly records: string;
  readonly disks: string;
  readonly memory: string;
  readonly trees: string;
  readonly bases: string;
  readonly results: string;
  readonly last: string;
}

export function checkpointFiles({ checkpoints }: StoreLayout): CheckpointFiles {
  return {
    records: join(checkpoints, 'records'),
    disks: join(checkpoints, 'disks'),
    memory: join(checkpoints, 'memory'),
    trees: join(checkpoints, 'trees'),
    bases: join(checkpoints, 'bases'),
    results: join(checkpoints, 'results'),
    last: join(checkpoints, 'last'),
  };
}

/** @throws KilnError `disk-full` */
export async function makeCheckpointFolders(layout: StoreLayout): Promise<CheckpointFiles> {
  const files = checkpointFiles(layout);
  try {
    for (const folder of Object.values(files)) await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw translateFull(error, layout.checkpoints);
  }
  return files;
}

export function recordPath(files: CheckpointFiles, key: string): string {
  return join(files.records, `${key}.json`);
}

export function diskPath(files: CheckpointFiles, digest: string): string {
  return join(files.disks, layerFile(digest));
}

export function memoryPath(files: CheckpointFiles, digest: string): string {
  return join(files.memory, digest);
}

/** The folder of a tree's layer, as overlayfs takes it. */
export function treePath(files: CheckpointFiles, digest: string): string {
  return join(files.trees, digest, 'fs');
}

/** What the lowest layer's header says it stands on. */
export function baseName(digest: string): string {
  return join('..', 'bases', digest);
}

/** Changes with every change of the file's content or name. */
export async function identityOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}
