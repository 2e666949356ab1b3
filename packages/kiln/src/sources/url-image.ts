import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import { isSystemError, KilnError, messageOf } from '../base/errors.ts';
import { readJsonIfExists, translateFull, writeFileAtomically } from '../base/files.ts';
import { withLock } from '../base/locks.ts';
import type { Checksum, UrlImage } from '../plan/image-ref.ts';
import type { StoreLayout } from '../store/home.ts';
import { downloadLock, markUsed } from '../store/prune-downloads.ts';
import { makeFolders } from '../store/store-lock.ts';
import { fetchText } from './checksum-file.ts';
import { compareDigest, type DigestChecksum, findChecksum } from './checksums.ts';
import { type Downloaded, type DownloadTiming, download, sourceOf, type Validators } from './download.ts';
import { type Digests, digestsOfFile } from './file-digests.ts';
import { useFile } from './file-image.ts';
import { TransientHttpError } from './http-get.ts';
import { type LocalImage, notPresent, type ResolveContext } from './image-resolver.ts';
import { type ImageLocation, parseImageUrl, withoutCredentials } from './image-url.ts';
import { openImage } from './open-image.ts';
import { progressReporter } from './progress.ts';

export interface UrlImageOptions {
  readonly layout: StoreLayout;
  readonly env: NodeJS.ProcessEnv;
  readonly timing: DownloadTiming;
}

type SettledChecksum = Exclude<Checksum, { kind: 'from' }>;
type HttpLocation = Extract<ImageLocation, { kind: 'http' }>;

/**
 * Fetches an image from the first of its URLs that has it. What was downloaded before is not downloaded again:
 * with a digest it is known by that, without one the server is asked whether it changed.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `file-missing`, `file-unsafe`, `unsupported`, `disk-full`
 */
export async function fetchUrlImage(
  options: UrlImageOptions,
  image: UrlImage,
  context: ResolveContext,
): Promise<LocalImage> {
  const locations = image.urls.map((text) => [text, parseImageUrl(text)] as const);
  const failures: { readonly url: string; readonly error: KilnError }[] = [];
  for (const [text, location] of locations) {
    try {
      return await fetchFrom(options, image, location, context);
    } catch (error) {
      if (!(error instanceof KilnError) || !tryNext.includes(error.code)) throw error;
      failures.push({ url: withoutCredentials(text), error });
    }
  }
  throw inOne(failures);
}

const tryNext: readonly string[] = ['download-failed', 'checksum-mismatch', 'file-missing'];

function inOne(failures: readonly { readonly url: string; readonly error: KilnError }[]): KilnError {
  const [first] = failures;
  if (!first) return new KilnError('template-invalid', 'the image has no URL');
  if (failures.length === 1) return first.error;
  const worst = failures.find(({ error }) => error.code === 'checksum-mismatch') ?? first;
  const reasons = failures.map(({ error }) => error.message).join('; ');
  return new KilnError(worst.error.code, `none of ${failures.length} URLs gave the image: ${reasons}`, {
    ...(worst.error.hint && { hint: worst.error.hint }),
    cause: worst.error,
  });
}

async function fetchFrom(
  options: UrlImageOptions,
  image: UrlImage,
  location: ImageLocation,
  context: ResolveContext,
): Promise<LocalImage> {
  const checksum = await settle(options, location.checksum ?? image.checksum, location, context);
  const { unpack } = location;
  if (location.kind === 'file')
    return useFile(options.layout, { path: location.path, checksum, unpack }, context);
  const entry = entryFor(options.layout, image, location, checksum);
  await makeFolders(options.layout);
  const digests = await withLock(
    downloadLock(options.layout, entry.key),
    {
      what: `the download of ${location.fileName}`,
      wait: Number.POSITIVE_INFINITY,
      signal: context.signal,
      onWait: (owner) =>
        context.emit({
          kind: 'message',
          ...(context.build !== undefined && { build: context.build }),
          level: 'info',
          text: `process ${owner.pid} is downloading ${location.fileName}; waiting for it`,
        }),
    },
    async () => {
      const found = await ensureDownloaded(options, entry, location, checksum, context);
      await markUsed(options.layout, entry.key);
      return found;
    },
  );
  return openImage(options.layout, entry.data, { digest: digests.sha256!, unpack }, context);
}

/** A checksum file's word for this file. */
async function settle(
  { env, timing }: UrlImageOptions,
  checksum: Checksum,
  location: ImageLocation,
  context: ResolveContext,
): Promise<SettledChecksum> {
  if (checksum.kind !== 'from') return checksum;
  if (context.onlyPresent && parseImageUrl(checksum.location).kind === 'http')
    throw notPresent(checksum.location);
  const source = parseImageUrl(checksum.location);
  const text = await fetchText(source, { env, timing, signal: context.signal });
  return findChecksum(text, namesFor(location, source), withoutCredentials(checksum.location));
}

/** What a checksum file may call an image: its name, or its path from the checksum file's folder. */
export function namesFor(location: ImageLocation, checksumFile: ImageLocation): string[] {
  const path = (of: ImageLocation) => (of.kind === 'http' ? decodeURI(of.url.pathname) : resolve(of.path));
  const sameHost =
    location.kind === 'http' && checksumFile.kind === 'http'
      ? location.url.host === checksumFile.url.host
      : location.kind === checksumFile.kind;
  const relative = sameHost ? [posix.relative(posix.dirname(path(checksumFile)), path(location))] : [];
  return [location.fileName, ...relative];
}

