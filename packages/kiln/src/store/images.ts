import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KilnError } from '../base/errors.ts';
import { exists, readJsonIfExists, writeFileAtomically } from '../base/files.ts';
import { didYouMean } from '../base/suggest.ts';
import { listFolder } from './folders.ts';
import { layerPath, type StoreLayout } from './home.ts';
import type { ImageRecord } from './image-record.ts';
import { parseImageReference } from './image-reference.ts';
import { listTags, readIdFile, readTag, removeTag } from './tags.ts';

/** @throws KilnError `store-corrupt` when the record cannot be what Kiln wrote */
export async function readRecord(layout: StoreLayout, id: string): Promise<ImageRecord | undefined> {
  const path = recordPath(layout, id);
  const value = await readJsonIfExists(path);
  if (value === undefined) return undefined;
  const record = value as Partial<ImageRecord>;
  if (record.schema !== 1 || record.id !== id || !Array.isArray(record.layers) || record.layers[0] !== id) {
    throw new KilnError('store-corrupt', `${path} is not an image record that this Kiln understands`, {
      hint: 'remove that file; `kiln image prune` then frees its disk',
    });
  }
  return value as ImageRecord;
}

/** To be called under the store's lock, like everything here that writes. */
export async function writeRecord(layout: StoreLayout, record: ImageRecord): Promise<void> {
  await writeFileAtomically(recordPath(layout, record.id), `${JSON.stringify(record, null, 2)}\n`);
  const { key } = record.provenance;
  if (key !== undefined) await writeFileAtomically(keyPath(layout, key), `${record.id}\n`);
}

/** Ids of all images. */
export async function listIds(layout: StoreLayout): Promise<string[]> {
  const names = await listFolder(layout.images);
  return names.filter((name) => /^[0-9a-f]{64}\.json$/.test(name)).map((name) => name.slice(0, 64));
}

/** @throws KilnError `not-found` with the nearest name there is, `bad-usage` */
export async function resolveReference(layout: StoreLayout, text: string): Promise<string> {
  if (text.startsWith('sha256:')) return resolvePrefix(layout, text, parsePrefix(text));
  // Six hex digits may be a name as well as the start of an id; what somebody named comes first.
  if (/^[0-9a-f]{6,64}$/.test(text)) {
    const named = await readTag(layout, text, 'latest');
    return named ?? resolvePrefix(layout, text, text);
  }
  const reference = parseImageReference(text);
  if (reference.kind === 'id') return resolvePrefix(layout, text, reference.prefix);
  const id = await readTag(layout, reference.name, reference.tag);
  if (id !== undefined) return id;
  throw await tagNotFound(layout, reference.name, reference.tag);
}

function parsePrefix(text: string): string {
  const reference = parseImageReference(text);
  return reference.kind === 'id' ? reference.prefix : '';
}

async function resolvePrefix(layout: StoreLayout, text: string, prefix: string): Promise<string> {
  const found = (await listIds(layout)).filter((id) => id.startsWith(prefix));
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new KilnError('not-found', `there is no image ${text}`, { hint: listHint });
  throw new KilnError('not-found', `${text} is the start of ${found.length} image ids`, {
    hint: `say more of it: ${found.map((id) => `sha256:${id.slice(0, 12)}`).join(', ')}`,
  });
}

const listHint = 'see `kiln image list`';

async function tagNotFound(layout: StoreLayout, name: string, tag: string): Promise<KilnError> {
  const tags = await listTags(layout);
  const ofName = tags.filter((one) => one.name === name).map((one) => one.tag);
  if (ofName.length > 0) {
    return new KilnError('not-found', `the image "${name}" has no tag "${tag}"`, {
      hint: didYouMean(tag, ofName) ?? `it has ${ofName.join(', ')}`,
    });
  }
  return new KilnError('not-found', `there is no image "${name}"`, {
    hint: didYouMean(name, new Set(tags.map((one) => one.name))) ?? listHint,
  });
}

/** The image that was made with this key, when its record and all of its layers are there. */
export async function findByKey(layout: StoreLayout, key: string): Promise<ImageRecord | undefined> {
  const id = await readIdFile(keyPath(layout, key));
  const record = id === undefined ? undefined : await readRecord(layout, id);
  if (!record) return undefined;
  const whole = await Promise.all(record.layers.map((digest) => exists(layerPath(layout, digest))));
  return whole.every(Boolean) ? record : undefined;
}

/** Removes an image's record and every name and key that leads to it. Its layers are left to the sweep. */
export async function forgetImage(layout: StoreLayout, id: string): Promise<void> {
  for (const { name, tag, id: tagged } of await listTags(layout))
    if (tagged === id) await removeTag(layout, name, tag);
  for (const key of await listFolder(layout.keys)) {
    const path = join(layout.keys, key);
    if ((await readIdFile(path)) === id) await rm(path, { force: true });
  }
  await rm(recordPath(layout, id), { force: true });
}

function recordPath(layout: StoreLayout, id: string): string {
  return join(layout.images, `${id}.json`);
}

/** A key that cannot be a file's name is known by its digest. */
function keyPath(layout: StoreLayout, key: string): string {
  const name = /^[A-Za-z0-9_-]{1,128}$/.test(key) ? key : createHash('sha256').update(key).digest('hex');
  return join(layout.keys, name);
}
