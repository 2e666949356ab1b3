import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exists, syncFolder } from '../../base/files.ts';
import type { GalleryServices } from '../gallery/gallery-services.ts';

/** Where the files of boxes are, by their SHA-256: below the service's store. */
export function boxFilePath(home: string, sha256: string): string {
  return join(home, 'service', 'boxes', `${sha256}.box`);
}

/** Moves a file that is whole to its place. It must be on the same filesystem, as runs of the store are. */
export async function placeBoxFile(home: string, from: string, sha256: string): Promise<void> {
  const folder = join(home, 'service', 'boxes');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = boxFilePath(home, sha256);
  if (await exists(path)) await rm(from, { force: true });
  else await rename(from, path);
  await syncFolder(folder);
}

/** Removes a file that no box has any more. */
export async function dropBoxFile({ context }: GalleryServices, sha256: string): Promise<void> {
  const other = await context.database
    .selectFrom('box_files')
    .select('box_id')
    .where('sha256', '=', sha256)
    .executeTakeFirst();
  if (!other) await rm(boxFilePath(context.home, sha256), { force: true });
}
