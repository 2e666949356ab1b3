import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import type { ServiceContext } from '../service-context.ts';
import { ServiceError } from '../service-error.ts';
import { checkApiVersion } from './api-versions.ts';
import { asServiceError, errorReply } from './error-reply.ts';
import { parseJson } from './parse-json.ts';
import { RateLimits, requestKind } from './rate-limits.ts';
import type { Route, RouteReply } from './route.ts';
import { scopeOf } from './route-scope.ts';

/** The largest JSON that is read, in bytes: what ARM takes. */
const largestBody = 4 * 1024 * 1024;

export interface ServeOptions {
  readonly context: ServiceContext;
  readonly routes: readonly Route[];
  /** Who asks. @throws ServiceError 401 for credentials that are no good */
  readonly authenticate: (authorization: string | undefined) => Promise<Caller | undefined>;
  /** Told of everything that changes something, and of every refusal. */
  readonly audit: (entry: AuditEntry) => Promise<void>;
  /** PEM. Without it the service speaks plain HTTP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

export interface AuditEntry {
  readonly caller: Caller | undefined;
  readonly action: string;
  readonly scope: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly code?: string;
  readonly requestId: string;
}

export interface ServedRoutes {
  /** Such as `https://127.0.0.1:8420`. */
  readonly origin: string;
  readonly port: number;
  /** Takes no more requests and waits for those that run; streams are ended. */
  close(): Promise<void>;
}

