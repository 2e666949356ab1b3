import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { cancelled } from '../../base/cancellation.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { translateFull } from '../../base/files.ts';
import { type PackedAttachment, packAttachment, unpackAttachment } from '../../store/attachments.ts';
import { layerPath, storeLayout } from '../../store/home.ts';
import type { ImageRecord } from '../../store/image-record.ts';
import { readRecord } from '../../store/images.ts';
import { placeLayer } from '../../store/layers.ts';
import { Run } from '../../store/run.ts';
import { openStore } from '../../store/store.ts';
import type { SoundLayers } from './sound-layers.ts';

export interface ReplicateOptions {
  /** Stores that may have the image, the likeliest first. The target may be among them. */
  readonly from: readonly string[];
  readonly to: string;
  readonly digest: string;
  /** Names for the image in the target, by which it is kept there. */
  readonly references: readonly string[];
  readonly sound: SoundLayers;
  readonly signal?: AbortSignal;
  /** Bytes that the target has, and all. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** What of an image had to be copied. */
export interface Replicated {
  readonly record: ImageRecord;
  /** Of all layers' files. */
  readonly bytes: number;
  readonly copiedBytes: number;
}

/**
 * Makes an image whole in a store. Every layer is read through; what the store lacks, or has damaged, is copied from
 * the first other store where it is sound, and compared with its digest on the way. Nothing else is copied.
 * @throws KilnError `not-found` when no store knows the image, `store-corrupt` when a layer is sound nowhere,
 *   `disk-full`, `cancelled`
 */
export async function replicate(options: ReplicateOptions): Promise<Replicated> {
  const { from, to, digest, references, sound, signal, onProgress } = options;
  const homes = [...new Set([to, ...from])];
  const record = await findRecord(homes, digest);
  const sizes = new Map<string, number>();
  let copiedBytes = 0;
  const total = () => [...sizes.values()].reduce((sum, one) => sum + one, 0);
  let run: Run | undefined;
  try {
    const missing: { readonly layer: string; readonly home: string }[] = [];
    for (const layer of record.layers) {
      if (signal?.aborted) throw cancelled();
      const size = await sound.sizeOf(storeLayout(to), layer);
      if (size !== undefined) sizes.set(layer, size);
      else {
        const found = await findSound(homes, to, layer, sound);
        if (!found) throw lost(layer, record);
        sizes.set(layer, found.size);
        missing.push({ layer, home: found.home });
      }
    }
    let done = total() - missing.reduce((sum, { layer }) => sum + sizes.get(layer)!, 0);
    onProgress?.(done, total());
    // Lowest first: a layer is never in a store without those it stands on.
    for (const { layer, home } of missing.toReversed()) {
      run ??= await Run.open(to);
      await sound.discard(to, layer);
      const staged = join(run.folder, layer);
      await copyLayer(layerPath(storeLayout(home), layer), staged, layer, signal, (count) => {
        done += count;
        copiedBytes += count;
        onProgress?.(done, total());
      });
      await placeLayer(to, staged, layer);
    }
    const store = openStore(to);
    const isNew = (await readRecord(store.layout, record.id)) === undefined;
    if (isNew || missing.length > 0 || references.length > 0)
      await store.putImage(record, references, await attachmentsOf(homes, record));
    return { record, bytes: total(), copiedBytes };
  } finally {
    await run?.close();
  }
}

async function findRecord(homes: readonly string[], digest: string): Promise<ImageRecord> {
  for (const home of homes) {
    const record = await readRecord(storeLayout(home), digest);
    if (record) return record;
  }
  throw new KilnError('not-found', `no region has the image sha256:${digest}`, {
    hint: 'it was removed from the stores by hand; build or upload it again',
  });
}

async function findSound(homes: readonly string[], to: string, layer: string, sound: SoundLayers) {
  for (const home of homes) {
    if (home === to) continue;
    const size = await sound.sizeOf(storeLayout(home), layer);
    if (size !== undefined) return { home, size };
  }
  return undefined;
}

async function copyLayer(
  from: string,
  staged: string,
  digest: string,
  signal: AbortSignal | undefined,
  onBytes: (count: number) => void,
): Promise<void> {
  const hash = createHash('sha256');
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      hash.update(chunk);
      onBytes(chunk.length);
      yield chunk;
    }
  };
  try {
    const target = createWriteStream(staged, { flags: 'wx', flush: true });
    const source = createReadStream(from, { highWaterMark: 1 << 20 });
    await pipeline(source, counted, target, { ...(signal && { signal }) });
    await chmod(staged, 0o444);
  } catch (error) {
    await rm(staged, { force: true });
    if (signal?.aborted) throw cancelled();
    if (isSystemError(error, 'ENOENT')) throw changed(digest);
    throw translateFull(error, staged);
  }
  if (hash.digest('hex') !== digest) throw changed(digest);
}

/** Those that are sound somewhere; a document that is lost does not keep an image from being copied. */
async function attachmentsOf(homes: readonly string[], record: ImageRecord): Promise<PackedAttachment[]> {
  const packed: PackedAttachment[] = [];
  for (const attachment of record.attachments ?? []) {
    for (const home of homes) {
      const read = await unpackAttachment(storeLayout(home), attachment);
      if (!('bytes' in read)) continue;
      packed.push(await packAttachment(attachment.kind, read.bytes));
      break;
    }
  }
  return packed;
}

function lost(layer: string, record: ImageRecord): KilnError {
  return new KilnError(
    'store-corrupt',
    `the layer sha256:${layer} of the image sha256:${record.id} is damaged or missing in every region`,
    { hint: 'build or upload the image again' },
  );
}

function changed(layer: string): KilnError {
  return new KilnError('store-corrupt', `the layer sha256:${layer} changed while it was copied`, {
    hint: 'try again',
  });
}
