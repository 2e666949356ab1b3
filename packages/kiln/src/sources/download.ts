import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat, writeFile } from 'node:fs/promises';
import { cancelled, sleep } from '../base/cancellation.ts';
import { isSystemError, KilnError } from '../base/errors.ts';
import { readJsonIfExists, translateFull, writeFileAtomically } from '../base/files.ts';
import type { ChecksumAlgorithm } from '../plan/checksum.ts';
import type { Digests } from './file-digests.ts';
import type { HttpAgents } from './http-agents.ts';
import { chunksOf, type HttpAnswer, httpGet, TransientHttpError } from './http-get.ts';
import { withoutCredentials } from './image-url.ts';

export interface DownloadTiming {
  /** Longest silence of a server. */
  readonly stallTimeout: number;
  /** Wait before the second attempt; doubles with every further one. */
  readonly retryDelay: number;
}

export const usualTiming: DownloadTiming = { stallTimeout: 30_000, retryDelay: 500 };

export interface DownloadJob {
  readonly url: URL;
  /** The unfinished file. What is in it already, from an earlier try or another process, is built upon. */
  readonly part: string;
  readonly algorithms: readonly ChecksumAlgorithm[];
  /** The content will be compared with a digest, so pieces of several origins may be put together. */
  readonly checked: boolean;
  /** What an earlier, complete download was: the server may answer that it is still so. */
  readonly known?: Validators;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly timing: DownloadTiming;
  readonly onProgress: (done: number, total?: number) => void;
  readonly agents?: HttpAgents;
  /** As in HttpOptions. */
  readonly authorization?: string;
  readonly trustLocation?: boolean;
  /** False: the content is compared with its digest before every use, so that a power cut may damage it. */
  readonly durable?: boolean;
}

/** What a server says to tell one version of a file from another. */
export interface Validators {
  readonly etag?: string;
  readonly lastModified?: string;
}

export type Downloaded =
  | { readonly kind: 'unchanged' }
  | {
      readonly kind: 'complete';
      readonly validators: Validators;
      readonly digests: Digests;
      readonly size: number;
      /** It was put together from several answers. */
      readonly resumed: boolean;
    };

const attemptsWithoutProgress = 5;
const attemptsInAll = 100;
const longestDelay = 20_000;

/**
 * Downloads into `job.part`, which is complete afterwards, and goes on where it broke off when connections
 * break.
 * @throws KilnError `download-failed`, `disk-full`, `cancelled`; TransientHttpError when no attempt succeeded
 */
export async function download(job: DownloadJob): Promise<Downloaded> {
  const part = new PartFile(job);
  await part.load();
  let furthest = part.size;
  let failures = 0;
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = await fetchRest(job, part);
      if (outcome === 'unchanged') return { kind: 'unchanged' };
      return { kind: 'complete', ...(await part.finish()), resumed: part.resumed };
    } catch (error) {
      if (!(error instanceof TransientHttpError)) throw translateFull(error, job.part);
      failures = part.size > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, part.size);
      if (failures >= attemptsWithoutProgress || attempt >= attemptsInAll) throw error;
      const backoff = Math.min(job.timing.retryDelay * 2 ** (failures - 1), longestDelay);
      await sleep(Math.max(backoff, Math.min(error.retryAfter ?? 0, 60_000)), job.signal);
    }
  }
}

async function fetchRest(job: DownloadJob, part: PartFile): Promise<'unchanged' | 'complete'> {
  const from = part.resumableFor(job);
  if (from === 0) await part.restart();
  const answer = await httpGet(job.url, {
    env: job.env,
    signal: job.signal,
    stallTimeout: job.timing.stallTimeout,
    allowDowngrade: job.checked,
    ...(job.agents && { agents: job.agents }),
    ...(job.authorization !== undefined && { authorization: job.authorization }),
    ...(job.trustLocation && { trustLocation: true }),
    headers: {
      'accept-encoding': 'identity',
      ...(from > 0 ? part.rangeHeaders(job) : conditions(job.known)),
    },
  });
  try {
    if (answer.status === 304) return 'unchanged';
    const total = await begin(job, part, answer);
    if (answer.status === 416) return 'complete';
    await part.append(chunksOf(answer, job.signal), (done) => job.onProgress(done, total));
    if (total !== undefined && part.size !== total)
      throw new TransientHttpError(`the server ended after ${part.size} of ${total} bytes`);
    return 'complete';
  } finally {
    answer.body.close();
  }
}

/** Makes the part ready for what the server is going to send. The size of the whole, when it is known. */
async function begin(job: DownloadJob, part: PartFile, answer: HttpAnswer): Promise<number | undefined> {
  const { status, response } = answer;
  const validators = validatorsOf(answer);
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(response.headers['content-range'] ?? '');
  const whole = range?.[2] === undefined || range[2] === '*' ? undefined : Number(range[2]);
  if (status === 416) {
    // Nothing behind what is there: it was complete already, if it has the right size.
    if (part.size > 0 && whole === part.size) {
      part.resumed = true;
      return whole;
    }
    await part.restart();
    throw new TransientHttpError('the server has another file than before');
  }
  if (status === 206) {
    if (range?.[1] === undefined || Number(range[1]) !== part.size || !part.continues(job, validators)) {
      await part.restart();
      throw new TransientHttpError('the server sent another part of the file than it was asked for');
    }
    part.resumed = true;
    return whole;
  }
  await part.restart();
  const length = response.headers['content-length'];
  const total = length === undefined ? undefined : Number(length);
  await part.note({ url: withoutCredentials(job.url), source: sourceOf(job.url), ...validators });
  return total;
}

