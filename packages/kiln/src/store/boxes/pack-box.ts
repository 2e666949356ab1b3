import { createReadStream, createWriteStream } from 'node:fs';
import { link, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { cancelled } from '../../base/cancellation.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { exists, syncFolder, translateFull } from '../../base/files.ts';
import type { Run } from '../run.ts';
import { parallelGzip } from './parallel-gzip.ts';

/** A file of a box that is being made. */
export interface BoxMember {
  /** With slashes. */
  readonly name: string;
  readonly content:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'text'; readonly text: string };
  /** Default: 0644 for texts, that of the file for files. */
  readonly mode?: number;
}

export interface PackOptions {
  readonly run: Run;
  readonly signal: AbortSignal;
  /** 1 (fast, the default) to 9. */
  readonly level?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Writes a box: a gzipped tar archive, which is seen whole or not at all, and never in the place of another file. The
 * same files give the same bytes.
 * @throws KilnError `already-exists`, `file-missing`, `disk-full`, `cancelled`
 */
export async function packBox(
  to: string,
  members: readonly BoxMember[],
  options: PackOptions,
): Promise<void> {
  const target = resolve(to);
  await checkBoxTarget(target);
  const unfinished = join(dirname(target), `.${basename(target)}.${options.run.id}.part`);
  options.run.ownPath(unfinished);
  try {
    await writeBox(unfinished, members, options);
    // A link, other than renaming, does not replace what somebody else has made meanwhile.
    await link(unfinished, target);
    await syncFolder(dirname(target));
  } catch (error) {
    throw explain(error, target, options.signal);
  } finally {
    await rm(unfinished, { force: true });
    options.run.disownPath(unfinished);
  }
}

/** Writes a box to a file that must not exist yet; half of it may stay when this fails. */
export async function writeBox(
  path: string,
  members: readonly BoxMember[],
  { signal, level = 1, onProgress }: PackOptions,
): Promise<void> {
  const pack = tar.pack({ highWaterMark: 1 << 20 });
  const filling = fill(pack, members, signal, onProgress).catch((error: unknown) => {
    pack.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  });
  // Of interest when the streams have ended: they only say that something broke.
  filling.catch(() => {});
  const bytes = parallelGzip(pack as unknown as AsyncIterable<Buffer>, level);
  const file = createWriteStream(path, { flags: 'wx', mode: 0o644, highWaterMark: 1 << 20 });
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), file, { signal });
  } catch (error) {
    pack.destroy();
    if (!signal.aborted) await filling;
    throw error;
  }
  await filling;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The files of a folder as members, in the order of their names. */
export async function membersOf(folder: string): Promise<BoxMember[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const members = entries
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return { name: path.slice(folder.length + 1), content: { kind: 'file', path } as const };
    });
  return members.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @throws KilnError `already-exists`, `file-missing` when its folder is not there */
export async function checkBoxTarget(target: string): Promise<void> {
  if (await exists(target)) {
    throw new KilnError('already-exists', `${target} exists already`, {
      hint: 'remove it, or name another file with --output',
    });
  }
  if (await exists(dirname(target))) return;
  throw new KilnError('file-missing', `there is no folder ${dirname(target)}`, { hint: 'make it first' });
}

async function fill(
  pack: tar.Pack,
  members: readonly BoxMember[],
  signal: AbortSignal,
  onProgress: PackOptions['onProgress'],
): Promise<void> {
  const infos = await Promise.all(
    members.map(({ content }) => (content.kind === 'file' ? stat(content.path) : undefined)),
  );
  const sizeOf = (index: number) => {
    const { content } = members[index]!;
    return content.kind === 'text' ? Buffer.byteLength(content.text) : infos[index]!.size;
  };
  const total = members.reduce((sum, _member, index) => sum + sizeOf(index), 0);
  let done = 0;
  for (const [index, { name, content, mode }] of members.entries()) {
    const usualMode = infos[index] ? infos[index].mode & 0o777 : 0o644;
    const header = {
      name,
      size: sizeOf(index),
      mode: mode ?? usualMode,
      mtime: new Date(0),
      uid: 0,
      gid: 0,
      type: 'file',
    } as const;
    const entry = pack.entry(header);
    const source =
      content.kind === 'text'
        ? Readable.from([Buffer.from(content.text)])
        : createReadStream(content.path, { highWaterMark: 1 << 20 });
    source.on('data', (chunk: Buffer) => {
      done += chunk.length;
      onProgress?.(done, total);
    });
    await pipeline(source, entry, { signal });
  }
  pack.finalize();
}

function explain(error: unknown, target: string, signal: AbortSignal): unknown {
  if (signal.aborted) return cancelled();
  if (isSystemError(error, 'EEXIST'))
    return new KilnError('already-exists', `${target} was made by somebody else meanwhile`, { cause: error });
  if (isSystemError(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR')) {
    return new KilnError('file-missing', `${target} cannot be written: ${error.message}`, { cause: error });
  }
  return translateFull(error, target);
}
