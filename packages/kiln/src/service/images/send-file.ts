import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { isSystemError } from '../../base/errors.ts';
import type { RouteReply, RouteRequest } from '../http/route.ts';
import { ServiceError } from '../service-error.ts';

export interface SentFile {
  readonly path: string;
  /** Hex SHA-256 of the whole file, where it is known. */
  readonly sha256?: string;
  /** What it is called when it is saved. */
  readonly name: string;
  readonly type?: string;
}

/**
 * Sends a file, or the part of it that `Range` asks for (RFC 9110, section 14), so that downloads that broke off go on.
 * @throws ServiceError 404, 416
 */
export async function sendFile(request: RouteRequest, file: SentFile): Promise<RouteReply> {
  const size = await sizeOf(file);
  const etag = file.sha256 === undefined ? undefined : `"${file.sha256}"`;
  const headers: Record<string, string> = {
    'accept-ranges': 'bytes',
    'content-type': file.type ?? 'application/octet-stream',
    'content-disposition': `attachment; filename="${file.name.replaceAll(/[^\w.+-]/g, '_')}"`,
    ...(etag !== undefined && { etag }),
    ...(file.sha256 !== undefined && {
      'repr-digest': `sha-256=:${Buffer.from(file.sha256, 'hex').toString('base64')}:`,
    }),
  };
  const condition = request.headers['if-range'];
  const range =
    condition === undefined || condition === etag ? rangeOf(request.headers['range'], size) : undefined;
  if (range === 'impossible') {
    throw new ServiceError(416, 'InvalidRange', `the file has ${size} bytes`);
  }
  if (!range) {
    return {
      status: 200,
      headers: { ...headers, 'content-length': String(size) },
      body: createReadStream(file.path, { highWaterMark: 1 << 18 }),
    };
  }
  const [start, end] = range;
  return {
    status: 206,
    headers: {
      ...headers,
      'content-length': String(end - start + 1),
      'content-range': `bytes ${start}-${end}/${size}`,
    },
    body: createReadStream(file.path, { start, end, highWaterMark: 1 << 18 }),
  };
}

async function sizeOf({ path, name }: SentFile): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR'))
      throw new ServiceError(404, 'ResourceNotFound', `there is no file "${name}"`);
    throw error;
  }
}

/** First and last byte; undefined for the whole file, as for several ranges at once, which may be ignored. */
export function rangeOf(
  header: string | undefined,
  size: number,
): readonly [start: number, end: number] | 'impossible' | undefined {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replaceAll(' ', '') ?? '');
  if (!match) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== '' && last !== '' && Number(last) < start) return undefined;
  return start >= size || end < start ? 'impossible' : [start, end];
}
