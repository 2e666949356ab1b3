import { createReadStream } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { extname, join, posix, sep } from 'node:path';
import { isSystemError, KilnError } from '../base/errors.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Run } from '../store/run.ts';
import { freePort } from './qemu/ports.ts';

export interface HttpServerOptions {
  /** Folder to serve; instead of `content`. */
  readonly directory?: string;
  /** Texts by path, such as `/preseed.cfg`. */
  readonly content?: Readonly<Record<string, string>> | undefined;
  readonly portMin: number;
  readonly portMax: number;
  readonly bindAddress: string;
  /** Network interface whose address to bind instead. */
  readonly interface?: string;
  /** `tcp`, `tcp4` or `tcp6`. */
  readonly networkProtocol?: string;
  readonly run: Pick<Run, 'id' | 'folder'>;
  /** A line for each request, such as `GET /preseed.cfg 200`. */
  readonly onRequest?: (line: string) => void;
}

export interface HttpServer {
  readonly port: number;
  readonly address: string;
  /** Ends it and every open connection. A second call does nothing. */
  close(): Promise<void>;
}

/**
 * Serves a build's files to its machine, and nothing else: no path leads out of the folder, not even through a
 * symbolic link.
 * @throws KilnError `file-missing` for a folder that does not exist, `not-found` when no port is free
 */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const answer =
    options.directory === undefined
      ? serveTexts(options.content ?? {})
      : await serveFolder(options.directory);
  const address = addressOf(options);
  const server = createServer((request, response) => {
    response.on('finish', () =>
      options.onRequest?.(`${request.method} ${request.url} ${response.statusCode}`),
    );
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(response, 405, 'only GET and HEAD are served');
      return;
    }
    const path = cleanPath(request.url ?? '/');
    if (path === undefined) {
      refuse(response, 400, 'that is not a path');
      return;
    }
    answer(path, request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else refuse(response, 500, 'the file could not be read');
    });
  });
  const port = await listen(server, options, address);
  let closing: Promise<void> | undefined;
  return {
    port,
    address,
    close: () => {
      closing ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

type Answer = (path: string, request: IncomingMessage, response: ServerResponse) => Promise<void>;

async function listen(server: Server, options: HttpServerOptions, address: string): Promise<number> {
  if (options.portMin === 0 && options.portMax === 0) {
    await bind(server, 0, address);
    return (server.address() as AddressInfo).port;
  }
  for (let attempt = 0; ; attempt++) {
    const claim = await freePort(options.portMin, options.portMax, address, options.run);
    try {
      await bind(server, claim.port, address);
      return claim.port;
    } catch (error) {
      // Somebody outside Kiln took it in between.
      if (!isSystemError(error, 'EADDRINUSE') || attempt >= 8) throw error;
    } finally {
      claim.release();
    }
  }
}

function bind(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/** @throws KilnError `not-found` when the interface has no address of the protocol */
function addressOf(options: HttpServerOptions): string {
  if (!options.interface) return options.bindAddress;
  const family = options.networkProtocol === 'tcp6' ? 'IPv6' : 'IPv4';
  const found = networkInterfaces()[options.interface]?.find((one) => one.family === family);
  if (found) return found.address;
  throw new KilnError(
    'not-found',
    `http_interface: "${options.interface}" does not exist or has no ${family} address`,
    {
      hint: 'name a network interface of this host (see: ip address)',
    },
  );
}

/** The path without query, escapes and dots; undefined when it cannot be one. */
function cleanPath(url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0]!);
    if (path.includes('\0')) return undefined;
    return posix.normalize(`/${path}`);
  } catch {
    return undefined;
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`${text}\n`);
}

function serveTexts(content: Readonly<Record<string, string>>): Answer {
  const texts = new Map(Object.entries(content).map(([path, text]) => [posix.normalize(`/${path}`), text]));
  return async (path, request, response) => {
    const text = texts.get(path);
    if (text === undefined) {
      refuse(
        response,
        404,
        [`${path} is not among http_content.`, didYouMean(path, texts.keys())].join(' ').trim(),
      );
      return;
    }
    const bytes = Buffer.from(text);
    const range = rangeOf(request, bytes.length);
    if (!startAnswer(response, range, bytes.length, contentType(path))) return;
    response.end(request.method === 'HEAD' ? undefined : bytes.subarray(range.start, range.end + 1));
  };
}

