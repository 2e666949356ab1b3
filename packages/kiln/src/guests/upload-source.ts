import { type FileHandle, open } from 'node:fs/promises';
import { isSystemError, KilnError } from '../base/errors.ts';
import type { GuestUpload } from './guest.ts';

/** A file's bytes on their way into a machine. */
export interface UploadSource {
  readonly size: number;
  readonly mode: number;
  /** The bytes in order, in pieces of at most `chunkSize`. */
  chunks(chunkSize: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** @throws KilnError `file-missing` */
export async function openUploadSource(
  from: GuestUpload['from'],
  mode: number | undefined,
): Promise<UploadSource> {
  if (from.kind === 'bytes') {
    const bytes = Buffer.from(from.bytes.buffer, from.bytes.byteOffset, from.bytes.byteLength);
    return {
      size: bytes.length,
      mode: mode ?? 0o644,
      async *chunks(chunkSize) {
        for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
      },
      close: async () => {},
    };
  }
  const handle = await openFile(from.path);
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    throw new KilnError('file-missing', `${from.path} is not a file`, {
      hint: facts.isDirectory() ? 'a folder is copied when its path ends with /' : undefined!,
    });
  }
  return {
    size: facts.size,
    mode: mode ?? facts.mode & 0o7777,
    chunks: (chunkSize) => readExactly(handle, facts.size, chunkSize, from.path),
    close: () => handle.close(),
  };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR')) {
      throw new KilnError('file-missing', `the file ${path} cannot be read: ${error.message}`, {
        cause: error,
      });
    }
    throw error;
  }
}

/** The size is told before the bytes, so a file that changes meanwhile must not change their number. */
async function* readExactly(
  handle: FileHandle,
  size: number,
  chunkSize: number,
  path: string,
): AsyncIterable<Buffer> {
  for (let at = 0; at < size; ) {
    const wanted = Math.min(chunkSize, size - at);
    const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, at);
    if (bytesRead === 0) throw new KilnError('file-missing', `${path} became shorter while it was copied`);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
