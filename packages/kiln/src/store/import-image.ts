import { createReadStream } from 'node:fs';
import { chmod, open, statfs } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { cancelled } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import { translateFull } from '../base/files.ts';
import { kilnVersion } from '../base/version.ts';
import { type ImportedArchive, readArchive } from './archive-reader.ts';
import type { PackedAttachment } from './attachments.ts';
import { type Compression, decompress, detectCompression } from './decompress.ts';
import { inspectDisk, sizeOfFile } from './disk-file.ts';
import type { StoreLayout } from './home.ts';
import type { ImageRecord } from './image-record.ts';
import { addLayer, type Layer, placeLayer } from './layers.ts';
import { looksLikeTar } from './plain-tar.ts';
import { Run } from './run.ts';
import { checkQcow2 } from './stage-disk.ts';

export interface ImportOptions {
  /** What the file is called in the provenance, when its own name says nothing. */
  readonly name?: string;
  /** User to log in as, and firmware, for a bare disk that cannot tell. */
  readonly user?: string;
  readonly firmware?: readonly ('bios' | 'efi')[];
  readonly signal?: AbortSignal;
  /** Part that is done, 0 to 1. */
  readonly onProgress?: (part: number) => void;
}

/** What came in: the record is for the caller to put, with the attachments. */
export interface ImportedImage {
  readonly record: ImageRecord;
  readonly attachments: readonly PackedAttachment[];
}

/**
 * Takes an image into the store from a disk file of any known format, compressed or not, or from an archive
 * that `exportImage` made. The layers are in the store afterwards, claimed by this process; the record is for
 * the caller to put. On failure nothing is left.
 * @throws KilnError `file-missing`, `file-unsafe`, `checksum-mismatch`, `unsupported`, `disk-full`, `cancelled`
 */
export async function importImage(
  layout: StoreLayout,
  from: string,
  options: ImportOptions,
): Promise<ImportedImage> {
  const path = resolve(from);
  await sizeOfFile(path);
  const run = await Run.open(layout.home);
  try {
    const compression = await detectCompression(path);
    if (await isArchive(path, compression))
      return await importArchive(layout, path, compression, run, options);
    return { record: await importDisk(layout, path, compression, run, options), attachments: [] };
  } catch (error) {
    if (error instanceof Error && error.name === 'AbortError') throw cancelled();
    throw translateFull(error, layout.home);
  } finally {
    await run.close();
  }
}

/** Archives are plain or compressed with what Node unpacks itself; with other programs only disks are. */
async function isArchive(path: string, compression: Compression | undefined): Promise<boolean> {
  if (compression === 'xz' || compression === 'bzip2') return false;
  if (!compression) {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
      return looksLikeTar(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  }
  let head = Buffer.alloc(0);
  const sink = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      head = Buffer.concat([head, chunk]);
      if (head.length >= 512) return;
    }
  };
  try {
    await pipeline(createReadStream(path), unpacker(compression), sink);
  } catch {
    // Damaged: whoever reads it to the end says so better.
  }
  return looksLikeTar(head);
}

function unpacker(compression: 'gzip' | 'zstd') {
  return compression === 'gzip' ? createGunzip() : createZstdDecompress();
}

async function importArchive(
  layout: StoreLayout,
  path: string,
  compression: Compression | undefined,
  run: Run,
  { signal, onProgress }: ImportOptions,
): Promise<ImportedImage> {
  const { bavail, bsize } = await statfs(run.folder);
  let archive: ImportedArchive | undefined;
  const sink = async (chunks: AsyncIterable<Buffer>) => {
    archive = await readArchive(chunks, path, run.folder, {
      freeBytes: bavail * bsize,
      ...(onProgress && { onProgress }),
    });
  };
  try {
    const source = createReadStream(path, { highWaterMark: 1 << 20 });
    const setting = { ...(signal && { signal }) };
    if (compression === 'gzip' || compression === 'zstd')
      await pipeline(source, unpacker(compression), sink, setting);
    else await pipeline(source, sink, setting);
  } catch (error) {
    const isPackError = error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code));
    if (!isPackError) throw error;
    throw new KilnError('file-unsafe', `${path} is damaged: ${messageOf(error)}`, {
      hint: 'get the file again from where it came',
      cause: error,
    });
  }
  if (!archive) throw new KilnError('internal', `${path} was not read`);
  await checkQcow2(archive.files[0]!.path, path, run, signal);
  // Lowest first: a layer is never in the store without those it stands on.
  for (const { path: staged, digest } of archive.files.toReversed()) {
    await chmod(staged, 0o444);
    await placeLayer(layout.home, staged, digest);
  }
  return archive;
}

async function importDisk(
  layout: StoreLayout,
  path: string,
  compression: Compression | undefined,
  run: Run,
  {
    name = basename(path),
    user,
    firmware = [],
    signal = new AbortController().signal,
    onProgress,
  }: ImportOptions,
): Promise<ImageRecord> {
  const disk = compression ? join(run.folder, 'unpacked') : path;
  if (compression) {
    await decompress(path, disk, compression, {
      signal,
      run,
      ...(onProgress && { onProgress: (done, total) => onProgress(done / total / 2) }),
    });
  }
  const layer = await storeDisk(layout, disk, path, compression !== undefined, {
    signal,
    ...(onProgress && { onProgress: (part) => onProgress(compression ? 0.5 + part / 2 : part) }),
  });
  return {
    schema: 1,
    id: layer.digest,
    layers: layer.layers,
    virtualSize: layer.virtualSize,
    createdAt: new Date().toISOString(),
    seeded: false,
    firmware,
    ...(user !== undefined && { user }),
    provenance: { kilnVersion, made: `import ${name}` },
  };
}

async function storeDisk(
  layout: StoreLayout,
  disk: string,
  path: string,
  move: boolean,
  options: ImportOptions,
): Promise<Layer> {
  try {
    const { format } = await inspectDisk(disk, options.signal);
    if (format !== 'iso') return await addLayer(layout.home, { diskPath: disk, move, ...options });
  } catch (error) {
    throw renamed(error, disk, path);
  }
  throw new KilnError('unsupported', `${path} is an installer medium, not a disk`, {
    hint: 'build an image with it: name it as the installer in a template',
  });
}

/** An error about an unpacked temporary file, told of the file that the user knows. */
function renamed(error: unknown, temporary: string, path: string): unknown {
  if (!(error instanceof KilnError) || temporary === path) return error;
  return new KilnError(error.code, error.message.replaceAll(temporary, path), {
    ...(error.hint && { hint: error.hint }),
    cause: error,
  });
}
