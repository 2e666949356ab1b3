import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isSystemError } from '../../base/errors.ts';
import { redactor } from '../../base/redact.ts';
import { valueAt } from './run-size.ts';

/** The log of a run is one file; all its attempts stand in it. */
export function logPath(home: string, runId: string): string {
  // A folder for each of 256: a million files in one are slow to look through.
  return join(home, 'service', 'logs', runId.slice(0, 2), `${runId}.log`);
}

/** Appends whole lines, each with its time. Secrets that the template's addresses carry are hidden. */
export class RunLog {
  readonly #file: FileHandle;
  readonly #hide: (text: string) => string;
  readonly #now: () => Date;
  #last: Promise<unknown> = Promise.resolve();
  #failed = false;

  private constructor(file: FileHandle, hide: (text: string) => string, now: () => Date) {
    this.#file = file;
    this.#hide = hide;
    this.#now = now;
  }

  static async open(home: string, runId: string, template: unknown, now: () => Date): Promise<RunLog> {
    const path = logPath(home, runId);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return new RunLog(await open(path, 'a', 0o600), redactor(secretsOf(template)), now);
  }

  line(text: string): void {
    const time = this.#now().toISOString();
    const lines = this.#hide(text)
      .split(/\r?\n/)
      .map((one) => `${time} ${one}\n`)
      .join('');
    this.#last = this.#last.then(async () => {
      if (this.#failed) return;
      try {
        await this.#file.appendFile(lines);
      } catch {
        // A full disk must not end a run that needs no log to go on.
        this.#failed = true;
      }
    });
  }

  /** Waits until every line is in the file: to be called before a run ends, because readers stop then. */
  async flush(): Promise<void> {
    await this.#last;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }
}

export interface LogPart {
  readonly bytes: Buffer;
  /** Where the next part begins. */
  readonly next: number;
  readonly size: number;
}

/** A part of a run's log from a byte on. Nothing is there before a worker has the run. */
export async function readLog(home: string, runId: string, offset: number, most: number): Promise<LogPart> {
  const path = logPath(home, runId);
  let size = 0;
  try {
    ({ size } = await stat(path));
  } catch (error) {
    if (!isSystemError(error, 'ENOENT')) throw error;
  }
  const end = Math.min(size, offset + most);
  if (offset >= end) return { bytes: Buffer.alloc(0), next: Math.min(offset, size), size };
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(path, { start: offset, end: end - 1 }))
    chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return { bytes, next: offset + bytes.length, size };
}

export async function removeLog(home: string, runId: string): Promise<void> {
  await rm(logPath(home, runId), { force: true });
}

const secretParameter =
  /^(?:sig|sas|signature|token|access_token|key|apikey|api_key|code|password|pwd|secret)$/i;

/** What a template has in addresses that nobody is to read: signatures, tokens, passwords. */
export function secretsOf(template: unknown): readonly string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) visit(inner);
    if (typeof value !== 'string' || !/^[a-z][a-z0-9+.-]*:\/\//i.test(value)) return;
    const url = URL.parse(value);
    if (!url) return;
    if (url.password !== '') found.push(url.password, decodeURIComponent(url.password));
    for (const [name, secret] of url.searchParams) {
      if (secretParameter.test(name)) found.push(secret, encodeURIComponent(secret));
    }
  };
  visit(valueAt(template, ['properties']));
  // Short ones would hide ordinary words.
  return found.filter((secret) => secret.length >= 4);
}
