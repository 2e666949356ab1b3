import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KilnError } from '../../base/errors.ts';
import type { Checksum, ImageRef } from '../../plan/image-ref.ts';
import type { Options } from './options.ts';

/**
 * The options `iso_*`: an installer medium, or a disk with `disk_image`. Undefined after a mistake that was reported.
 */
export function readIsoImage(options: Options): ImageRef | undefined {
  const urls = readUrls(options);
  options.refuse('iso_skip_cache', 'Kiln reads images from local files only', 'leave it out');
  const checksum = readChecksum(options);
  const targetPath = options.string('iso_target_path');
  if (options.string('iso_target_extension') !== undefined) {
    options.ignore('iso_target_extension', 'Kiln keeps downloads by their digest');
  }
  if (!urls || !checksum) return undefined;
  return imageOf(options, urls, checksum, targetPath);
}

function readUrls(options: Options): readonly string[] | undefined {
  const one = options.string('iso_url');
  const several = options.strings('iso_urls');
  if (one !== undefined && several.length > 0) {
    options.error('iso_urls', 'only one of "iso_url" and "iso_urls" is possible');
    return undefined;
  }
  const urls = one === undefined ? several : [one];
  if (urls.length > 0) return urls;
  const name = options.has('iso_urls') ? 'iso_urls' : 'iso_url';
  options.missing(name, 'name the installer medium, or the disk with disk_image');
  return undefined;
}

function imageOf(
  options: Options,
  urls: readonly string[],
  checksum: Checksum,
  targetPath: string | undefined,
): ImageRef | undefined {
  const { context } = options;
  const name = options.has('iso_url') ? 'iso_url' : 'iso_urls';
  const remote: string[] = [];
  const local: string[] = [];
  for (const url of urls) {
    if (/^https?:\/\//i.test(url)) remote.push(url);
    else if (/^file:/i.test(url)) local.push(pathOfFileUrl(url, options, name));
    else if (/^[a-z][a-z0-9+.-]+:\/\/|^[a-z0-9]+::/i.test(url)) {
      options.error(name, `Kiln does not fetch ${url} yet`, 'http, https and local files work');
      return undefined;
    } else local.push(context.path(url));
  }
  const there = local.find((path) => existsSync(path));
  if (there === undefined && remote.length > 0) {
    return {
      kind: 'url',
      urls: remote,
      checksum,
      ...(targetPath !== undefined && { targetPath: context.path(targetPath) }),
    };
  }
  const path = there ?? local[0]!;
  return { kind: 'file', path, ...(checksum.kind !== 'none' && { checksum }) };
}

function pathOfFileUrl(url: string, options: Options, name: string): string {
  // `file:relative` and `file://./relative` are usual in templates, though no right URLs.
  const rest = url.replace(/^file:(?:\/\/)?/i, '');
  if (!rest.startsWith('/')) return options.context.path(rest);
  try {
    return fileURLToPath(`file://${rest}`);
  } catch {
    options.error(name, `${url} is not the URL of a file`);
    return rest;
  }
}

const lengths = { md5: 32, sha1: 40, sha256: 64, sha512: 128 } as const;
type Algorithm = keyof typeof lengths;

function isAlgorithm(name: string): name is Algorithm {
  return Object.hasOwn(lengths, name);
}

function readChecksum(options: Options): Checksum | undefined {
  const written = options.string('iso_checksum');
  const md5 = oldOption(options, 'iso_md5');
  const url = oldOption(options, 'iso_checksum_url');
  const type = oldOption(options, 'iso_checksum_type')?.toLowerCase();
  let text = written ?? (md5 === undefined ? undefined : `md5:${md5}`);
  if (type === 'none') text = 'none';
  else if (url !== undefined) text = `file:${url}`;
  else if (type !== undefined && text !== undefined && !text.includes(':')) text = `${type}:${text}`;
  if (text === undefined) {
    options.missing('iso_checksum', '"none" goes without one');
    return undefined;
  }
  if (text === 'none') {
    if (/^https?:/i.test(options.string('iso_url') ?? options.strings('iso_urls')[0] ?? '')) {
      options.warn('iso_checksum', 'a download is used without a checksum', 'a sha256 checksum is safer');
    }
    return { kind: 'none' };
  }
  try {
    return parseChecksum(text, (path) => options.context.path(path));
  } catch (error) {
    if (!(error instanceof KilnError)) throw error;
    options.error(options.has('iso_checksum') ? 'iso_checksum' : undefined, error.message, error.hint);
    return undefined;
  }
}

/** Options that Packer once had and its `fix` command rewrites. */
function oldOption(options: Options, name: string): string | undefined {
  const value = options.string(name);
  if (value !== undefined) options.warn(name, `"${name}" is an old name`, 'write it into "iso_checksum"');
  return value;
}

/**
 * A checksum in Packer's notation: `none`, hex digits, `sha256:…`, `file:` and a URL or path.
 * @throws KilnError `template-invalid`
 */
export function parseChecksum(text: string, absolute: (path: string) => string): Checksum {
  if (text === 'none') return { kind: 'none' };
  if (text.startsWith('file:')) {
    const place = text.slice('file:'.length);
    if (/^https?:\/\//i.test(place)) return { kind: 'from', location: place };
    return { kind: 'from', location: absolute(place.replace(/^file:(?:\/\/)?/i, '').replace(/^\/\//, '')) };
  }
  const colon = text.indexOf(':');
  const hex = text.slice(colon + 1).toLowerCase();
  const name = text.slice(0, Math.max(colon, 0)).toLowerCase();
  const byLength = Object.entries(lengths).find(([, length]) => length === hex.length)?.[0];
  const algorithm = colon < 0 ? (byLength ?? '') : name;
  if (!isAlgorithm(algorithm)) {
    const message =
      colon < 0 ? `"${text}" is not a checksum` : `"${name}" is no kind of checksum that Kiln knows`;
    throw new KilnError('template-invalid', message, {
      hint: 'md5, sha1, sha256 or sha512, such as "sha256:9f86…"',
    });
  }
  if (hex.length !== lengths[algorithm] || !/^[0-9a-f]+$/.test(hex)) {
    throw new KilnError('template-invalid', `"${text}" is not a checksum of kind ${algorithm}`, {
      hint: `it has ${lengths[algorithm]} hexadecimal digits`,
    });
  }
  return { kind: 'digest', algorithm, hex };
}
