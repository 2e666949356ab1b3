import { createHash } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { KilnError, messageOf } from '../../base/errors.ts';
import type { HttpAgents } from '../../sources/http-agents.ts';
import { chunksOf, httpGet, TransientHttpError } from '../../sources/http-get.ts';
import { withoutCredentials } from '../../sources/image-url.ts';
import { textAt, valueAt } from '../runs/run-size.ts';
import type { AddressRules } from './forbidden-address.ts';
import { ForbiddenAddress, guardedAgents } from './guarded-agents.ts';

/** Places of a template that name files elsewhere. */
const lists = [
  ['properties', 'customize'],
  ['properties', 'validate', 'inVMValidations'],
] as const;
const fields = ['scriptUri', 'sourceUri'] as const;

const largest = 256 << 20;
const attempts = 5;
const stallTimeout = 60_000;

/**
 * The template with all files that it names fetched into a folder: the build itself needs nothing of other hosts for
 * them, and cannot be led to places that only the service reaches.
 * @throws KilnError `download-failed`, `checksum-mismatch`, `unsupported`, `cancelled`
 */
export async function fetchFiles(
  template: object,
  folder: string,
  rules: AddressRules,
  signal: AbortSignal,
  log: (text: string) => void,
): Promise<object> {
  const copy = structuredClone(template);
  for (const path of lists) {
    const list = valueAt(copy, path);
    if (!Array.isArray(list)) continue;
    for (const [index, entry] of list.entries()) {
      for (const field of fields) {
        const uri = textAt(entry, [field]);
        if (!uri) continue;
        const place = `${path.join('.')}[${index}].${field}`;
        const checksum = textAt(entry, ['sha256Checksum']) ?? '';
        const bytes = await fetchFile(uri, checksum, place, rules, signal, log);
        const own = join(folder, String(path.length === 2 ? index : 1000 + index));
        await mkdir(own, { recursive: true, mode: 0o755 });
        // The name matters to nobody but people: what is odd in it goes.
        const name = basename(new URL(uri).pathname).replace(/[^\w.-]+/g, '_') || 'file';
        const file = join(own, name.replace(/^\.+/, '_').slice(0, 100));
        await writeFile(file, bytes, { mode: 0o644 });
        await chmod(file, 0o644);
        (entry as Record<string, unknown>)[field] = file;
      }
    }
  }
  return copy;
}

async function fetchFile(
  uri: string,
  checksum: string,
  place: string,
  rules: AddressRules,
  signal: AbortSignal,
  log: (text: string) => void,
): Promise<Buffer> {
  const url = URL.parse(uri);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new KilnError(
      'unsupported',
      `${place}: "${shortened(uri)}" is not an address of a file on the web`,
      {
        hint: 'the service fetches files by https:// (or http://) alone',
      },
    );
  }
  log(`fetching ${withoutCredentials(url)}`);
  const agents = guardedAgents(rules) as unknown as HttpAgents;
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await httpGet(url, {
        env: {},
        signal,
        stallTimeout,
        allowDowngrade: checksum !== '',
        agents,
      });
      const bytes = await wholeBody(answer, place, signal);
      const actual = createHash('sha256').update(bytes).digest('hex');
      if (checksum !== '' && actual !== checksum) {
        throw new KilnError(
          'checksum-mismatch',
          `${place}: the file has the SHA-256 ${actual}, not ${checksum}`,
          {
            hint: 'the file was changed, or the checksum in the template is that of another one',
          },
        );
      }
      return bytes;
    } catch (error) {
      const refused = causeOf(error, ForbiddenAddress);
      if (refused) throw new KilnError('download-failed', `${place}: ${refused.message}`);
      if (error instanceof KilnError || !(error instanceof TransientHttpError) || attempt === attempts) {
        throw error instanceof KilnError
          ? error
          : new KilnError('download-failed', `${place}: ${messageOf(error)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, error.retryAfter ?? 500 * 2 ** attempt));
    }
  }
}

async function wholeBody(
  answer: Awaited<ReturnType<typeof httpGet>>,
  place: string,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(answer, signal)) {
    size += chunk.length;
    if (size > largest) {
      answer.body.close();
      throw new KilnError('download-failed', `${place}: the file is larger than ${largest >> 20} MiB`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function causeOf<E extends Error>(error: unknown, kind: new (message: string) => E): E | undefined {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof kind) return one;
  return undefined;
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