/** Serves a list of routes: knows who asks, refuses what is not allowed, and says everything as ARM does. */
export async function serveRoutes(options: ServeOptions): Promise<ServedRoutes> {
  const { routes, tls, host, port } = options;
  const ending = new AbortController();
  const server: FastifyInstance = fastify({
    // Fastify's types know a server with TLS only by another overload.
    ...({ https: tls ? { key: tls.key, cert: tls.cert, minVersion: 'TLSv1.2' } : null } as object),
    logger: false,
    bodyLimit: largestBody,
    // Longer than idle connections of clients and proxies live, so that they are the ones who close.
    keepAliveTimeout: 75_000,
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) => void onError(error, request, reply),
    routerOptions: {
      caseSensitive: false,
      ignoreTrailingSlash: true,
      maxParamLength: 512,
      querystringParser: parseQuery,
    },
  });
  const frame = new Frame(options, ending.signal);
  const onError = (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
    frame.refuse(error, request, reply);
  // Before the routes: theirs is the handler that there is when they are added.
  server.setErrorHandler(onError);
  const add = (scope: FastifyInstance, route: Route) =>
    scope.route({
      method: route.method,
      url: fastifyPath(route.path),
      onRequest: (request) => frame.admit(route, request),
      handler: (request, reply) => frame.answer(route, request, reply),
    });
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(/^application\/(?:[\w.+-]+\+)?json\b/i, { parseAs: 'string' }, parseJsonBody);
    // Clients that send no body may still say that it is a form, or text.
    scope.addContentTypeParser('*', { parseAs: 'string' }, parseOtherBody);
    for (const route of routes) if (route.takes !== 'stream') add(scope, route);
  });
  await server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const route of routes) if (route.takes === 'stream') add(scope, route);
  });
  server.setNotFoundHandler(async (request, reply) => {
    try {
      await frame.admit(undefined, request);
      await onError(nothingAt(request.url), request, reply);
    } catch (error) {
      await onError(error, request, reply);
    }
  });
  await server.listen({ host, port });
  const bound = (server.server.address() as AddressInfo).port;
  return {
    origin: `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    port: bound,
    close: async () => {
      ending.abort();
      await server.close();
    },
  };
}

/** What is known of a request before its body is read. */
interface Asked {
  readonly route: Route | undefined;
  readonly requestId: string;
  readonly clientRequestId: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly scope: string;
  readonly headers: Record<string, string>;
  caller?: Caller;
}

/** Stands between requests and the routes' handlers. */
class Frame {
  readonly #options: ServeOptions;
  readonly #ending: AbortSignal;
  readonly #limits = new RateLimits();
  readonly #asked = new WeakMap<FastifyRequest, Asked>();

  constructor(options: ServeOptions, ending: AbortSignal) {
    this.#options = options;
    this.#ending = ending;
  }

  /** Who asks and whether they may: before anything of a body is read. @throws ServiceError */
  async admit(route: Route | undefined, request: FastifyRequest): Promise<void> {
    const { context, authenticate } = this.#options;
    const asked = this.#ask(route, request);
    if (route?.action === 'public') return;
    const caller = await authenticate(header(request, 'authorization'));
    if (!caller) throw unauthenticated();
    asked.caller = caller;
    const kind = requestKind(request.method);
    const { remaining, retryAfter } = this.#limits.take(caller.id, kind);
    asked.headers[`x-ms-ratelimit-remaining-subscription-${kind}`] = String(remaining);
    if (retryAfter !== undefined) {
      asked.headers['retry-after'] = String(retryAfter);
      throw new ServiceError(429, 'TooManyRequests', `too many ${kind}; try again in ${retryAfter} s`);
    }
    if (!route) return;
    checkQuery(asked.query);
    checkParams(asked.params);
    // Who may do nothing here learns nothing of what could be asked.
    if (route.action !== 'signed-in') await context.access.demand(caller, route.action, asked.scope);
    if (route.apiVersions) checkApiVersion(asked.query['api-version'], route.apiVersions, asked.path);
  }

  async answer(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const asked = this.#asked.get(request)!;
    if (route.action === 'public') {
      checkQuery(asked.query);
      checkParams(asked.params);
    }
    const isStream = route.takes === 'stream';
    const result = await route.handle({
      caller: asked.caller ?? nobody,
      params: asked.params,
      query: asked.query,
      headers: headersOf(request),
      body: isStream ? undefined : request.body,
      ...(isStream && { stream: request.body instanceof Readable ? request.body : request.raw }),
      requestId: asked.requestId,
      clientRequestId: asked.clientRequestId,
      origin: `${this.#options.tls ? 'https' : 'http'}://${request.host}`,
      signal: AbortSignal.any([this.#ending, goneSignal(reply)]),
    });
    await this.#finish(asked, request, reply, result);
  }

  async refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const asked = this.#asked.get(request) ?? this.#ask(undefined, request);
    const error = asServiceError(thrown, asked.requestId);
    if (error.status >= 500) this.#logMistake(thrown, asked, request);
    if (error.status === 401) asked.headers['www-authenticate'] = 'Bearer realm="kiln"';
    const result = errorReply(error, asked.path, asked.query['api-version']);
    await this.#finish(asked, request, reply, result, error.code);
  }

  #ask(route: Route | undefined, request: FastifyRequest): Asked {
    const requestId = randomUUID();
    const correlation = header(request, 'x-ms-correlation-request-id');
    const given = header(request, 'x-ms-client-request-id');
    const clientRequestId = given !== undefined && /^[\x21-\x7e]{1,128}$/.test(given) ? given : requestId;
    const params = paramsOf(request.params);
    const path = request.url.split('?', 1)[0] ?? '';
    const asked: Asked = {
      route,
      requestId,
      clientRequestId,
      path,
      // Requests whose address cannot be read have none.
      query: (request.query as Readonly<Record<string, string>> | undefined) ?? {},
      params,
      scope: route ? scopeOf(route, params) : path,
      headers: {
        'x-ms-request-id': requestId,
        'x-ms-correlation-request-id': isId(correlation) ? correlation : requestId,
        ...(header(request, 'x-ms-return-client-request-id') === 'true' && {
          'x-ms-client-request-id': clientRequestId,
        }),
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache',
        pragma: 'no-cache',
        ...(this.#options.tls && { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }),
      },
    };
    this.#asked.set(request, asked);
    return asked;
  }

  async #finish(
    asked: Asked,
    request: FastifyRequest,
    reply: FastifyReply,
    result: RouteReply,
    code?: string,
  ): Promise<void> {
    const { caller, route, scope, path, requestId } = asked;
    const { method } = request;
    const { status } = result;
    if (requestKind(method) !== 'reads' || status === 401 || status === 403) {
      const action = route?.action ?? 'unknown';
      const entry = { caller, action, scope, method, path, status, requestId };
      await this.#options
        .audit({ ...entry, ...(code !== undefined && { code }) })
        .catch((error: unknown) => this.#logMistake(error, asked, request));
    }
    const said = { requestId, method, path, status, ...(caller && { caller: caller.name }) };
    this.#options.context.log.info(said, 'request');
    await send(reply, result, asked.headers);
  }

  #logMistake(thrown: unknown, { requestId, path }: Asked, { method }: FastifyRequest): void {
    const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    this.#options.context.log.error({ requestId, method, path, stack }, 'a request could not be answered');
  }
}

