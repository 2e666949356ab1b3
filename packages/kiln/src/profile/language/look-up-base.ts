import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError, KilnError } from '../../base/errors.ts';
import { writeFileAtomically } from '../../base/files.ts';
import { fetchText } from '../../sources/checksum-file.ts';
import { usualTiming } from '../../sources/download.ts';
import { parseImageUrl, withoutCredentials } from '../../sources/image-url.ts';
import { storeLayout } from '../../store/home.ts';
import { readRecord, resolveReference } from '../../store/images.ts';
import { markUsed } from '../../store/prune-downloads.ts';
import { makeFolders } from '../../store/store-lock.ts';
import type { BaseReference, FoundBase } from './profile-reading.ts';

interface LookUpOptions {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Looks for a base in the store, or fetches it. What does not work is told in the answer. @throws KilnError `cancelled` */
export async function lookUpBase(base: BaseReference, options: LookUpOptions): Promise<FoundBase> {
  try {
    return base.kind === 'store'
      ? await storedProfile(base.name, options)
      : { text: await fetchProfile(base.name, base.digest ?? '', options) };
  } catch (error) {
    if (!(error instanceof KilnError) || error.code === 'cancelled') throw error;
    return { problem: error.message, ...(error.hint !== undefined && { hint: error.hint }) };
  }
}

async function storedProfile(reference: string, { home }: LookUpOptions): Promise<FoundBase> {
  const layout = storeLayout(home);
  const record = await readRecord(layout, await resolveReference(layout, reference));
  if (record?.profile !== undefined) return { text: record.profile };
  return {
    problem: `the image ${reference} was not made from a profile`,
    hint: `\`kiln profile capture ${reference}\` writes one from what is in it`,
  };
}

/** Kept among the downloads, by its digest: what was fetched once needs no network again. */
async function fetchProfile(address: string, digest: string, options: LookUpOptions): Promise<string> {
  const layout = storeLayout(options.home);
  const key = `sha256-${digest}`;
  const path = join(layout.downloads, `${key}.data`);
  const kept = await readIfExists(path);
  if (kept !== undefined && sha256(kept) === digest) {
    await markUsed(layout, key);
    return kept.toString('utf8');
  }
  const { env, signal } = options;
  const text = await fetchText(parseImageUrl(address), { env, signal, timing: usualTiming });
  const found = sha256(text);
  if (found !== digest) {
    const url = withoutCredentials(address);
    throw new KilnError('checksum-mismatch', `${url} is not what its digest says: it has sha256:${found}`, {
      hint: 'look at what has changed there; if it is right, write the new digest behind the URL',
    });
  }
  await makeFolders(layout);
  await writeFileAtomically(path, text, 0o444);
  await markUsed(layout, key);
  return text;
}

async function readIfExists(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw error;
  }
}

function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
