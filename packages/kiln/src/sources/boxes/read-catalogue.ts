import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep } from '../../base/cancellation.ts';
import { isSystemError, KilnError } from '../../base/errors.ts';
import type { BoxDownload } from '../../plan/image-ref.ts';
import type { HttpAgents } from '../http-agents.ts';
import { chunksOf, type HttpAnswer, httpGet, TransientHttpError } from '../http-get.ts';
import { withoutCredentials } from '../image-url.ts';
import { withToken } from './box-server.ts';
import { type BoxServices, withConnections } from './box-services.ts';
import { type Catalogue, largestCatalogue, noCatalogue, parseCatalogue } from './catalogue.ts';

/** A place that a box or a catalogue may be at. */
export type BoxPlace =
  | { readonly kind: 'http'; readonly url: URL }
  | { readonly kind: 'file'; readonly path: string };

/**
 * Reads the address of a box or catalogue: an http, https or file URL, or a path.
 * @throws KilnError `unsupported` for other schemes, `bad-usage`
 */
export function parsePlace(text: string, folder = process.cwd()): BoxPlace {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return { kind: 'file', path: resolve(folder, text) };
  if (scheme === 'file') return { kind: 'file', path: pathOf(text, folder) };
  if (scheme !== 'http' && scheme !== 'https') {
    throw new KilnError(
      'unsupported',
      `boxes cannot be fetched with ${scheme} (${withoutCredentials(text)})`,
      {
        hint: 'use an http, https or file URL, or download the box and name its path',
      },
    );
  }
  if (!URL.canParse(text)) throw new KilnError('bad-usage', `"${withoutCredentials(text)}" is no URL`);
  return { kind: 'http', url: new URL(text) };
}

/** People write paths behind `file://` as they are: relative ones, and ones with blanks. */
function pathOf(text: string, folder: string): string {
  const rest = text.replace(/^file:(?:\/\/)?/i, '');
  try {
    if (rest.startsWith('/')) return fileURLToPath(`file://${rest}`);
  } catch {
    // Not escaped as in a URL: then it is the path itself.
  }
  return resolve(folder, rest);
}

/** The catalogue at a place; undefined when something else is there, such as a box. */
export async function catalogueAt(
  services: BoxServices,
  place: BoxPlace,
  options: { readonly server: string; readonly download: BoxDownload },
): Promise<Catalogue | undefined> {
  if (place.kind === 'file') return catalogueInFile(place.path);
  const shown = withoutCredentials(place.url);
  const text = await withConnections(services, options.download, (agents) =>
    withPatience(services, () => textAt(services, place.url, options, agents)),
  );
  return text === undefined ? undefined : parseCatalogue(text, shown);
}

/** @throws KilnError `file-missing` */
async function catalogueInFile(path: string): Promise<Catalogue | undefined> {
  const file = await openFile(path);
  try {
    const { size } = await file.stat();
    const { buffer } = await file.read(Buffer.alloc(64), 0, 64, 0);
    if (!looksLikeJson(buffer) || size > largestCatalogue) return undefined;
    return parseCatalogue(await file.readFile('utf8'), path);
  } finally {
    await file.close();
  }
}

async function openFile(path: string) {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'EISDIR')) throw error;
  }
  throw new KilnError('file-missing', `there is no file ${path}`, {
    hint: 'name a box or the catalogue of one',
  });
}

async function textAt(
  services: BoxServices,
  place: URL,
  { server, download }: { readonly server: string; readonly download: BoxDownload },
  agents: HttpAgents,
): Promise<string | undefined> {
  const { url, authorization } = await withToken(services, place, server);
  const answer = await httpGet(url, {
    env: services.env,
    signal: services.signal,
    stallTimeout: services.timing.stallTimeout,
    allowDowngrade: false,
    agents,
    headers: { accept: 'application/json', 'accept-encoding': 'identity' },
    ...(authorization !== undefined && { authorization }),
    ...(download.trustLocation && { trustLocation: true }),
  });
  try {
    const type = String(answer.response.headers['content-type'] ?? '');
    return await jsonOf(answer, /^application\/(?:[\w.-]+\+)?json\b/i.test(type), place, services.signal);
  } finally {
    answer.body.close();
  }
}

/** What a server calls something else may be a catalogue all the same: many know no type for a file without an ending. */
async function jsonOf(
  answer: HttpAnswer,
  isCalledJson: boolean,
  place: URL,
  signal: AbortSignal,
): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(answer, signal)) {
    if (size === 0 && !isCalledJson && !looksLikeJson(chunk)) return undefined;
    parts.push(chunk);
    size += chunk.length;
    if (size > largestCatalogue) {
      throw noCatalogue(withoutCredentials(place), `it has more than ${largestCatalogue >> 20} MB`);
    }
  }
  return Buffer.concat(parts).toString('utf8');
}

function looksLikeJson(head: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?\s*\{/.test(head.toString('latin1', 0, 64));
}

const attempts = 3;

async function withPatience<T>({ timing, signal }: BoxServices, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof TransientHttpError)) throw error;
      if (attempt >= attempts) {
        throw new KilnError('download-failed', error.message, {
          hint: 'check the address, and that the server can be reached',
          cause: error,
        });
      }
      await sleep(Math.max(timing.retryDelay * attempt, Math.min(error.retryAfter ?? 0, 10_000)), signal);
    }
  }
}
