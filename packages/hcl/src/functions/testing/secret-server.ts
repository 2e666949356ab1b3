import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
  workerData,
} from 'node:worker_threads';

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

export interface SecretServer {
  /** Such as `http://127.0.0.1:1234`. */
  readonly address: string;
  /** The requests since the last call. */
  requests(): readonly SeenRequest[];
  close(): Promise<void>;
}

/**
 * Starts an HTTP server that answers as Vault, Consul and AWS Secrets Manager do, in a thread of its own: this thread
 * stands still while an expression waits for a secret.
 */
export async function startSecretServer(): Promise<SecretServer> {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL(import.meta.url), { workerData: { port: port2 }, transferList: [port2] });
  const [address] = (await once(worker, 'message')) as [string];
  return {
    address,
    requests: () => {
      const seen: SeenRequest[] = [];
      for (let next = receiveMessageOnPort(port1); next; next = receiveMessageOnPort(port1)) {
        seen.push(next.message as SeenRequest);
      }
      return seen;
    },
    close: async () => {
      port1.close();
      await worker.terminate();
    },
  };
}

const vaultSecrets: Readonly<Record<string, unknown>> = {
  '/v1/secret/data/hello': { data: { data: { foo: 'bar', count: 3 }, metadata: { version: 1 } } },
  '/v1/kv1/hello': { data: { foo: 'old bar' } },
  '/v1/empty': { data: null },
};

const awsSecrets: Readonly<Record<string, unknown>> = {
  'sample/app/password': { SecretString: '{"password":"hunter2"}' },
  several: { SecretString: '{"a":"1","b":2}' },
  plain: { SecretString: 'just text' },
  binary: { SecretBinary: 'AAEC' },
};

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const url = new URL(request.url!, 'http://server');
  const send = (status: number, content: string, headers: Record<string, string> = {}) => {
    response.writeHead(status, headers).end(content);
  };
  if (request.method === 'POST') {
    const { SecretId: id } = JSON.parse(body) as { readonly SecretId: string };
    const secret = awsSecrets[id];
    if (secret) send(200, JSON.stringify({ Name: id, ...secret }));
    else
      send(
        400,
        JSON.stringify({ __type: 'ResourceNotFoundException', Message: "Secrets Manager can't find it." }),
      );
  } else if (url.pathname === '/v1/standby') {
    send(307, '', { location: '/v1/secret/data/hello' });
  } else if (url.pathname.startsWith('/v1/kv/')) {
    const values: Readonly<Record<string, string>> = {
      '/v1/kv/myservice/version': '1.2.3',
      '/v1/kv/empty': '',
    };
    const value = values[url.pathname];
    if (value === undefined) send(404, '');
    else send(200, value);
  } else if (request.headers['x-vault-token'] !== 'root') {
    send(403, JSON.stringify({ errors: ['permission denied'] }));
  } else {
    const secret = vaultSecrets[url.pathname];
    if (secret) send(200, JSON.stringify(secret));
    else send(404, JSON.stringify({ errors: [] }));
  }
}

/** What the thread does. */
async function serve(port: MessagePort): Promise<void> {
  const { parentPort } = await import('node:worker_threads');
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const { method = '', url = '', headers } = request;
    port.postMessage({ method, url, headers, body } satisfies SeenRequest);
    answer(request, response, body);
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address() as AddressInfo;
    parentPort!.postMessage(`http://127.0.0.1:${address.port}`);
  });
}

const given = workerData as { readonly port?: MessagePort } | null;
if (given?.port) await serve(given.port);