/** The files of one download; see `prune-downloads.ts` for their names. */
interface Entry {
  readonly key: string;
  readonly data: string;
  readonly notes: string;
  readonly part: string;
  /** Not in the cache, but where the user wants it. */
  readonly isUsers: boolean;
}

function entryFor(
  layout: StoreLayout,
  image: UrlImage,
  location: HttpLocation,
  checksum: SettledChecksum,
): Entry {
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const target = image.targetPath === undefined ? undefined : resolve(image.targetPath);
  const key =
    target !== undefined
      ? `target-${hash(target)}`
      : checksum.kind === 'digest'
        ? `${checksum.algorithm}-${checksum.hex}`
        : `url-${sourceOf(location.url)}`;
  const at = (ending: string) => join(layout.downloads, `${key}.${ending}`);
  return {
    key,
    data: target ?? at('data'),
    notes: at('json'),
    part: at('part'),
    isUsers: target !== undefined,
  };
}

/** `<key>.json`: where a complete download came from. */
interface DownloadNotes extends Validators {
  /** For people. */
  readonly url: string;
  readonly source: string;
  readonly digests: Digests;
}

/** Downloads unless the file is there and still the right one. Called under the download's lock. */
async function ensureDownloaded(
  options: UrlImageOptions,
  entry: Entry,
  location: HttpLocation,
  checksum: SettledChecksum,
  context: ResolveContext,
): Promise<Digests> {
  const { layout } = options;
  const expected = checksum.kind === 'digest' ? checksum : undefined;
  const present = await presentDigests(layout, entry, expected, context);
  if (expected && present?.[expected.algorithm] === expected.hex) return present;
  if (context.onlyPresent) throw notPresent(withoutCredentials(location.url));
  const notes = (await readJsonIfExists(entry.notes)) as DownloadNotes | undefined;
  const url = withoutCredentials(location.url);
  const source = sourceOf(location.url);
  const isKnown = !expected && notes?.source === source && present?.sha256 === notes.digests.sha256;
  const known = isKnown ? notes : undefined;
  let result: Downloaded;
  try {
    result = await fetchChecked(options, entry, location, expected, known, context);
  } catch (error) {
    if (!(error instanceof TransientHttpError)) throw error;
    if (!known) throw gaveUp(url, error);
    context.emit({
      kind: 'message',
      ...(context.build !== undefined && { build: context.build }),
      level: 'warning',
      text: `${url} cannot be asked (${error.message}); using what was downloaded before`,
    });
    return known.digests;
  }
  if (result.kind === 'unchanged') {
    if (known) return known.digests;
    throw new KilnError('download-failed', `${url} says that a file it was not asked about is unchanged`);
  }
  await rm(entry.notes, { force: true });
  await place(entry);
  const written: DownloadNotes = { url, source, ...result.validators, digests: result.digests };
  await writeFileAtomically(entry.notes, `${JSON.stringify(written)}\n`, 0o600);
  return result.digests;
}

/** Digests of the file that is there, if any. */
async function presentDigests(
  layout: StoreLayout,
  entry: Entry,
  expected: DigestChecksum | undefined,
  context: ResolveContext,
): Promise<Digests | undefined> {
  try {
    if (!(await stat(entry.data)).isFile()) {
      throw new KilnError('file-missing', `${entry.data} is in the way of a download and not a file`, {
        hint: 'name another target path',
      });
    }
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  const algorithms = new Set(['sha256' as const, ...(expected ? [expected.algorithm] : [])]);
  return digestsOfFile(layout, entry.data, [...algorithms], { signal: context.signal });
}

async function fetchChecked(
  { env, timing }: UrlImageOptions,
  entry: Entry,
  location: HttpLocation,
  expected: DigestChecksum | undefined,
  known: Validators | undefined,
  context: ResolveContext,
): Promise<Downloaded> {
  for (;;) {
    const result = await download({
      url: location.url,
      part: entry.part,
      algorithms: expected ? [expected.algorithm] : [],
      checked: expected !== undefined,
      ...(known && { known }),
      env,
      signal: context.signal,
      timing,
      onProgress: progressReporter(context, `downloading ${location.fileName}`),
    });
    if (result.kind === 'unchanged' || !expected) return result;
    if (result.digests[expected.algorithm] === expected.hex) return result;
    await rm(entry.part, { force: true });
    await rm(`${entry.part}.json`, { force: true });
    // Pieces of two versions may have met; one download in a piece settles it.
    if (!result.resumed)
      compareDigest(expected, result.digests[expected.algorithm], withoutCredentials(location.url));
  }
}

/** Moves the finished part to where it belongs. */
async function place(entry: Entry): Promise<void> {
  try {
    await mkdir(dirname(entry.data), { recursive: true });
    await chmod(entry.part, entry.isUsers ? 0o644 : 0o444);
    try {
      await rename(entry.part, entry.data);
    } catch (error) {
      if (!isSystemError(error, 'EXDEV')) throw error;
      const beside = `${entry.data}.part`;
      try {
        await copyFile(entry.part, beside, constants.COPYFILE_FICLONE);
        await rename(beside, entry.data);
      } finally {
        await rm(beside, { force: true });
      }
      await rm(entry.part, { force: true });
    }
    await rm(`${entry.part}.json`, { force: true });
  } catch (error) {
    throw translateFull(error, entry.data);
  }
}

function gaveUp(url: string, error: Error): KilnError {
  return new KilnError('download-failed', `${url} could not be downloaded: ${messageOf(error)}`, {
    hint: 'run the command again: the download goes on where it broke off',
    cause: error,
  });
}
