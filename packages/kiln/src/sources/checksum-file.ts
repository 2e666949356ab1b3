import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { sleep } from '../base/cancellation.ts';
import { KilnError } from '../base/errors.ts';
import { sizeOfFile } from '../store/disk-file.ts';
import type { DownloadTiming } from './download.ts';
import { chunksOf, httpGet, TransientHttpError } from './http-get.ts';
import { type ImageLocation, withoutCredentials } from './image-url.ts';

export interface FetchTextOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly timing: DownloadTiming;
  readonly signal: AbortSignal;
}

const largest = 16 << 20;
const attempts = 5;

/**
 * The text of a small file, such as a list of checksums.
 * @throws KilnError `download-failed`, `file-missing`, `cancelled`
 */
export async function fetchText(location: ImageLocation, options: FetchTextOptions): Promise<string> {
  if (location.kind === 'file') {
    const path = resolve(location.path);
    if ((await sizeOfFile(path)) > largest) throw tooLarge(path);
    return readFile(path, 'utf8');
  }
  const { signal, timing } = options;
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(location.url, options);
    } catch (error) {
      if (!(error instanceof TransientHttpError)) throw error;
      if (attempt === attempts) {
        const url = withoutCredentials(location.url);
        throw new KilnError('download-failed', `${url} could not be downloaded: ${error.message}`, {
          cause: error,
        });
      }
      await sleep(timing.retryDelay * 2 ** (attempt - 1), signal);
    }
  }
}

async function fetchOnce(url: URL, { env, signal, timing }: FetchTextOptions): Promise<string> {
  const { stallTimeout } = timing;
  // Over plain http the checksum would be worth no more than the file, so https must stay https.
  const answer = await httpGet(url, { env, signal, stallTimeout, allowDowngrade: false });
  if (answer.status !== 200) {
    answer.body.close();
    throw new KilnError('download-failed', `${withoutCredentials(url)} answers ${answer.status}`);
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunksOf(answer, signal)) {
    length += chunk.length;
    if (length > largest) throw tooLarge(withoutCredentials(url));
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function tooLarge(what: string): KilnError {
  return new KilnError('download-failed', `${what} is too large for a checksum file`, {
    hint: 'a checksum file has one short line for every file',
  });
}
