import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server of the tests does with a request; undefined body bytes mean the rest. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  readonly origin: string;
  readonly port: number;
  /** `METHOD url range if-range` of each request so far. */
  readonly requests: string[];
  readonly headers: IncomingMessage['headers'][];
  handler: Handler;
  close(): Promise<void>;
}

/** A real HTTP server on a free port of 127.0.0.1. */
export async function startServer(handler: Handler): Promise<TestServer> {
  const server: Server = createServer((request, response) => {
    const { range, 'if-range': ifRange } = request.headers;
    test.requests.push([request.method, request.url, range, ifRange].filter(Boolean).join(' '));
    test.headers.push(request.headers);
    response.on('error', () => {});
    test.handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const test: TestServer = {
    origin: `http://127.0.0.1:${port}`,
    port,
    requests: [],
    headers: [],
    handler,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return test;
}

export interface Serving {
  readonly content: Buffer;
  readonly etag?: string;
  readonly lastModified?: string;
  readonly ranges?: boolean;
  /** Sends a partial answer although the validator of If-Range does not fit. */
  readonly ignoreIfRange?: boolean;
  /** Breaks the connection after this many bytes of the body. */
  readonly breakAfter?: number;
  /** Sends this many bytes of the body and then nothing. */
  readonly stallAfter?: number;
  /** Claims this many bytes more than there are. */
  readonly lengthLie?: number;
}

/** Serves one file as well, or as badly, as told. */
export function serve(
  request: IncomingMessage,
  response: ServerResponse,
  {
    content,
    etag,
    lastModified,
    ranges = true,
    ignoreIfRange,
    breakAfter,
    stallAfter,
    lengthLie = 0,
  }: Serving,
): void {
  if (etag) response.setHeader('etag', etag);
  if (lastModified) response.setHeader('last-modified', lastModified);
  const { range, 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
  const ifModifiedSince = request.headers['if-modified-since'];
  if ((etag && ifNoneMatch === etag) || (lastModified && ifModifiedSince === lastModified)) {
    response.writeHead(304).end();
    return;
  }
  let start = 0;
  const wanted = /^bytes=(\d+)-$/.exec(range ?? '');
  if (
    wanted &&
    ranges &&
    (ifRange === undefined || ignoreIfRange || ifRange === etag || ifRange === lastModified)
  ) {
    start = Number(wanted[1]);
    if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    response.statusCode = 206;
    response.setHeader('content-range', `bytes ${start}-${content.length - 1}/${content.length}`);
  }
  const body = content.subarray(start);
  response.setHeader('content-length', body.length + lengthLie);
  const end = breakAfter ?? stallAfter;
  if (end === undefined && lengthLie <= 0) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, end ?? body.length), () => {
    if (stallAfter === undefined) response.socket?.destroySoon();
  });
}
