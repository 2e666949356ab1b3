import { chmod, copyFile, rename, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isSystemError, KilnError, messageOf } from '../../base/errors.ts';
import { digestFile, temporaryName, translateFull } from '../../base/files.ts';
import { withLock } from '../../base/locks.ts';
import { formatSize } from '../../base/sizes.ts';
import { type StoreLayout, storeLayout } from '../../store/home.ts';
import { downloadLock, markUsed } from '../../store/prune-downloads.ts';
import { makeFolders } from '../../store/store-lock.ts';
import { atHostMirrors } from '../bootstrap/mirror.ts';
import { cachedFile, cacheKey, isCached } from '../digest-cache.ts';
import { type DownloadTiming, usualTiming } from '../download.ts';
import { downloadByDigest } from '../download-by-digest.ts';
import { TransientHttpError } from '../http-get.ts';
import { withoutCredentials } from '../image-url.ts';
import { AptNetwork } from './apt-network.ts';

export interface FetchOptions {
  /** `$KILN_HOME` */
  readonly home: string;
  readonly signal: AbortSignal;
  /** What is going on, a phrase at a time. */
  readonly onStage?: (phrase: string) => void;
  /** Bytes that are there, and bytes that were missing at the start. */
  readonly onProgress?: (done: number, total: number) => void;
  readonly env?: NodeJS.ProcessEnv;
  readonly timing?: DownloadTiming;
  /** Downloads at a time. */
  readonly connections?: number;
  /** Where this host's own settings of apt are. Default: where its apt looks for them. */
  readonly aptFolder?: string;
}

const usualConnections = 6;

/** A file whose content is known before it is fetched. */
export interface FileByDigest {
  /** For people: `curl 7.88.1-10`. */
  readonly what: string;
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** In bytes, where it is known. */
  readonly size?: number;
  /** Where it can be had, best first. */
  readonly urls: readonly string[];
  /** What to do when what is there now is another file, or nothing. */
  readonly hint: string;
}

/**
 * Sees to it that the cache has every one of these files: `cachedFile` says where. What is missing is downloaded, several
 * at a time, from the first of a file's URLs that has it; what was broken off is gone on with. Several commands may do
 * it at once.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `disk-full`, `cancelled`
 */
export async function fetchByDigest(files: readonly FileByDigest[], options: FetchOptions): Promise<void> {
  const { home, signal, onStage, onProgress, env = process.env, aptFolder } = options;
  const { timing = usualTiming, connections = usualConnections } = options;
  const layout = storeLayout(home);
  await makeFolders(layout);
  const distinct = [...new Map(files.map((one) => [one.sha256, one])).values()];
  const missing: FileByDigest[] = [];
  await inParallel(distinct, connections, async (one) => {
    if (!(await isCached(layout, one))) missing.push(one);
    else await markUsed(layout, cacheKey(one.sha256));
  });
  if (missing.length === 0) return;
  const total = missing.reduce((sum, one) => sum + (one.size ?? 0), 0);
  onStage?.(
    missing.length === 1
      ? `downloading ${missing[0]!.what}`
      : `downloading ${missing.length} files (${formatSize(total)})`,
  );
  const atMirrors = await atHostMirrors(aptFolder);
  const network = await AptNetwork.open({ env, signal, connections, ...(aptFolder && { aptFolder }) });
  const done = new Map<string, number>();
  try {
    // Large ones first: at the end there is then something for every connection.
    const bySize = missing.sort((a, b) => (b.size ?? 0) - (a.size ?? 0));
    await inParallel(bySize, connections, (one) =>
      fetchOne(
        { ...one, urls: atMirrors(one.urls) },
        {
          layout,
          network,
          env,
          timing,
          signal,
          onProgress: (bytes) => {
            done.set(one.sha256, bytes);
            onProgress?.(
              [...done.values()].reduce((sum, more) => sum + more, 0),
              total,
            );
          },
        },
      ),
    );
  } finally {
    await network.close();
  }
}

interface FetchTools {
  readonly layout: StoreLayout;
  readonly network: AptNetwork;
  readonly env: NodeJS.ProcessEnv;
  readonly timing: DownloadTiming;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

async function fetchOne(wanted: FileByDigest, tools: FetchTools): Promise<void> {
  const { layout, signal } = tools;
  const key = cacheKey(wanted.sha256);
  const lock = { what: `the download of ${wanted.what}`, wait: Number.POSITIVE_INFINITY, signal };
  await withLock(downloadLock(layout, key), lock, async () => {
    if (!(await isCached(layout, wanted))) await fetchFromAny(wanted, tools);
    await markUsed(layout, key);
  });
  tools.onProgress(wanted.size ?? 0);
}

async function fetchFromAny(wanted: FileByDigest, tools: FetchTools): Promise<void> {
  const failures: string[] = [];
  let tampered = false;
  for (const address of wanted.urls) {
    try {
      await fetchFrom(new URL(address), wanted, tools);
      return;
    } catch (error) {
      const isOthers =
        error instanceof TransientHttpError ||
        (error instanceof KilnError &&
          ['download-failed', 'checksum-mismatch', 'file-missing'].includes(error.code));
      if (!isOthers) throw error;
      tampered ||= error instanceof KilnError && error.code === 'checksum-mismatch';
      failures.push(messageOf(error));
    }
  }
  const { what, hint } = wanted;
  if (tampered) {
    throw new KilnError('checksum-mismatch', `${what} is not what it should be: ${failures.join('; ')}`, {
      hint,
    });
  }
  throw new KilnError(
    'download-failed',
    `${what} could not be downloaded: ${failures.join('; ') || 'it has no URL'}`,
    { hint: `check that the servers can be reached; ${hint}` },
  );
}

async function fetchFrom(url: URL, wanted: FileByDigest, tools: FetchTools): Promise<void> {
  const { layout, network, env, timing, signal, onProgress } = tools;
  const { sha256 } = wanted;
  const target = cachedFile(layout, sha256);
  if (url.protocol === 'file:' || url.protocol === 'copy:') return copyLocal(url, wanted, target);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new KilnError(
      'download-failed',
      `${withoutCredentials(url)} is of a kind that cannot be downloaded`,
    );
  await downloadByDigest({
    ...{ sha256, target, env, signal, timing, onProgress },
    url: network.withLogin(url),
    durable: false,
    agents: await network.agentsFor(url),
    mismatch: (digest) => mismatch(withoutCredentials(url), digest, wanted),
  });
}

async function copyLocal(url: URL, wanted: FileByDigest, target: string): Promise<void> {
  const path = fileURLToPath(url.href.replace(/^copy:/, 'file:'));
  const temporary = temporaryName(target);
  try {
    await copyFile(path, temporary);
    const digest = await digestFile(temporary);
    if (digest !== wanted.sha256) throw mismatch(path, digest, wanted);
    await chmod(temporary, 0o444);
    await rename(temporary, target);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'ENOTDIR'))
      throw new KilnError('file-missing', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
    throw translateFull(error, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

function mismatch(where: string, actual: string | undefined, { sha256 }: FileByDigest): KilnError {
  return new KilnError('checksum-mismatch', `${where} has the SHA-256 digest ${actual}, not ${sha256}`);
}

/** Does the work for all, so many at a time. After a failure nothing new is begun, and what runs is waited for. */
async function inParallel<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    for (const item of queue) {
      if (failure) return;
      try {
        await work(item);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  if (failure) throw failure.error;
}
