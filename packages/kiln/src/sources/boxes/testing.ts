import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { KilnEvent } from '../../base/events.ts';
import { boxFolder, writeFiles } from '../../store/boxes/testing.ts';
import { serve, startServer, type TestServer } from '../test-server.ts';
import { type BoxServices, boxServices } from './box-services.ts';

export interface BoxBench {
  readonly root: string;
  readonly services: BoxServices;
  readonly events: KilnEvent[];
  /** With a box store and a Kiln home of its own; `env` comes on top. */
  withEnv(env: Readonly<Record<string, string>>): BoxServices;
}

export function boxBench(t: TestContext): BoxBench {
  const root = boxFolder(t);
  const events: KilnEvent[] = [];
  const withEnv = (env: Readonly<Record<string, string>>) =>
    boxServices({
      home: join(root, 'kiln'),
      env: { HOME: root, VAGRANT_HOME: join(root, 'vagrant'), PATH: process.env['PATH'], ...env },
      emit: (event) => events.push(event),
      signal: new AbortController().signal,
      timing: { stallTimeout: 5000, retryDelay: 10 },
    });
  return { root, events, services: withEnv({}), withEnv };
}

/** Makes a box file with the system's tar. */
export function makeBox(
  folder: string,
  name: string,
  files: Readonly<Record<string, string | Buffer>> = { 'metadata.json': '{"provider":"libvirt"}' },
): { readonly path: string; readonly bytes: Buffer; readonly sha256: string } {
  const source = join(folder, `${name}.d`);
  mkdirSync(source, { recursive: true });
  writeFiles(source, files);
  const path = join(folder, name);
  execFileSync('tar', ['-czf', path, ...Object.keys(files)], { cwd: source });
  const bytes = readFileSync(path);
  return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export interface ServedFile {
  readonly content: Buffer | string;
  readonly type?: string;
}

/** Serves files by path, as a static web server does. */
export async function serveFiles(
  t: TestContext,
  files: Readonly<Record<string, ServedFile>>,
): Promise<TestServer> {
  const server = await startServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://host');
    const file = files[pathname];
    if (!file) {
      response.writeHead(404).end('no such file');
      return;
    }
    response.setHeader('content-type', file.type ?? 'application/octet-stream');
    const content = Buffer.from(file.content);
    const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
    if (request.method === 'HEAD') response.writeHead(200, { 'content-length': content.length }).end();
    else serve(request, response, { content, etag });
  });
  t.after(() => server.close());
  return server;
}

export function writeJson(path: string, value: unknown): string {
  writeFileSync(path, JSON.stringify(value));
  return path;
}
