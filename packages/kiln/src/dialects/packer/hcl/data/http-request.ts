import type { IncomingMessage } from 'node:http';
import { KilnError, messageOf } from '../../../../base/errors.ts';
import { kilnVersion } from '../../../../base/version.ts';
import { withoutCredentials } from '../../../../sources/image-url.ts';

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Has the proxies: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in capitals or not. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly reason: string;
  /** By name with capitals where Go's http package puts them, such as `Content-Type`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const mostRedirects = 10;
/** Longest silence of the server, in milliseconds. */
const patience = 60_000;
/** Templates take texts from servers, not images. */
const mostBytes = 64 * 2 ** 20;

/**
 * Sends a request and reads the whole answer, as Go's http client would: follows redirects, without the body where
 * the method changes, and without credentials where the host does.
 * @throws KilnError `download-failed`
 */
export async function request(start: URL, options: HttpRequest): Promise<HttpAnswer> {
  let url = start;
  let current = options;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const response = await send(url, current);
    const status = response.statusCode ?? 0;
    const { location } = response.headers;
    if (![301, 302, 303, 307, 308].includes(status) || location === undefined) return read(url, response);
    response.destroy();
    const next = URL.parse(location, url.href);
    if (!next || !/^https?:$/.test(next.protocol)) throw failure(url, `redirects to ${location}`);
    current = redirected(current, status, next.host === url.host);
    url = next;
  }
  throw failure(start, 'redirects without end');
}

function redirected(options: HttpRequest, status: number, isSameHost: boolean): HttpRequest {
  const { method, headers, body, env } = options;
  const keepsMethod = status === 307 || status === 308 || method === 'GET' || method === 'HEAD';
  const kept = Object.entries(headers).filter(
    ([name]) => isSameHost || !/^(?:authorization|cookie|www-authenticate)$/i.test(name),
  );
  return {
    method: keepsMethod ? method : 'GET',
    headers: Object.fromEntries(kept),
    ...(keepsMethod && body !== undefined && { body }),
    env,
  };
}

async function send(url: URL, { method, headers, body, env }: HttpRequest): Promise<IncomingMessage> {
  const { Agent, request: open } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const sent = open(
      url,
      {
        method,
        agent: new Agent({ proxyEnv: env as NodeJS.ProcessEnv }),
        headers: {
          'user-agent': `kiln/${kilnVersion}`,
          accept: '*/*',
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
          ...headers,
        },
      },
      resolve,
    );
    sent.setTimeout(patience, () => sent.destroy(new Error(`no answer within ${patience / 1000} s`)));
    sent.once('error', (error) => reject(failure(url, messageOf(error), error)));
    sent.end(body);
  });
}

async function read(url: URL, response: IncomingMessage): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      size += (chunk as Buffer).length;
      if (size > mostBytes) throw new Error(`the answer is larger than ${mostBytes / 2 ** 20} MB`);
    }
  } catch (error) {
    throw failure(url, messageOf(error), error);
  }
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers: canonicalHeaders(response.headersDistinct),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function canonicalHeaders(headers: NodeJS.Dict<string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => [
      name.replace(/(^|-)([a-z])/g, (_all, dash: string, letter: string) => dash + letter.toUpperCase()),
      (values ?? []).join(', '),
    ]),
  );
}

function failure(url: URL, reason: string, cause?: unknown): KilnError {
  return new KilnError('download-failed', `${withoutCredentials(url)} cannot be fetched: ${reason}`, {
    cause,
  });
}