function conditions(known: Validators | undefined): Record<string, string> {
  return {
    ...(known?.etag && { 'if-none-match': known.etag }),
    ...(known?.lastModified && { 'if-modified-since': known.lastModified }),
  };
}

function validatorsOf({ response }: HttpAnswer): Validators {
  const { etag, 'last-modified': lastModified } = response.headers;
  return { ...(etag && { etag }), ...(lastModified && { lastModified }) };
}

type PartNote = Validators & {
  /** For people. */
  readonly url: string;
  readonly source: string;
};

/** Identifies a URL with all of it, secrets too, but gives none away. */
export function sourceOf(url: URL): string {
  return createHash('sha256').update(url.href).digest('hex');
}

/** An unfinished download, the note of where it comes from, and the digests of what is there. */
class PartFile {
  readonly #path: string;
  readonly #notePath: string;
  readonly #algorithms: readonly ChecksumAlgorithm[];
  readonly #signal: AbortSignal;
  readonly #durable: boolean;
  #hashes: readonly (readonly [ChecksumAlgorithm, Hash])[] = [];
  #note: PartNote | undefined;
  /** Bytes that are in the file and in the digests. */
  size = 0;
  /** It has pieces of more than one answer. */
  resumed = false;

  constructor({ part, algorithms, signal, durable = true }: DownloadJob) {
    this.#path = part;
    this.#notePath = `${part}.json`;
    this.#algorithms = [...new Set<ChecksumAlgorithm>(['sha256', ...algorithms])];
    this.#signal = signal;
    this.#durable = durable;
    this.#resetHashes();
  }

  /** Takes in what an earlier try has left. */
  async load(): Promise<void> {
    this.#note = (await readJsonIfExists(this.#notePath)) as PartNote | undefined;
    if (!this.#note) return;
    try {
      for await (const chunk of createReadStream(this.#path, { highWaterMark: 1 << 20 })) {
        if (this.#signal.aborted) throw cancelled();
        this.#count(chunk as Buffer);
      }
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
  }

  /** How many bytes of the part can be built upon; 0 to begin anew. */
  resumableFor({ url, checked }: DownloadJob): number {
    if (checked) return this.size;
    const sameOrigin = this.#note?.source === sourceOf(url);
    return sameOrigin && this.#strongValidator() !== undefined ? this.size : 0;
  }

  rangeHeaders({ url }: DownloadJob): Record<string, string> {
    const sameOrigin = this.#note?.source === sourceOf(url);
    const validator = sameOrigin ? this.#strongValidator() : undefined;
    return { range: `bytes=${this.size}-`, ...(validator && { 'if-range': validator }) };
  }

  /** A weak ETag (`W/`) says nothing about single bytes (RFC 9110, 13.1.5). */
  #strongValidator(): string | undefined {
    const { etag, lastModified } = this.#note ?? {};
    return etag && !etag.startsWith('W/') ? etag : lastModified;
  }

  /** Whether a partial answer belongs to what is there: some servers send one although the file changed. */
  continues({ url, checked }: DownloadJob, { etag, lastModified }: Validators): boolean {
    if (this.#note?.source !== sourceOf(url)) return checked;
    if (this.#note.etag && etag) return this.#note.etag === etag;
    return !this.#note.lastModified || !lastModified || this.#note.lastModified === lastModified;
  }

  async note(note: PartNote): Promise<void> {
    this.#note = note;
    const text = `${JSON.stringify(note)}\n`;
    if (this.#durable) await writeFileAtomically(this.#notePath, text, 0o600);
    else await writeFile(this.#notePath, text, { mode: 0o600 });
  }

  async restart(): Promise<void> {
    this.#note = undefined;
    this.size = 0;
    this.resumed = false;
    this.#resetHashes();
    await rm(this.#path, { force: true });
    await rm(this.#notePath, { force: true });
  }

  async append(chunks: AsyncIterable<Buffer>, onProgress: (done: number) => void): Promise<void> {
    const file = await open(this.#path, 'a', 0o600);
    try {
      for await (const chunk of chunks) {
        await file.appendFile(chunk);
        this.#count(chunk);
        onProgress(this.size);
      }
      if (this.#durable) await file.sync();
    } finally {
      await file.close();
    }
  }

  async finish(): Promise<{ validators: Validators; digests: Digests; size: number }> {
    const { size } = this.size === 0 ? { size: 0 } : await stat(this.#path);
    if (size !== this.size)
      throw new KilnError('internal', `${this.#path} has ${size} bytes where ${this.size} were written`);
    const { etag, lastModified } = this.#note ?? {};
    return {
      validators: { ...(etag && { etag }), ...(lastModified && { lastModified }) },
      digests: Object.fromEntries(this.#hashes.map(([name, hash]) => [name, hash.copy().digest('hex')])),
      size,
    };
  }

  #count(chunk: Buffer): void {
    for (const [, hash] of this.#hashes) hash.update(chunk);
    this.size += chunk.length;
  }

  #resetHashes(): void {
    this.#hashes = this.#algorithms.map((algorithm) => [algorithm, createHash(algorithm)] as const);
  }
}
