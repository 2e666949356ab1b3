import { isSystemError, KilnError } from '../base/errors.ts';
import { digestFile } from '../base/files.ts';
import { withLock } from '../base/locks.ts';
import { storeLayout } from '../store/home.ts';
import { downloadLock, markUsed } from '../store/prune-downloads.ts';
import { makeFolders } from '../store/store-lock.ts';
import { cachedFile, cacheKey, isCached } from './digest-cache.ts';
import { type DownloadTiming, usualTiming } from './download.ts';
import { downloadByDigest } from './download-by-digest.ts';
import { TransientHttpError } from './http-get.ts';
import { parseImageUrl, withoutCredentials } from './image-url.ts';

export interface FetchFileOptions {
  /** `$KILN_HOME`. */
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total?: number) => void;
  readonly timing?: DownloadTiming;
}

/**
 * A file by URL and SHA-256 (lower-case hexadecimal), as a local path that is not to be written to. It is kept among the
 * downloads by its digest: what was fetched once needs no network again.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `file-missing`, `disk-full`, `cancelled`
 */
export async function fetchFile(address: string, sha256: string, options: FetchFileOptions): Promise<string> {
  const location = parseImageUrl(address);
  if (location.kind === 'file') {
    await checkLocal(location.path, sha256);
    return location.path;
  }
  const layout = storeLayout(options.home);
  const key = cacheKey(sha256);
  const path = cachedFile(layout, sha256);
  await makeFolders(layout);
  const lock = {
    what: `the download of ${withoutCredentials(address)}`,
    wait: Number.POSITIVE_INFINITY,
    signal: options.signal,
  };
  await withLock(downloadLock(layout, key), lock, async () => {
    if (!(await isCached(layout, { sha256 }))) await fetchInto(path, location.url, sha256, options);
    await markUsed(layout, key);
  });
  return path;
}

async function fetchInto(target: string, url: URL, sha256: string, options: FetchFileOptions): Promise<void> {
  const { env, signal, timing = usualTiming, onProgress = () => {} } = options;
  const where = withoutCredentials(url);
  try {
    await downloadByDigest({
      ...{ url, sha256, target, env, signal, timing, onProgress },
      mismatch: (digest) => mismatch(where, digest),
    });
  } catch (error) {
    if (!(error instanceof TransientHttpError)) throw error;
    throw new KilnError('download-failed', `${where} could not be downloaded: ${error.message}`, {
      hint: 'check the address, and that the server can be reached',
      cause: error,
    });
  }
}

async function checkLocal(path: string, sha256: string): Promise<void> {
  const digest = await digestIfThere(path);
  if (digest === undefined) throw new KilnError('file-missing', `there is no file ${path}`);
  if (digest !== sha256) throw mismatch(path, digest);
}

async function digestIfThere(path: string): Promise<string | undefined> {
  try {
    return await digestFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function mismatch(where: string, digest: string | undefined): KilnError {
  return new KilnError('checksum-mismatch', `${where} is not what its digest says: it has sha256:${digest}`, {
    hint: 'look at what has changed there; if it is right, write the new digest',
  });
}
