import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KilnError, messageOf } from '../../base/errors.ts';
import { withLock } from '../../base/locks.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import { type StoreLayout, storeLayout } from '../../store/home.ts';
import { downloadLock, markUsed } from '../../store/prune-downloads.ts';
import { makeFolders } from '../../store/store-lock.ts';
import { compareDigest, type DigestChecksum } from '../checksums.ts';
import { type Downloaded, download, sourceOf } from '../download.ts';
import { digestAll } from '../file-digests.ts';
import type { HttpAgents } from '../http-agents.ts';
import { TransientHttpError } from '../http-get.ts';
import { withoutCredentials } from '../image-url.ts';
import { progressReporter } from '../progress.ts';
import { withToken } from './box-server.ts';
import { type BoxServices, tellAboutBox, withConnections } from './box-services.ts';
import type { BoxPlace } from './read-catalogue.ts';

export interface BoxFile {
  readonly place: BoxPlace;
  readonly checksum?: DigestChecksum;
  readonly download: BoxDownload;
  /** Base of the registry, which gets its token. */
  readonly server: string;
  /** What it is called while it is fetched. */
  readonly shown: string;
  /** Throw away what an earlier try has left. */
  readonly clean?: boolean;
}

/**
 * Hands a box file to `use`: where it is, or as it is downloaded, compared with its checksum. A download that breaks off
 * goes on at the next try; one that was used is thrown away.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `file-missing`, `disk-full`, `cancelled`
 */
export async function withBoxFile<T>(
  services: BoxServices,
  file: BoxFile,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const { place, checksum, shown } = file;
  if (place.kind === 'file') {
    if (checksum) await checkFile(services, place.path, checksum);
    return use(place.path);
  }
  const layout = storeLayout(services.home);
  const key = checksum ? `${checksum.algorithm}-${checksum.hex}` : `url-${sourceOf(place.url)}`;
  await makeFolders(layout);
  const waiting = {
    what: `the download of ${shown}`,
    wait: Number.POSITIVE_INFINITY,
    signal: services.signal,
    onWait: ({ pid }: { readonly pid: number }) =>
      tellAboutBox(services, 'info', `process ${pid} is downloading ${shown}; waiting for it`),
  };
  return withLock(downloadLock(layout, key), waiting, async () => {
    const path = boxPart(layout, key);
    if (file.clean) await forget(path);
    await markUsed(layout, key);
    await withConnections(services, file.download, (agents) =>
      fetchChecked(services, file, place.url, path, agents),
    );
    const result = await use(path);
    await forget(path);
    return result;
  });
}

/** Its name says whose it is: images are downloaded to the same folder, and never mixed with it. */
function boxPart(layout: StoreLayout, key: string): string {
  return join(layout.downloads, `${key}.box-part`);
}

async function forget(path: string): Promise<void> {
  for (const name of [path, `${path}.json`]) await rm(name, { force: true });
}

async function fetchChecked(
  services: BoxServices,
  { checksum, server, download: how, shown }: BoxFile,
  place: URL,
  part: string,
  agents: HttpAgents,
): Promise<void> {
  const { env, signal, timing } = services;
  const { url, authorization } = await withToken(services, place, server);
  for (;;) {
    const result = await tryDownload(place, () =>
      download({
        url,
        part,
        algorithms: checksum ? [checksum.algorithm] : [],
        checked: checksum !== undefined,
        env,
        signal,
        timing,
        agents,
        onProgress: progressReporter(services, `downloading ${shown}`),
        ...(authorization !== undefined && { authorization }),
        ...(how.trustLocation && { trustLocation: true }),
      }),
    );
    if (result.kind === 'unchanged')
      throw new KilnError(
        'download-failed',
        `${withoutCredentials(place)} says that it is unchanged, unasked`,
      );
    if (!checksum || result.digests[checksum.algorithm] === checksum.hex) return;
    await forget(part);
    // Pieces of two versions may have met; one download in a piece settles it.
    if (!result.resumed)
      compareDigest(checksum, result.digests[checksum.algorithm], withoutCredentials(place));
  }
}

async function tryDownload(place: URL, work: () => Promise<Downloaded>): Promise<Downloaded> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TransientHttpError)) throw error;
    throw new KilnError(
      'download-failed',
      `${withoutCredentials(place)} could not be downloaded: ${messageOf(error)}`,
      {
        hint: 'run the command again: the download goes on where it broke off',
        cause: error,
      },
    );
  }
}

async function checkFile(services: BoxServices, path: string, checksum: DigestChecksum): Promise<void> {
  const digests = await digestAll(path, [checksum.algorithm], {
    signal: services.signal,
    onProgress: progressReporter(services, `reading ${basename(path)}`),
  });
  compareDigest(checksum, digests[checksum.algorithm], path);
}
