import { fileURLToPath } from 'node:url';
import { KilnError, messageOf } from '../base/errors.ts';
import { parseChecksum } from '../plan/checksum.ts';
import type { Checksum } from '../plan/image-ref.ts';

/** Where an image is to be had. */
export type ImageLocation = {
  /** Compressed data is to be unpacked. */
  readonly unpack: boolean;
  /** A checksum that the URL itself carries; it wins over the template's. */
  readonly checksum?: Checksum;
  /** Last part of the path: what a checksum file calls it. */
  readonly fileName: string;
} & ({ readonly kind: 'http'; readonly url: URL } | { readonly kind: 'file'; readonly path: string });

/**
 * Reads an image URL as go-getter, which Packer fetches with, does: `http`, `https` and `file` URLs and plain
 * paths, with `?checksum=…`, `?archive=false` and `?filename=…` taken out of the query, and a forced getter
 * (`http::`, `file::`) in front.
 * @throws KilnError `unsupported` for other schemes, `template-invalid`
 */
export function parseImageUrl(text: string): ImageLocation {
  const [, forced, rest] = /^([A-Za-z0-9]+)::(.+)$/s.exec(text) ?? [undefined, undefined, text];
  if (forced !== undefined && !['http', 'https', 'file'].includes(forced))
    throw unsupportedScheme(forced, text);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(rest!)?.[1]?.toLowerCase();
  if (scheme === undefined) return fromPath(rest!);
  if (scheme === 'file') return fromFileUrl(rest!, text);
  if (scheme !== 'http' && scheme !== 'https') throw unsupportedScheme(scheme, text);
  const url = parseUrl(rest!, text);
  const { unpack, checksum, fileName } = takeOptions(url.searchParams);
  const base = decode(url.pathname.split('/').findLast((part) => part !== '') ?? '');
  return { kind: 'http', url, unpack, ...(checksum && { checksum }), fileName: fileName ?? base };
}

function fromPath(text: string): ImageLocation {
  const question = text.lastIndexOf('?');
  const query = question < 0 ? undefined : new URLSearchParams(text.slice(question + 1));
  // A question mark may be part of a file's name.
  if (!query || !optionNames.some((name) => query.has(name)))
    return { kind: 'file', path: text, unpack: true, fileName: baseName(text) };
  return fileLocation(text.slice(0, question), query);
}

function fromFileUrl(rest: string, text: string): ImageLocation {
  // Relative paths, `file://./disk.img`, are no URLs but common.
  const relative = /^file:\/\/(\.{1,2}\/.*)$/is.exec(rest);
  if (relative) return fromPath(relative[1]!);
  const url = parseUrl(rest, text);
  try {
    return fileLocation(fileURLToPath(`${url.protocol}//${url.host}${url.pathname}`), url.searchParams);
  } catch (error) {
    throw new KilnError('template-invalid', `"${text}" names no file of this host: ${messageOf(error)}`, {
      hint: 'a file URL has three slashes: file:///path/to/disk.img',
      cause: error,
    });
  }
}

function fileLocation(path: string, query: URLSearchParams): ImageLocation {
  const { unpack, checksum } = takeOptions(query);
  return { kind: 'file', path, unpack, ...(checksum && { checksum }), fileName: baseName(path) };
}

const optionNames = ['checksum', 'archive', 'filename'] as const;

function takeOptions(query: URLSearchParams): { unpack: boolean; checksum?: Checksum; fileName?: string } {
  const checksum = query.get('checksum');
  const archive = query.get('archive');
  const fileName = query.get('filename');
  for (const name of optionNames) query.delete(name);
  return {
    unpack: archive === null || !/^(0|f|F|false|FALSE|False)$/.test(archive),
    ...(checksum && { checksum: parseChecksum(checksum) }),
    ...(fileName && { fileName }),
  };
}

function parseUrl(text: string, whole: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new KilnError('template-invalid', `"${whole}" is not a URL`, { cause: error });
  }
}

function unsupportedScheme(scheme: string, text: string): KilnError {
  return new KilnError(
    'unsupported',
    `images cannot be fetched with ${scheme} (${withoutCredentials(text)})`,
    {
      hint: 'use an http, https or file URL, or download the image and name its path',
    },
  );
}

/** The URL for people: without password, and without a query, which may hold a token. */
export function withoutCredentials(url: URL | string): string {
  return String(url)
    .replace(/^([A-Za-z0-9+.:-]*\/\/)[^/]*@/, '$1')
    .replace(/\?.*$/s, '');
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