async function serveFolder(directory: string): Promise<Answer> {
  let root: string;
  try {
    root = await realpath(directory);
    if (!(await stat(root)).isDirectory())
      throw new KilnError('file-missing', `http_directory: ${directory} is not a folder`);
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES')) throw error;
    throw new KilnError('file-missing', `http_directory: there is no folder ${directory}`, { cause: error });
  }
  return async (path, request, response) => {
    const found = await findFile(root, path);
    if (found === undefined) {
      refuse(
        response,
        404,
        [`${path} is not in http_directory.`, await suggest(root, path)].join(' ').trim(),
      );
      return;
    }
    if (found.kind === 'folder') {
      await listFolder(found.path, path, request, response);
      return;
    }
    const range = rangeOf(request, found.size);
    if (!startAnswer(response, range, found.size, contentType(path))) return;
    if (request.method === 'HEAD' || found.size === 0) {
      response.end();
      return;
    }
    const stream = createReadStream(found.path, { start: range.start, end: range.end });
    stream.on('error', () => response.destroy());
    response.on('close', () => stream.destroy());
    stream.pipe(response);
  };
}

type Found =
  | { readonly kind: 'file'; readonly path: string; readonly size: number }
  | { readonly kind: 'folder'; readonly path: string };

async function findFile(root: string, path: string): Promise<Found | undefined> {
  try {
    const real = await realpath(join(root, path));
    if (real !== root && !real.startsWith(root.endsWith(sep) ? root : `${root}${sep}`)) return undefined;
    const info = await stat(real);
    if (info.isFile()) return { kind: 'file', path: real, size: info.size };
    return info.isDirectory() ? { kind: 'folder', path: real } : undefined;
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

async function suggest(root: string, path: string): Promise<string | undefined> {
  const folder = await findFile(root, posix.dirname(path));
  if (folder?.kind !== 'folder') return undefined;
  const names = (await readdir(folder.path)).map((name) => posix.join(posix.dirname(path), name));
  return didYouMean(path, names);
}

/** An index.html where there is one, else a plain list, as file servers do. */
async function listFolder(
  folder: string,
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const index = entries.find((entry) => entry.name === 'index.html' && entry.isFile());
  const slash = path.endsWith('/') ? '' : '/';
  if (index) {
    const bytes = (await stat(join(folder, 'index.html'))).size;
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-length': bytes });
    if (request.method === 'HEAD') response.end();
    else createReadStream(join(folder, 'index.html')).pipe(response);
    return;
  }
  const lines = entries
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort()
    .map((name) => `<a href="${escapeHtml(encodeURI(`${path}${slash}${name}`))}">${escapeHtml(name)}</a>`);
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
  response.end(request.method === 'HEAD' ? undefined : `<pre>\n${lines.join('\n')}\n</pre>\n`);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

interface ByteRange {
  readonly start: number;
  readonly end: number;
  readonly partial: boolean;
  readonly satisfiable: boolean;
}

/** One range of a Range header (RFC 9110, 14.2); several at once, or nonsense, get the whole. */
function rangeOf(request: IncomingMessage, size: number): ByteRange {
  const whole = { start: 0, end: size - 1, partial: false, satisfiable: true };
  const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return whole;
  const start = match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = match[1] === '' || match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  return { start, end, partial: true, satisfiable: start <= end && start < size };
}

/** Writes status and headers. False when the range was refused and the answer is complete. */
function startAnswer(response: ServerResponse, range: ByteRange, size: number, type: string): boolean {
  if (!range.satisfiable) {
    response.writeHead(416, { 'content-range': `bytes */${size}` });
    response.end();
    return false;
  }
  response.writeHead(range.partial ? 206 : 200, {
    'content-type': type,
    'content-length': range.end - range.start + 1,
    'accept-ranges': 'bytes',
    ...(range.partial ? { 'content-range': `bytes ${range.start}-${range.end}/${size}` } : {}),
  });
  return true;
}

function contentType(path: string): string {
  const types: Readonly<Record<string, string>> = {
    '.html': 'text/html; charset=utf-8',
    '.json': 'application/json',
    '.xml': 'text/xml; charset=utf-8',
    '.gz': 'application/gzip',
    '.iso': 'application/octet-stream',
    '.img': 'application/octet-stream',
    '.deb': 'application/octet-stream',
  };
  return types[extname(path)] ?? 'text/plain; charset=utf-8';
}
