import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { KilnError, messageOf } from '../base/errors.ts';
import { HttpAgents } from '../sources/http-agents.ts';
import { defineOptions, type OptionValues } from './command.ts';
import type { CliContext } from './context.ts';

/** Which service is asked, and by whose right. The token is no option: others see command lines. */
export const serverOptions = defineOptions({
  server: {
    type: 'text',
    value: 'URL',
    description: 'The service, such as https://images.example.org:8420. Default: KILN_SERVER.',
  },
  cacert: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description:
      "Certificates of authorities to trust, in PEM, such as the service's own. Default: KILN_CACERT.",
  },
});

export interface ServerRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly stream: AsyncIterable<Buffer>; readonly bytes: number };
  readonly signal?: AbortSignal;
}

/** What a service has answered with. */
export interface ServerReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Asks a service once; gives what it says. @throws KilnError `bad-usage`, `service-refused`, `download-failed` */
export async function askServer(
  context: CliContext,
  options: OptionValues<typeof serverOptions>,
  request: ServerRequest,
): Promise<unknown> {
  return parsed((await askServerForText(context, options, request)).text);
}

/** The same, for what is no JSON. @throws KilnError as `askServer` */
export async function askServerForText(
  { env }: CliContext,
  options: OptionValues<typeof serverOptions>,
  request: ServerRequest,
): Promise<ServerReply> {
  const url = new URL(request.path, baseOf(options.server ?? env['KILN_SERVER']));
  const authorities = options.cacert ?? env['KILN_CACERT'];
  const agents = await HttpAgents.open({
    env,
    connections: 2,
    ...(authorities !== undefined && { authorities }),
  });
  try {
    return await send(url, request, agents, tokenOf(env));
  } catch (error) {
    if (error instanceof KilnError) throw error;
    throw new KilnError('download-failed', `${url.origin} cannot be asked: ${messageOf(error)}`, {
      hint: /certificate/i.test(messageOf(error))
        ? "name the authority of the service's certificate with --cacert"
        : 'look whether the service runs, and whether --server is its address',
      cause: error,
    });
  } finally {
    agents.close();
  }
}

/** @throws KilnError `file-missing` */
function tokenOf(env: CliContext['env']): string | undefined {
  const file = env['KILN_TOKEN_FILE'];
  if (env['KILN_TOKEN'] !== undefined || file === undefined || file === '') return env['KILN_TOKEN'];
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new KilnError('file-missing', `KILN_TOKEN_FILE: ${file} cannot be read: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function baseOf(server: string | undefined): string {
  if (server !== undefined && /^https?:\/\//i.test(server) && URL.canParse(server)) return server;
  throw new KilnError(
    'bad-usage',
    server === undefined ? 'no service is named' : `"${server}" is no address of a service`,
    {
      hint: 'say which with --server https://…, or KILN_SERVER',
    },
  );
}

async function send(
  url: URL,
  { method, json, headers, body, signal }: ServerRequest,
  agents: HttpAgents,
  token: string | undefined,
): Promise<ServerReply> {
  const text = json === undefined ? undefined : JSON.stringify(json);
  const bytes = body?.bytes ?? (text === undefined ? undefined : Buffer.byteLength(text));
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const outgoing = start(url, {
    method,
    agent: agents.for(url.protocol),
    ...(signal && { signal }),
    headers: {
      accept: 'application/json',
      ...headers,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(bytes !== undefined && { 'content-length': String(bytes) }),
      ...(body && { 'content-type': 'application/octet-stream' }),
      ...(text !== undefined && { 'content-type': 'application/json' }),
    },
  });
  const answered = new Promise<ServerReply>((resolve, reject) => {
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
  });
  // A service that refuses answers before the body has ended, and the rest of it breaks off.
  const sent = body
    ? pipeline(Readable.from(body.stream), outgoing).catch(() => undefined)
    : Promise.resolve(void outgoing.end(text));
  const reply = await answered;
  await sent;
  const { status } = reply;
  if (status >= 200 && status < 300) return reply;
  const value = parsed(reply.text);
  const { error = {} } = (value ?? {}) as { readonly error?: ServerFault };
  const { code, message, details = [] } = error;
  // All mistakes of a template are in the details.
  const more = details.filter((one) => one.message !== message).map((one) => `\n  ${one.message}`);
  throw new KilnError(
    'service-refused',
    `${url.origin} says: ${message ?? `status ${status}`}${code ? ` (${code})` : ''}${more.join('')}`,
    {
      hint:
        status === 401
          ? 'set KILN_TOKEN to a token of the service, or KILN_TOKEN_FILE to a file with one'
          : status === 403
            ? 'ask an owner for a role that may do this'
            : 'see what the service says',
    },
  );
}

interface ServerFault {
  readonly code?: string;
  readonly message?: string;
  readonly details?: readonly { readonly message?: string }[];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
