import { chmod, rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KilnError } from '../base/errors.ts';
import { exists } from '../base/files.ts';
import { withLock } from '../base/locks.ts';
import { type Compression, decompress, detectCompression } from '../store/decompress.ts';
import { inspectDisk } from '../store/disk-file.ts';
import type { StoreLayout } from '../store/home.ts';
import { downloadLock, markUsed } from '../store/prune-downloads.ts';
import { Run } from '../store/run.ts';
import { makeFolders } from '../store/store-lock.ts';
import { digestsOfFile } from './file-digests.ts';
import type { LocalImage, ResolveContext } from './image-resolver.ts';
import { progressReporter } from './progress.ts';

export interface OpenOptions {
  /** SHA-256 of the file. */
  readonly digest: string;
  /** False: compressed data is taken for the disk itself. */
  readonly unpack: boolean;
}

/**
 * Makes sure that a file is a disk which may be opened, and unpacks it first when it is compressed.
 * @throws KilnError `file-missing`, `file-unsafe`, `unsupported`, `disk-full`, `tool-missing`, `cancelled`
 */
export async function openImage(
  layout: StoreLayout,
  path: string,
  { digest, unpack }: OpenOptions,
  context: ResolveContext,
): Promise<LocalImage> {
  const compression = unpack ? await detectCompression(path) : undefined;
  if (!compression) return describe(path, digest, context);
  const key = `unpacked-${digest}`;
  const unpacked = join(layout.downloads, `${key}.disk`);
  await makeFolders(layout);
  const waiting = {
    what: `the unpacked ${basename(path)}`,
    wait: Number.POSITIVE_INFINITY,
    signal: context.signal,
  };
  await withLock(downloadLock(layout, key), waiting, async () => {
    if (!(await exists(unpacked))) await unpackTo(layout, path, unpacked, compression, context);
    await markUsed(layout, key);
  });
  const { sha256 } = await digestsOfFile(layout, unpacked, ['sha256'], { signal: context.signal });
  return describe(unpacked, sha256!, context);
}

async function unpackTo(
  layout: StoreLayout,
  from: string,
  to: string,
  compression: Compression,
  context: ResolveContext,
): Promise<void> {
  const run = await Run.open(layout.home);
  try {
    const staged = join(run.folder, 'disk');
    await decompress(from, staged, compression, {
      signal: context.signal,
      run,
      onProgress: progressReporter(context, `unpacking ${basename(from)}`),
    });
    await chmod(staged, 0o444);
    await rename(staged, to);
  } finally {
    await run.close();
  }
}

async function describe(path: string, digest: string, context: ResolveContext): Promise<LocalImage> {
  const { format, virtualSize } = await inspectDisk(path, context.signal);
  if (virtualSize === 0) {
    throw new KilnError('file-unsafe', `${path} is empty`, { hint: 'name a file that holds a disk' });
  }
  return { path, format, digest, virtualSize, seeded: false };
}
