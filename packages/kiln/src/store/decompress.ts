import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { cancelled } from '../base/cancellation.ts';
import { isSystemError, KilnError, messageOf } from '../base/errors.ts';
import { translateFull } from '../base/files.ts';
import { endGroup, exitCode } from '../base/processes.ts';
import type { Run } from './run.ts';
import { SparseWriter } from './sparse-writer.ts';

export type Compression = 'gzip' | 'xz' | 'zstd' | 'bzip2';

/** How a file is compressed, by its first bytes; undefined when it is not. */
export async function detectCompression(path: string): Promise<Compression | undefined> {
  const head = await firstBytes(path, 10);
  if (head.startsWith('1f8b08')) return 'gzip';
  if (head.startsWith('fd377a585a00')) return 'xz';
  if (head.startsWith('28b52ffd')) return 'zstd';
  // "BZh", the level, and the digits of pi that a block starts with, or of its root that end an empty file.
  if (/^425a683[1-9](314159265359|177245385090)/.test(head)) return 'bzip2';
  return undefined;
}

export interface DecompressOptions {
  readonly signal: AbortSignal;
  /** Journals the program, where one is used. */
  readonly run: Run;
  /** Bytes of the compressed file that are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Unpacks a compressed disk to a new file, with holes where it is empty. On failure nothing is left.
 * @throws KilnError `file-unsafe` for damaged data, `tool-missing`, `disk-full`, `cancelled`
 */
export async function decompress(
  from: string,
  to: string,
  compression: Compression,
  options: DecompressOptions,
): Promise<void> {
  const writer = await SparseWriter.create(to);
  let open = true;
  try {
    await unpackInto(writer, from, compression, options);
    open = false;
    await writer.finish();
  } catch (error) {
    if (open) await writer.abandon();
    await rm(to, { force: true });
    throw explain(error, from, to, compression);
  }
}

async function unpackInto(
  writer: SparseWriter,
  from: string,
  compression: Compression,
  { signal, run, onProgress }: DecompressOptions,
): Promise<void> {
  const total = (await stat(from)).size;
  const source = createReadStream(from, { highWaterMark: 1 << 18 });
  if (onProgress) {
    let done = 0;
    source.on('data', (chunk) => {
      done += chunk.length;
      onProgress(done, total);
    });
  }
  const sink = async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) await writer.write(chunk);
  };
  if (compression === 'gzip') return pipeline(source, createGunzip({ chunkSize: 1 << 18 }), sink, { signal });
  if (compression === 'zstd')
    return pipeline(source, createZstdDecompress({ chunkSize: 1 << 18 }), sink, { signal });
  await unpackWithProgram(compression, source, sink, signal, run);
}

/** What xz may take to unpack something: enough for its highest level, and less than data may ask for that is to harm. */
const memoryOfXz = '512MiB';

/**
 * Unpacks a stream with a program of the system, which ends with its input when nobody else ends it.
 * @param run journals the program
 * @throws KilnError `tool-missing`; DamagedData with the program's words; what `sink` throws; an AbortError
 */
export async function unpackWithProgram(
  program: 'xz' | 'bzip2',
  source: NodeJS.ReadableStream,
  sink: (chunks: AsyncIterable<Buffer>) => Promise<void>,
  signal: AbortSignal,
  run?: Run,
): Promise<void> {
  const words = program === 'xz' ? [`--memlimit-decompress=${memoryOfXz}`] : [];
  const child = spawn(program, ['-d', '-c', ...words], {
    stdio: 'pipe',
    detached: true,
    env: { ...process.env, ...run?.environment },
  });
  if (child.pid !== undefined) run?.ownProcess(child.pid);
  const ended = exitCode(child, program);
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  });
  // What is wrong with the end of the data the program knows better than who looks at what came of it.
  let complaint: { readonly error: unknown } | undefined;
  const output = pipeline(child.stdout, sink, { signal }).catch((error: unknown) => {
    if (!child.stdout.readableEnded) throw error;
    complaint = { error };
  });
  try {
    const [code] = await Promise.all([
      ended,
      pipeline(source, child.stdin, { signal }).catch((error: unknown) => {
        // The program ended before it had read everything: its exit code says why.
        if (!isSystemError(error, 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE')) throw error;
      }),
      output,
    ]);
    if (code !== 0) throw new DamagedData(said.trim() || `${program} ended with ${code}`);
    if (complaint) throw complaint.error;
  } finally {
    endGroup(child);
    await ended.catch(() => {});
  }
}

/** What the program was given is not what it unpacks. */
export class DamagedData extends Error {}

function explain(error: unknown, from: string, to: string, compression: Compression): unknown {
  if (error instanceof Error && error.name === 'AbortError') return cancelled();
  const isZlibError = error instanceof Error && 'code' in error && /^(Z_|ZSTD_)/.test(String(error.code));
  if (!isZlibError && !(error instanceof DamagedData)) return translateFull(error, to);
  return new KilnError('file-unsafe', `${from} is damaged: its ${compression} data ends in an error`, {
    hint: `get the file again from where it came (${messageOf(error)})`,
    cause: error,
  });
}

/** The first bytes of a file, in hex. */
async function firstBytes(path: string, length: number): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead).toString('hex');
  } finally {
    await file.close();
  }
}
