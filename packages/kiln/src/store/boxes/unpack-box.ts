import { createReadStream } from 'node:fs';
import { open, stat, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { cancelled } from '../../base/cancellation.ts';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import { exists, translateFull } from '../../base/files.ts';
import { DamagedData, detectCompression, unpackWithProgram } from '../decompress.ts';
import type { ArchiveMember } from './archive-member.ts';
import { type BoxMetadata, readBoxMetadata } from './box-metadata.ts';
import { damagedArchive, readFullTar } from './read-full-tar.ts';
import { readZip } from './read-zip.ts';
import { UnpackBudget, type UnpackLimits, usualLimits } from './unpack-budget.ts';
import { UnpackFolder } from './unpack-folder.ts';

export interface UnpackOptions {
  readonly signal: AbortSignal;
  /** Bytes of the box file that are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** What the box is called in messages; its path when not given. */
  readonly shown?: string;
  readonly limits?: UnpackLimits;
}

/**
 * Unpacks a box (tar, with gzip, zstd, xz or bzip2, or zip) into an empty folder, which is to be thrown away when this fails. Nothing
 * outside of it is touched, whatever the box holds, and no more is written than there is room for. A box of Vagrant 1.0,
 * which is a VirtualBox appliance alone, gets the metadata that it lacks.
 * @throws KilnError `file-missing`, `file-unsafe` for a box that must not be trusted, `tool-missing` without xz or bzip2 for a box that needs it,
 *   `disk-full`, `cancelled`
 */
export async function unpackBox(path: string, folder: string, options: UnpackOptions): Promise<BoxMetadata> {
  const { shown = path, signal } = options;
  const { bavail, bsize } = await statfs(folder);
  const budget = new UnpackBudget({
    archive: shown,
    size: (await statFile(path)).size,
    free: bavail * bsize,
    limits: options.limits ?? usualLimits,
  });
  const target = new UnpackFolder(folder, shown, budget);
  try {
    await forEachMember(path, shown, budget, options, (member) => target.add(member));
    await target.finish();
  } catch (error) {
    throw explain(error, shown, folder, signal);
  }
  const isFirstVersion =
    !(await exists(join(folder, 'metadata.json'))) && (await exists(join(folder, 'box.ovf')));
  if (isFirstVersion) await writeFile(join(folder, 'metadata.json'), '{"provider":"virtualbox"}');
  try {
    return await readBoxMetadata(folder);
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    throw new KilnError(error.code, error.message.replaceAll(folder, shown), {
      ...(error.hint && { hint: error.hint }),
      cause: error,
    });
  }
}

async function forEachMember(
  path: string,
  shown: string,
  budget: UnpackBudget,
  { signal, onProgress }: UnpackOptions,
  take: (member: ArchiveMember) => Promise<void>,
): Promise<void> {
  const { size: total } = await stat(path);
  if (await isZip(path)) {
    let done = 0;
    for await (const member of readZip(path, shown)) {
      if (signal.aborted) throw cancelled();
      await take(member);
      done += member.size;
      onProgress?.(Math.min(done, total), total);
    }
    return;
  }
  const compression = await detectCompression(path);
  const source = createReadStream(path, { highWaterMark: 1 << 18 });
  let done = 0;
  source.on('data', (chunk) => {
    done += chunk.length;
    onProgress?.(done, total);
  });
  const sink = async (chunks: AsyncIterable<Buffer>) => {
    const bytes = counted(chunks, budget);
    for await (const member of readFullTar({ [Symbol.asyncIterator]: () => bytes }, shown))
      await take(member);
    // What stands behind the end of an archive is of no interest, but the checksum of gzip stands there, too.
    for await (const _rest of bytes);
  };
  if (compression === 'xz' || compression === 'bzip2')
    await unpackWithProgram(compression, source, sink, signal);
  else await pipeline(source, unpacker(compression), sink, { signal });
}

function unpacker(compression: 'gzip' | 'zstd' | undefined) {
  switch (compression) {
    case undefined:
      return new PassThrough();
    case 'gzip':
      return createGunzip({ chunkSize: 1 << 18 });
    case 'zstd':
      return createZstdDecompress({ chunkSize: 1 << 18 });
  }
}

async function* counted(chunks: AsyncIterable<Buffer>, budget: UnpackBudget): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    budget.expand(chunk.length);
    yield chunk;
  }
}

async function isZip(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.toString('latin1') === 'PK\x03\x04' || buffer.toString('latin1') === 'PK\x05\x06';
  } finally {
    await file.close();
  }
}

async function statFile(path: string) {
  try {
    const found = await stat(path);
    if (found.isFile()) return found;
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP')) throw error;
  }
  throw new KilnError('file-missing', `there is no box file ${path}`, { hint: 'name a .box file' });
}

function explain(error: unknown, shown: string, folder: string, signal: AbortSignal): unknown {
  if (signal.aborted || (error instanceof Error && error.name === 'AbortError')) return cancelled();
  const isZlib = error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code));
  if (isZlib || error instanceof DamagedData || isSystemError(error, 'ERR_STREAM_PREMATURE_CLOSE'))
    return damagedArchive(shown, `its data ends in an error (${messageOf(error)})`);
  return translateFull(error, folder);
}