/** For routes that are open to all. */
const nobody: Caller = { id: '', name: 'nobody', kind: 'user' };

export function unauthenticated(): ServiceError {
  return new ServiceError(
    401,
    'AuthenticationFailed',
    'who asks is not known: send "authorization: Bearer TOKEN" with a token that has not expired',
  );
}

async function send(reply: FastifyReply, result: RouteReply, headers: Record<string, string>): Promise<void> {
  const { status, body } = result;
  reply.code(status).headers({ ...headers, ...result.headers });
  if (body === undefined) return void (await reply.send());
  if (body instanceof Readable || Buffer.isBuffer(body)) return void (await reply.send(body));
  if (typeof body === 'string') {
    if (!reply.hasHeader('content-type')) reply.type('text/plain; charset=utf-8');
    return void (await reply.send(body));
  }
  if (!reply.hasHeader('content-type')) reply.type('application/json; charset=utf-8');
  await reply.send(JSON.stringify(body));
}

function parseJsonBody(
  _request: FastifyRequest,
  text: string | Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  try {
    done(null, parseJson(String(text)));
  } catch (error) {
    done(error as Error);
  }
}

function parseOtherBody(
  _request: FastifyRequest,
  text: string | Buffer,
  done: (error: Error | null, body?: unknown) => void,
): void {
  if (String(text).trim() === '') done(null, undefined);
  else
    done(
      new ServiceError(
        415,
        'UnsupportedMediaType',
        'the body must be JSON: send content-type: application/json',
      ),
    );
}

/** Names in braces as Fastify writes them; a last one with a star takes the rest of the path. */
function fastifyPath(path: string): string {
  return path
    .replaceAll(':', '::')
    .replace(/\{(\w+)\*\}$/, '*')
    .replace(/\{(\w+)\}/g, ':$1');
}

function paramsOf(params: unknown): Readonly<Record<string, string>> {
  return Object.assign(Object.create(null), params) as Record<string, string>;
}

/** The first of several values counts; `api-version` may be written in any case. */
function parseQuery(text: string): Readonly<Record<string, string>> {
  const query: Record<string, string> = Object.create(null);
  for (const [name, value] of new URLSearchParams(text)) {
    const key = name.toLowerCase() === 'api-version' ? 'api-version' : name;
    query[key] ??= value;
  }
  return query;
}

function headersOf(request: FastifyRequest): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : value,
    ]),
  );
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function isId(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-fA-F-]{8,64}$/.test(text);
}

/** Names in paths become parts of ids: what would change an id's meaning is refused wherever it stands. */
function checkParams(params: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(params)) {
    // The rest of a path, for routes that take it, has slashes.
    const parts = name === '*' ? value.split('/') : [value];
    if (!parts.some((part) => part === '' || part === '.' || part === '..' || /[/\\\0-\x1f\x7f]/.test(part)))
      continue;
    throw new ServiceError(400, 'InvalidResourceName', `${JSON.stringify(value)} cannot be a name`);
  }
}

/** The database has no such character in its texts. */
function checkQuery(query: Readonly<Record<string, string>>): void {
  const wrong = Object.entries(query).find(([name, value]) => name.includes('\0') || value.includes('\0'));
  if (!wrong) return;
  throw new ServiceError(
    400,
    'InvalidParameter',
    `the query parameter ${JSON.stringify(wrong[0])} has a NUL`,
  );
}

function nothingAt(url: string): ServiceError {
  return new ServiceError(404, 'ResourceNotFound', `there is nothing at ${url.split('?', 1)[0]}`);
}

function goneSignal(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
