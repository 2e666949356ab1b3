import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelled } from '../base/cancellation.ts';
import { readJsonIfExists, writeFileAtomically } from '../base/files.ts';
import type { ChecksumAlgorithm } from '../plan/checksum.ts';
import type { StoreLayout } from '../store/home.ts';

export type Digests = Partial<Record<ChecksumAlgorithm, string>>;

export interface DigestOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Digests of a user's file, which may be many gigabytes: they are read once and remembered for as long as
 * the file's identity, size and times stay what they were.
 */
export async function digestsOfFile(
  layout: StoreLayout,
  path: string,
  algorithms: readonly ChecksumAlgorithm[],
  options: DigestOptions,
): Promise<Digests> {
  const notes = join(layout.downloads, `digest-${createHash('sha256').update(path).digest('hex')}.json`);
  const before = await identityOf(path);
  const known = (await readJsonIfExists(notes)) as
    | { readonly identity: string; readonly digests: Digests }
    | undefined;
  const remembered = known?.identity === before.text ? known.digests : {};
  const missing = algorithms.filter((algorithm) => remembered[algorithm] === undefined);
  if (missing.length === 0) return remembered;
  const digests = { ...remembered, ...(await digestAll(path, missing, options)) };
  const after = await identityOf(path);
  // A file that changed within the clock's step before it was read may change again unseen.
  if (after.text === before.text && before.settled) {
    await mkdir(layout.downloads, { recursive: true });
    await writeFileAtomically(notes, `${JSON.stringify({ path, identity: before.text, digests })}\n`);
  }
  return digests;
}

/** Reads a file once for several digests. @throws KilnError `cancelled` */
export async function digestAll(
  path: string,
  algorithms: readonly ChecksumAlgorithm[],
  { signal, onProgress }: DigestOptions,
): Promise<Digests> {
  const hashes = algorithms.map((algorithm) => [algorithm, createHash(algorithm)] as const);
  const total = (await stat(path)).size;
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (signal.aborted) throw cancelled();
    for (const [, hash] of hashes) hash.update(chunk as Buffer);
    done += (chunk as Buffer).length;
    onProgress?.(done, total);
  }
  return Object.fromEntries(hashes.map(([algorithm, hash]) => [algorithm, hash.digest('hex')]));
}

const clockStep = 2000;

async function identityOf(path: string): Promise<{ readonly text: string; readonly settled: boolean }> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  const changedAt = Math.max(Number(mtimeNs / 1_000_000n), Number(ctimeNs / 1_000_000n));
  return {
    text: [dev, ino, size, mtimeNs, ctimeNs].join(' '),
    settled: Date.now() - changedAt > clockStep,
  };
}
