import type { IncomingMessage, RequestOptions } from 'node:http';
import { cancelled } from '../base/cancellation.ts';
import { KilnError, messageOf } from '../base/errors.ts';
import { kilnVersion } from '../base/version.ts';
import type { HttpAgents } from './http-agents.ts';
import { HttpBody } from './http-body.ts';
import { withoutCredentials } from './image-url.ts';

export interface HttpOptions {
  /** Has the proxies: HTTP_PROXY, HTTPS_PROXY, NO_PROXY, in capitals or not. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  /** Longest silence of the server, in milliseconds. */
  readonly stallTimeout: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An `Authorization` header, such as `Bearer …`. Like user and password of the URL it goes to its own origin only. */
  readonly authorization?: string;
  /** Send credentials to wherever redirections lead. */
  readonly trustLocation?: boolean;
  /** Follow a redirect from https to http. */
  readonly allowDowngrade: boolean;
  /** Keeps connections for further requests. Default: a connection for this request alone. */
  readonly agents?: HttpAgents;
}

/** The server's answer did not come or broke off: another attempt may succeed. */
export class TransientHttpError extends Error {
  /** What the server asked to wait, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(message: string, details: { readonly retryAfter?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: details.cause });
    this.retryAfter = details.retryAfter;
  }
}

/** An answer, with its body still to be read or closed. */
export interface HttpAnswer {
  readonly status: number;
  readonly response: IncomingMessage;
  readonly body: HttpBody;
}

const mostRedirects = 10;

/**
 * Sends a GET request, follows redirects, and gives the answer with its body still to be read: 200, 206, 304
 * or 416. User and password of a URL go to its own origin only. Nothing is decompressed.
 * @throws TransientHttpError, KilnError `download-failed`
 */
export async function httpGet(start: URL, options: HttpOptions): Promise<HttpAnswer> {
  let url = start;
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const isTrusted = options.trustLocation || url.origin === start.origin;
    const answer = await request(url, isTrusted ? start : url, options, isTrusted);
    const { status, response } = answer;
    if ([200, 206, 304, 416].includes(status)) return answer;
    answer.body.close();
    if (![301, 302, 303, 307, 308].includes(status)) throw failure(url, response);
    url = redirectTarget(url, response.headers.location, options.allowDowngrade);
  }
  throw new KilnError('download-failed', `${withoutCredentials(start)} redirects without end`);
}

async function request(
  url: URL,
  credentials: URL,
  options: HttpOptions,
  isTrusted: boolean,
): Promise<HttpAnswer> {
  const { Agent, request: send } =
    url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  const settings: RequestOptions = {
    agent: options.agents?.for(url.protocol) ?? new Agent({ proxyEnv: options.env }),
    signal: options.signal,
    headers: {
      'user-agent': `kiln/${kilnVersion}`,
      accept: '*/*',
      ...options.headers,
      ...(isTrusted && options.authorization !== undefined && { authorization: options.authorization }),
    },
  };
  if (credentials.username && options.authorization === undefined)
    settings.auth = `${decodeURIComponent(credentials.username)}:${decodeURIComponent(credentials.password)}`;
  return new Promise((resolve, reject) => {
    const sent = send(url, settings, (response) => {
      clearTimeout(watchdog);
      resolve({
        status: response.statusCode ?? 0,
        response,
        body: new HttpBody(response, options.stallTimeout),
      });
    });
    const watchdog = setTimeout(() => sent.destroy(stalled(options.stallTimeout)), options.stallTimeout);
    sent.once('error', (error) => {
      clearTimeout(watchdog);
      reject(options.signal.aborted ? cancelled() : classify(error));
    });
    sent.end();
  });
}

/**
 * The parts of a body as they come.
 * @throws TransientHttpError when the connection breaks, KilnError `cancelled`
 */
export async function* chunksOf({ body }: HttpAnswer, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body.chunks()) {
      if (signal.aborted) throw cancelled();
      yield chunk;
    }
  } catch (error) {
    if (signal.aborted) throw cancelled();
    throw error instanceof KilnError ? error : new TransientHttpError(messageOf(error), { cause: error });
  }
}

function stalled(timeout: number): TransientHttpError {
  return new TransientHttpError(`nothing came for ${timeout / 1000} s`);
}

/** A broken connection is worth another attempt; a name or certificate that is wrong stays wrong. */
function classify(error: Error & { code?: unknown }): Error {
  if (error instanceof TransientHttpError) return error;
  const code = String(error.code ?? '');
  const transient = /^(ECONN|ETIMEDOUT|EPIPE|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|HPE_)/;
  return transient.test(code) || error.message === 'socket hang up'
    ? new TransientHttpError(error.message, { cause: error })
    : new KilnError('download-failed', error.message, { cause: error });
}

function failure(url: URL, response: IncomingMessage): Error {
  const status = response.statusCode ?? 0;
  const words = `${withoutCredentials(url)} answers ${status} ${response.statusMessage ?? ''}`.trim();
  if (![408, 425, 429, 500, 502, 503, 504].includes(status)) return new KilnError('download-failed', words);
  const seconds = Number(response.headers['retry-after']);
  return new TransientHttpError(words, seconds > 0 ? { retryAfter: seconds * 1000 } : {});
}

function redirectTarget(from: URL, location: string | undefined, allowDowngrade: boolean): URL {
  const shown = withoutCredentials(from);
  let to: URL;
  try {
    to = new URL(location ?? '', from);
  } catch (error) {
    throw new KilnError('download-failed', `${shown} redirects to something that is no URL`, {
      cause: error,
    });
  }
  if (location === undefined || !['http:', 'https:'].includes(to.protocol))
    throw new KilnError('download-failed', `${shown} redirects to ${location ?? 'nowhere'}`);
  if (from.protocol === 'https:' && to.protocol === 'http:' && !allowDowngrade) {
    throw new KilnError('download-failed', `${shown} redirects from https to ${withoutCredentials(to)}`, {
      hint: 'give a checksum, then it does not matter who sends the file',
    });
  }
  return to;
}
