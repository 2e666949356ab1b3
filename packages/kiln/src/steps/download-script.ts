import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { KilnError } from '../base/errors.ts';
import type { ScriptDownload } from '../plan/script-download.ts';
import { usualTiming } from '../sources/download.ts';
import { chunksOf, httpGet, TransientHttpError } from '../sources/http-get.ts';
import { withoutCredentials } from '../sources/image-url.ts';
import type { Script } from './script-source.ts';

/** Scripts are text that people wrote. */
const largest = 64 << 20;

/**
 * Fetches a script and compares its digests.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `unsupported`, `cancelled`
 */
export async function downloadScript(
  { url: address, digests }: ScriptDownload,
  signal: AbortSignal,
): Promise<Script> {
  const url = URL.parse(address);
  if (url === null) throw new KilnError('download-failed', `"${address}" is not a URL`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new KilnError('unsupported', `Kiln does not fetch scripts with ${url.protocol.slice(0, -1)}`, {
      hint: 'use http:// or https://',
    });
  }
  const shown = withoutCredentials(url);
  const bytes = await fetchBytes(url, shown, digests.length > 0, signal);
  for (const { algorithm, hex } of digests) {
    const actual = createHash(algorithm).update(bytes).digest('hex');
    if (actual !== hex) {
      throw new KilnError('checksum-mismatch', `${shown} has the ${algorithm} ${actual}, not ${hex}`, {
        hint: 'the script was changed, or the digest in the template is that of another one',
      });
    }
  }
  return { label: `script ${basename(url.pathname) || shown}`, bytes };
}

async function fetchBytes(url: URL, shown: string, isChecked: boolean, signal: AbortSignal): Promise<Buffer> {
  const options = {
    env: process.env,
    signal,
    stallTimeout: usualTiming.stallTimeout,
    allowDowngrade: isChecked,
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await httpGet(url, options);
      const chunks: Buffer[] = [];
      let size = 0;
      for await (const chunk of chunksOf(answer, signal)) {
        size += chunk.length;
        if (size > largest) {
          answer.body.close();
          throw new KilnError('download-failed', `${shown} is too large for a script`);
        }
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } catch (error) {
      if (!(error instanceof TransientHttpError)) throw error;
      if (attempt === mostAttempts) {
        throw new KilnError('download-failed', `${shown} could not be downloaded: ${error.message}`, {
          hint: 'check the address, and that the server can be reached',
          cause: error,
        });
      }
    }
  }
}

const mostAttempts = 3;
