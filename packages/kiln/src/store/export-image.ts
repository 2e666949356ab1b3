import { createReadStream, createWriteStream } from 'node:fs';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { cancelled } from '../base/cancellation.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import { exists, syncFolder, translateFull } from '../base/files.ts';
import { type ArchiveManifest, attachmentMember, manifestName, memberName } from './archive-manifest.ts';
import { attachmentPath } from './attachments.ts';
import { layerPath, type StoreLayout } from './home.ts';
import type { ImageRecord } from './image-record.ts';
import { tarEnd, tarHeader, tarPadding } from './plain-tar.ts';
import { Run } from './run.ts';
import { compressionFault, type DiskFileFormat, writeDiskFile } from './write-disk.ts';

export type ExportFormat = DiskFileFormat | 'archive';

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Default false. For raw, vhd, vhdx and vdi, which have no compression, it is refused. */
  readonly compress?: boolean;
  /** Replace a file that is there. Default false. */
  readonly overwrite?: boolean;
  readonly signal?: AbortSignal;
  /** Part that is done, 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/**
 * Writes an image to one file, complete or not at all.
 * @throws KilnError `already-exists`, `unsupported`, `disk-full`, `store-corrupt`, `file-missing`, `cancelled`
 */
export async function exportImage(
  layout: StoreLayout,
  record: ImageRecord,
  to: string,
  options: ExportOptions,
): Promise<void> {
  const target = resolve(to);
  await checkTarget(target, options);
  const needed = record.layers.map((digest) => layerPath(layout, digest));
  if (options.format === 'archive')
    for (const { digest } of record.attachments ?? []) needed.push(attachmentPath(layout, digest));
  for (const path of needed) {
    if (await exists(path)) continue;
    throw new KilnError('store-corrupt', `${path} of the image is missing`, { hint: 'make the image again' });
  }
  const run = await Run.open(layout.home);
  // Beside the target, because a rename must not leave the filesystem; the run knows of it in case we are killed.
  const unfinished = join(dirname(target), `.${basename(target)}.${run.id}.part`);
  try {
    run.ownPath(unfinished);
    if (options.format === 'archive') await writeArchive(layout, record, unfinished, options);
    else await convert(layout, record, unfinished, options, parse(target).name, run);
    await finish(unfinished, target);
    run.disownPath(unfinished);
  } catch (error) {
    throw explain(error, target);
  } finally {
    await rm(unfinished, { force: true });
    await run.close();
  }
}

async function checkTarget(target: string, { format, compress, overwrite }: ExportOptions): Promise<void> {
  const fault = compress && format !== 'archive' ? compressionFault(format) : undefined;
  if (fault !== undefined) {
    throw new KilnError('unsupported', fault, {
      hint: 'leave the compression out, or choose qcow2, vmdk or archive',
    });
  }
  if (overwrite || !(await exists(target))) return;
  throw new KilnError('already-exists', `${target} exists already`, {
    hint: 'choose another name, or overwrite it with --force',
  });
}

async function convert(
  layout: StoreLayout,
  record: ImageRecord,
  to: string,
  { format, compress = false, signal, onProgress }: ExportOptions,
  name: string,
  run: Run,
): Promise<void> {
  if (format === 'archive') return;
  await writeDiskFile({
    from: { path: layerPath(layout, record.id), format: 'qcow2' },
    to,
    format,
    compress,
    name,
    time: Math.floor(Date.parse(record.createdAt) / 1000),
    run,
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  });
}

async function writeArchive(
  layout: StoreLayout,
  record: ImageRecord,
  to: string,
  { compress = false, signal, onProgress }: ExportOptions,
): Promise<void> {
  const layers = await Promise.all(
    record.layers.map(async (digest) => ({ digest, size: (await stat(layerPath(layout, digest))).size })),
  );
  const total = layers.reduce((sum, layer) => sum + layer.size, 0);
  let done = 0;
  const bytes = archiveBytes(layout, { kind: 'kiln-image', schema: 1, record, layers }, (length) => {
    done += length;
    onProgress?.(done / total);
  });
  const packers = compress ? [createZstdCompress()] : [];
  const file = createWriteStream(to, { flags: 'wx', highWaterMark: 1 << 20 });
  await pipeline([Readable.from(bytes), ...packers, file], { ...(signal && { signal }) });
}

async function* archiveBytes(
  layout: StoreLayout,
  manifest: ArchiveManifest,
  onBytes: (length: number) => void,
): AsyncGenerator<Buffer> {
  const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  yield Buffer.concat([tarHeader(manifestName, text.length), text, tarPadding(text.length)]);
  for (const digest of attachmentDigests(manifest.record)) {
    const packed = await readFile(attachmentPath(layout, digest));
    yield Buffer.concat([
      tarHeader(attachmentMember(digest), packed.length),
      packed,
      tarPadding(packed.length),
    ]);
  }
  for (const { digest, size } of manifest.layers.toReversed()) {
    yield tarHeader(memberName(digest), size);
    for await (const chunk of createReadStream(layerPath(layout, digest), { highWaterMark: 1 << 20 })) {
      onBytes((chunk as Buffer).length);
      yield chunk as Buffer;
    }
    yield tarPadding(size);
  }
  yield tarEnd;
}

/** Two kinds of documents may have the same content. */
function attachmentDigests(record: ImageRecord): readonly string[] {
  return [...new Set((record.attachments ?? []).map(({ digest }) => digest))].sort();
}

async function finish(unfinished: string, target: string): Promise<void> {
  const handle = await open(unfinished, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(unfinished, target);
  await syncFolder(dirname(target));
}

function explain(error: unknown, target: string): unknown {
  if (error instanceof KilnError && error.code === 'disk-full') return fullAt(target, error);
  if (error instanceof Error && error.name === 'AbortError') return cancelled();
  if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EROFS', 'EISDIR')) {
    return new KilnError('file-missing', `${target} cannot be written (${error.code})`, {
      hint: 'name a file in a folder that exists and that you may write to',
      cause: error,
    });
  }
  return translateFull(error, target);
}

function fullAt(path: string, cause: Error): KilnError {
  return new KilnError('disk-full', `no space left while writing ${path}`, {
    hint: 'free some space or write to another disk, then try again',
    cause,
  });
}
