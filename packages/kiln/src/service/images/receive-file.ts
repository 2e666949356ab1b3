import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isSystemError } from '../../base/errors.ts';
import type { RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';

/** What stays free on the disk, in bytes: the database lives there too. */
const spare = 256 << 20;

export interface ReceivedFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** The SHA-256 that the caller says the body has: `?sha256=` or `x-content-sha256`. @throws ServiceError 400 */
export function promisedDigest(request: RouteRequest): string {
  const given = (request.query['sha256'] ?? request.headers['x-content-sha256'] ?? '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(given)) return given;
  throw new ServiceError(
    400,
    'InvalidParameter',
    'say what the file must hash to: add ?sha256= with its 64 hexadecimal digits',
    { target: 'sha256' },
  );
}

/**
 * Writes a body to a new file, synced, and compares it with its digest. On failure nothing is left.
 * @throws ServiceError 400 for another digest or a body that breaks off, 507 when the disk is full
 */
export async function receiveFile(
  stream: Readable | undefined,
  path: string,
  sha256: string,
  signal: AbortSignal,
): Promise<ReceivedFile> {
  if (!stream) throw new ServiceError(400, 'InvalidParameter', 'the request has no body');
  const { bavail, bsize } = await statfs(dirname(path));
  const room = Math.max(0, bavail * bsize - spare);
  const hash = createHash('sha256');
  let bytes = 0;
  const counted = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > room) throw noSpace();
      hash.update(chunk);
      yield chunk;
    }
  };
  try {
    await pipeline(stream, counted, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), {
      signal,
    });
    const actual = hash.digest('hex');
    if (actual === sha256) return { sha256, bytes };
    throw new ServiceError(
      400,
      'ChecksumMismatch',
      `what came has the SHA-256 ${actual}, not ${sha256}; send the file again`,
    );
  } catch (error) {
    await rm(path, { force: true });
    if (isSystemError(error, 'ENOSPC', 'EDQUOT')) throw noSpace();
    if (isSystemError(error, 'ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ABORT_ERR'))
      throw new ServiceError(400, 'InvalidRequestContent', 'the body broke off');
    throw error;
  }
}

function noSpace(): ServiceError {
  return new ServiceError(507, 'InsufficientStorage', 'the service has no room for this file');
}
