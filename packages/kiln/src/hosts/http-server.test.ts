import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type HttpServer, type HttpServerOptions, startHttpServer } from './http-server.ts';
import { type HostBench, openBench } from './testing/host-bench.ts';

let bench: HostBench;
let server: HttpServer | undefined;
let folder: string;
beforeEach(async () => {
  bench = await openBench();
  folder = join(bench.folder, 'www');
  await mkdir(join(folder, 'sub'), { recursive: true });
  await writeFile(join(folder, 'preseed.cfg'), '0123456789');
  await writeFile(join(folder, 'sub', 'a file.txt'), 'spaced');
  await writeFile(join(folder, 'empty'), '');
  await writeFile(join(bench.folder, 'secret'), 'secret');
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await bench.close();
});

async function serve(options: Partial<HttpServerOptions>): Promise<HttpServer> {
  server = await startHttpServer({
    portMin: 0,
    portMax: 0,
    bindAddress: '127.0.0.1',
    run: bench.run,
    ...options,
  });
  return server;
}

/** Sends the path as it is; `fetch` would clean it first. */
function get(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<{ status: number; body: string; headers: NodeJS.Dict<string | string[]> }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server!.port, path, headers, method },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode!, body, headers: response.headers }));
      },
    );
    request.on('error', reject);
    request.end();
  });
}

test('files of the folder are served, whole or in part', async () => {
  const requests: string[] = [];
  await serve({ directory: folder, onRequest: (line) => requests.push(line) });
  assert.equal((await get('/preseed.cfg')).body, '0123456789');
  assert.equal((await get('/preseed.cfg?x=1')).body, '0123456789');
  assert.equal((await get('/sub/a%20file.txt')).body, 'spaced');
  assert.equal((await get('/sub/../preseed.cfg')).body, '0123456789');
  assert.deepEqual([(await get('/empty')).status, (await get('/empty')).body], [200, '']);
  const head = await get('/preseed.cfg', {}, 'HEAD');
  assert.deepEqual([head.body, head.headers['content-length']], ['', '10']);
  for (const [range, status, body, contentRange] of [
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=5-99', 206, '56789', 'bytes 5-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
    ['lines=1-2', 200, '0123456789', undefined],
  ] as const) {
    const answer = await get('/preseed.cfg', { range });
    assert.deepEqual(
      [answer.status, answer.body, answer.headers['content-range']],
      [status, body, contentRange],
      range,
    );
  }
  assert.equal(requests[0], 'GET /preseed.cfg 200');
});

test('no path leads out of the folder, not by dots and not by links', async () => {
  await symlink(join(bench.folder, 'secret'), join(folder, 'link'));
  await symlink(bench.folder, join(folder, 'up'));
  await symlink(join(folder, 'preseed.cfg'), join(folder, 'inside'));
  await serve({ directory: folder });
  for (const path of [
    '/../secret',
    '/%2e%2e/secret',
    '/..%2fsecret',
    '/sub/../../secret',
    '/link',
    '/up/secret',
    '/up',
  ]) {
    const { status, body } = await get(path);
    assert.equal(status, 404, path);
    assert.doesNotMatch(body, /^secret$/m);
  }
  assert.equal((await get('/inside')).body, '0123456789', 'a link that stays inside is fine');
  for (const path of ['/%00', '/%zz']) assert.equal((await get(path)).status, 400, path);
  assert.equal((await get('/preseed.cfg', {}, 'PUT')).status, 405);
});

test('a name that is nearly right is suggested', async () => {
  await serve({ directory: folder });
  assert.match((await get('/presed.cfg')).body, /did you mean "\/preseed\.cfg"\?/);
  await server!.close();
  await serve({ content: { '/preseed.cfg': 'x' } });
  const { status, body } = await get('/preseed.cgf');
  assert.equal(status, 404);
  assert.match(body, /^\/preseed\.cgf is not among http_content\. did you mean "\/preseed\.cfg"\?/);
});

test('folders are listed, or show their index', async () => {
  await writeFile(join(folder, 'sub', 'index.html'), '<h1>index</h1>');
  await serve({ directory: folder });
  assert.match((await get('/')).body, /<a href="\/preseed\.cfg">preseed\.cfg<\/a>/);
  assert.equal((await get('/sub/')).body, '<h1>index</h1>');
});

test('texts are served by their path', async () => {
  await serve({ content: { '/a': 'ä', 'b/c': 'without a slash' } });
  assert.equal((await get('/a')).body, 'ä');
  assert.equal((await get('//a')).body, 'ä');
  assert.equal((await get('/b/c')).body, 'without a slash');
  assert.equal((await get('/a', { range: 'bytes=0-0' })).status, 206);
});

test('the port comes from the range, and is free again after closing even with open connections', async () => {
  const { port } = await serve({ content: {}, portMin: 21_000, portMax: 29_000 });
  assert.ok(port >= 21_000 && port <= 29_000);
  const idle = connect(port, '127.0.0.1');
  await new Promise<void>((resolve) => idle.once('connect', () => resolve()));
  idle.on('error', () => {});
  await server!.close();
  await server!.close();
  assert.equal((await serve({ content: {}, portMin: port, portMax: port })).port, port);
});

test('a folder or an interface that does not exist is named', async () => {
  await assert.rejects(serve({ directory: join(folder, 'none') }), {
    code: 'file-missing',
    message: /http_directory/,
  });
  await assert.rejects(serve({ directory: join(folder, 'preseed.cfg') }), { code: 'file-missing' });
  await assert.rejects(serve({ content: {}, interface: 'nope0' }), { code: 'not-found', message: /"nope0"/ });
});
