import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { openStore } from '../../store/store.ts';
import { listTags } from '../../store/tags.ts';
import type { GalleryServices } from './gallery-services.ts';

/** Names younger than this may belong to what is being published, in milliseconds. */
const young = 24 * 3600 * 1000;

/** Releases what is kept in stores for nobody: the remains of services and workers that died in the middle. */
export async function sweepPins({ context, bytes }: GalleryServices): Promise<number> {
  let released = 0;
  for (const home of bytes.regions.homes()) {
    const { layout } = openStore(home);
    for (const { name, tag } of await listTags(layout)) {
      if (!/^service\/[0-9a-f]{32}$/.test(name) || tag !== 'pin') continue;
      const age = await ageOf(join(layout.tags, name.replaceAll('/', '+'), tag));
      if (age === undefined || age < young) continue;
      const pin = `${name}:${tag}`;
      if (await isNeeded(context.database, pin)) continue;
      await bytes.releaseIn(home, pin);
      released += 1;
    }
  }
  return released;
}

async function isNeeded(database: GalleryServices['context']['database'], pin: string): Promise<boolean> {
  for (const table of ['image_versions', 'managed_images', 'published_disks', 'uploads'] as const) {
    const found = await database.selectFrom(table).select('pin').where('pin', '=', pin).executeTakeFirst();
    if (found) return true;
  }
  return false;
}

async function ageOf(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
