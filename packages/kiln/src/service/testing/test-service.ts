import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Caller } from '../access/caller.ts';
import type { IssuerSettings } from '../access/oidc-issuer.ts';
import { assignRole, createPrincipal } from '../access/principals.ts';
import type { RoleName } from '../access/roles.ts';
import { createToken } from '../access/tokens.ts';
import type { DatabasePlace } from '../database/open-database.ts';
import { type OpenService, openService } from '../open-service.ts';
import type { PartsOptions } from '../parts.ts';
import { localIdentity } from '../tls/local-authority.ts';

export interface TestService extends AsyncDisposable {
  readonly service: OpenService;
  /** `https://127.0.0.1:PORT`. */
  readonly origin: string;
  /** PEM, for clients that are not `request`. */
  readonly authority: string;
  readonly authorityFile: string;
  readonly home: string;
  /** Token of a user who is owner of everything. */
  readonly admin: string;
  /** Everything that was logged, a JSON a line. */
  readonly log: readonly string[];
  /** Of the service's clock, in milliseconds: tests let it jump. */
  jump(milliseconds: number): void;
  request(method: string, path: string, options?: TestRequest): Promise<TestReply>;
  /** Makes somebody with a role at a scope, and gives a token. */
  person(role?: RoleName, scope?: string, kind?: Caller['kind']): Promise<TestPerson>;
  close(): Promise<void>;
}

export interface TestPerson {
  readonly caller: Caller;
  readonly token: string;
}

export interface TestRequest {
  /** Sent as JSON; texts and bytes as they are. */
  readonly body?: unknown;
  /** The administrator's by default; null for none. */
  readonly token?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly text: string;
  /** The parsed JSON; undefined for what is none. */
  readonly body: unknown;
}

/** Starts a whole service over TLS at a port of its own, with an empty database and a home that goes with it. */
export async function startTestService(
  options: {
    readonly database?: DatabasePlace;
    readonly home?: string;
    readonly parts?: PartsOptions;
    readonly oidc?: IssuerSettings;
  } = {},
): Promise<TestService> {
  const home = options.home ?? (await mkdtemp(join(tmpdir(), 'kiln-service-')));
  const log: string[] = [];
  let jumped = 0;
  const now = () => new Date(Date.now() + jumped);
  const write = (level: string) => (fields: Readonly<Record<string, unknown>>, text: string) =>
    void log.push(JSON.stringify({ level, text, ...fields }));
  const service = await openService({
    home,
    database: options.database ?? { kind: 'memory' },
    log: { info: write('info'), warn: write('warn'), error: write('error') },
    now,
    ...options.parts,
    ...(options.oidc && { oidc: options.oidc }),
  });
  const identity = await localIdentity(join(home, 'service', 'tls'), [], now());
  const { origin } = await service.serve({ host: '127.0.0.1', port: 0, tls: identity });
  const { database } = service.context;
  let made = 0;
  const person: TestService['person'] = async (role, scope = '/', kind = 'user') => {
    const caller = await createPrincipal(database, { kind, name: `${role ?? 'nobody'}-${++made}` }, now());
    const by = { callerId: caller.id, now: now() };
    if (role) await assignRole(database, { principalId: caller.id, role, scope }, by);
    const { secret } = await createToken(database, {
      principalId: caller.id,
      name: 'test',
      createdBy: caller.id,
      createdAt: now(),
      expiresAt: new Date(now().getTime() + 24 * 3600 * 1000),
    });
    return { caller, token: secret };
  };
  const { token: admin } = await person('owner');
  const request: TestService['request'] = (method, path, { body, token = admin, headers = {} } = {}) =>
    send(method, path.startsWith('https://') ? path : `${origin}${path}`, identity.authority, body, {
      ...(token !== null && { authorization: `Bearer ${token}` }),
      ...headers,
    });
  const close = async () => {
    await service.close();
    if (options.home !== undefined) return;
    // Builds have their store beside the home (runs/open-runs.ts).
    for (const path of [home, `${home}-builds`]) await rm(path, { recursive: true, force: true });
  };
  return {
    service,
    origin,
    authority: identity.authority,
    authorityFile: identity.authorityFile,
    home,
    admin,
    log,
    jump: (milliseconds) => {
      jumped += milliseconds;
    },
    request,
    person,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function send(
  method: string,
  address: string,
  ca: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<TestReply> {
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
  const payload = body === undefined ? undefined : isRaw ? body : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(
      address,
      {
        method,
        ca,
        agent: false,
        headers: {
          ...(payload !== undefined && {
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(payload)),
          }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers as Record<string, string | undefined>,
            text,
            body: parsed(text),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(payload);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
