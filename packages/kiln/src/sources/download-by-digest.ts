import { chmod, rename, rm } from 'node:fs/promises';
import type { KilnError } from '../base/errors.ts';
import { type DownloadJob, download } from './download.ts';

export interface DownloadByDigest extends Omit<DownloadJob, 'part' | 'algorithms' | 'checked' | 'known'> {
  /** Lower-case hexadecimal. */
  readonly sha256: string;
  /** Where the file goes when it is whole and right: read-only, and named `….data`. */
  readonly target: string;
  /** What is told when the server has a file with another digest. */
  readonly mismatch: (digest: string | undefined) => KilnError;
}

/**
 * Downloads a file whose digest is known. The caller holds the lock of the target's name.
 * @throws the error of `mismatch`, and what `download` throws
 */
export async function downloadByDigest(job: DownloadByDigest): Promise<void> {
  const { sha256, target, mismatch, ...rest } = job;
  const part = `${target.slice(0, -'.data'.length)}.part`;
  for (;;) {
    const result = await download({ ...rest, part, algorithms: ['sha256'], checked: true });
    if (result.kind === 'complete' && result.digests.sha256 === sha256) break;
    await rm(part, { force: true });
    await rm(`${part}.json`, { force: true });
    // Pieces of two versions may have met; one download in a piece settles it.
    if (result.kind === 'complete' && !result.resumed) throw mismatch(result.digests.sha256);
  }
  await chmod(part, 0o444);
  await rename(part, target);
  await rm(`${part}.json`, { force: true });
}
