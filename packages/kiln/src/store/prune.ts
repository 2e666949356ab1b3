import { rm } from 'node:fs/promises';
import { sweepAttachments } from './attachments.ts';
import { bytesOnDisk, listFolder, removeAndCount } from './folders.ts';
import { layerPath, type StoreLayout } from './home.ts';
import type { ImageRecord } from './image-record.ts';
import { forgetImage, listIds, readRecord } from './images.ts';
import { type Pin, readPins } from './pins.ts';
import { pruneDownloads } from './prune-downloads.ts';
import { pruneIndexes } from './prune-indexes.ts';
import { withStoreLock } from './store-lock.ts';
import { listTags } from './tags.ts';

export interface PruneOptions {
  /** Only tell what would go. */
  readonly dryRun?: boolean;
  /** False: images go although they have a name, when nothing uses them. Default true. */
  readonly keepTagged?: boolean;
  /** Downloads that were not used for this long go. Default 30 days. */
  readonly downloadsUnusedFor?: number;
  /** The longest unused downloads go until the others take no more than this. Default: no limit. */
  readonly downloadsMaxBytes?: number;
}

export interface Pruned {
  /** Ids of images. */
  readonly images: readonly string[];
  /** Digests of layers. */
  readonly layers: readonly string[];
  /** Names of files under `downloads/`. */
  readonly downloads: readonly string[];
  /** Folders with indexes of packages: `apt/…`. */
  readonly indexes: readonly string[];
  /** What became, or would become, free on the disk. */
  readonly bytes: number;
}

const days = 86_400_000;

/**
 * Removes what nobody needs: images without a name that no machine or running command uses, layers that no
 * image and no pin refers to, old downloads and indexes of packages, and pins whose owner is gone.
 */
export async function prune(home: string, options: PruneOptions = {}): Promise<Pruned> {
  const { dryRun = false, keepTagged = true } = options;
  return withStoreLock(home, async (layout) => {
    const { living, stale } = await readPins(layout);
    if (!dryRun) for (const path of stale) await rm(path, { force: true });
    const records = await readRecords(layout);
    const named = keepTagged ? new Set((await listTags(layout)).map((tag) => tag.id)) : new Set<string>();
    const needed = neededLayers(living);
    for (const record of records)
      if (named.has(record.id)) for (const digest of record.layers) needed.add(digest);
    // Records of images below a needed one stay: they cost nothing, and say what the layer is.
    const images = records.filter((record) => !needed.has(record.id)).map((record) => record.id);
    if (!dryRun) for (const id of images) await forgetImage(layout, id);
    const { layers, bytes } = await sweepLayers(layout, needed, dryRun);
    const kept = records.filter((record) => !images.includes(record.id));
    const attached = await sweepAttachments(layout, kept, dryRun);
    const unusedFor = options.downloadsUnusedFor ?? 30 * days;
    const indexes = await pruneIndexes(layout, { dryRun, unusedFor });
    const downloads = await pruneDownloads(layout, {
      dryRun,
      unusedFor,
      maxBytes: options.downloadsMaxBytes ?? Number.POSITIVE_INFINITY,
      pinned: new Set(living.flatMap((pin) => pin.downloads)),
    });
    return {
      ...{ images, layers, downloads: downloads.names, indexes: indexes.names },
      bytes: bytes + attached + downloads.bytes + indexes.bytes,
    };
  });
}

/** Layers that machines, running commands and not yet finished images need. */
export function neededLayers(pins: readonly Pin[]): Set<string> {
  return new Set(pins.flatMap((pin) => [...pin.layers, ...pin.images.flatMap((image) => image.layers)]));
}

/** Removes every layer file that is not needed. To be called under the store's lock. */
export async function sweepLayers(
  layout: StoreLayout,
  needed: ReadonlySet<string>,
  dryRun: boolean,
  candidates?: readonly string[],
): Promise<{ readonly layers: string[]; readonly bytes: number }> {
  const layers: string[] = [];
  let bytes = 0;
  const there = (await listFolder(layout.layers))
    .filter((name) => /^[0-9a-f]{64}\.qcow2$/.test(name))
    .map((name) => name.slice(0, 64));
  for (const digest of there) {
    if (needed.has(digest) || (candidates && !candidates.includes(digest))) continue;
    const path = layerPath(layout, digest);
    bytes += dryRun ? await bytesOnDisk(path) : await removeAndCount(path);
    layers.push(digest);
  }
  return { layers, bytes };
}

export async function readRecords(layout: StoreLayout): Promise<ImageRecord[]> {
  const records: ImageRecord[] = [];
  for (const id of await listIds(layout)) {
    const record = await readRecord(layout, id);
    if (record) records.push(record);
  }
  return records;
}
