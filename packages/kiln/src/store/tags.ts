import { mkdir, readFile, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError } from '../base/errors.ts';
import { writeFileAtomically } from '../base/files.ts';
import { listFolder } from './folders.ts';
import type { StoreLayout } from './home.ts';
import { isTemporaryName } from './temporary-names.ts';

/** A name and tag, and the image it means. */
export interface TagEntry {
  readonly name: string;
  readonly tag: string;
  readonly id: string;
}

/** All tags, by name and tag. */
export async function listTags(layout: StoreLayout): Promise<TagEntry[]> {
  const entries: TagEntry[] = [];
  for (const folder of await listFolder(layout.tags)) {
    for (const tag of await listFolder(join(layout.tags, folder))) {
      if (isTemporaryName(tag)) continue;
      const name = folder.replaceAll('+', '/');
      const id = await readTag(layout, name, tag);
      if (id) entries.push({ name, tag, id });
    }
  }
  return entries;
}

/** The image id behind a tag. */
export async function readTag(layout: StoreLayout, name: string, tag: string): Promise<string | undefined> {
  return readIdFile(tagPath(layout, name, tag));
}

/** To be called under the store's lock, like `removeTag`. */
export async function writeTag(layout: StoreLayout, { name, tag, id }: TagEntry): Promise<void> {
  const path = tagPath(layout, name, tag);
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, `${id}\n`);
}

export async function removeTag(layout: StoreLayout, name: string, tag: string): Promise<void> {
  const path = tagPath(layout, name, tag);
  await rm(path, { force: true });
  try {
    await rmdir(dirname(path));
  } catch (error) {
    if (!isSystemError(error, 'ENOTEMPTY', 'ENOENT', 'EEXIST')) throw error;
  }
}

/** Content of a file that holds one image id; undefined when there is no such file or no id in it. */
export async function readIdFile(path: string): Promise<string | undefined> {
  try {
    const id = (await readFile(path, 'utf8')).trim();
    return /^[0-9a-f]{64}$/.test(id) ? id : undefined;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EISDIR')) return undefined;
    throw error;
  }
}

/** A slash in a name becomes a plus, which no name has: `a` with tag `b` and `a/b` must not collide. */
function tagPath(layout: StoreLayout, name: string, tag: string): string {
  return join(layout.tags, name.replaceAll('/', '+'), tag);
}
