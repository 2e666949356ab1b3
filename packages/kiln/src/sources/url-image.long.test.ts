import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { KilnEvent } from '../base/events.ts';
import { parseChecksum } from '../plan/checksum.ts';
import type { UrlImage } from '../plan/image-ref.ts';
import { openStore, type Store } from '../store/store.ts';
import type { LocalImage } from './image-resolver.ts';
import { createImageResolver } from './resolver.ts';
import { type Handler, type Serving, serve, startServer, type TestServer } from './test-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kiln-url-'));
const servers: TestServer[] = [];
after(async () => {
  for (const server of servers) await server.close();
  rmSync(folder, { recursive: true, force: true });
});

let count = 0;
function freshStore(): Store {
  return openStore(join(folder, `home-${count++}`));
}

async function start(handler: Handler): Promise<TestServer> {
  const server = await startServer(handler);
  servers.push(server);
  return server;
}

/** Answers the requests one after the other as told, and the last way ever after. */
function inTurn(...ways: Serving[]): Handler {
  let turn = 0;
  return (request, response) => serve(request, response, ways[Math.min(turn++, ways.length - 1)]!);
}

const content = randomBytes(600 * 512);
const sha256 = digest(content);

function digest(bytes: Uint8Array, algorithm = 'sha256'): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

interface Wish {
  readonly store?: Store;
  readonly checksum?: string;
  readonly targetPath?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly events?: KilnEvent[];
  readonly signal?: AbortSignal;
  readonly stallTimeout?: number;
}

async function fetchImage(urls: string | string[], wish: Wish = {}): Promise<LocalImage> {
  const { store = freshStore(), checksum = `sha256:${sha256}`, targetPath, env = {}, events } = wish;
  const resolver = createImageResolver({
    store,
    env,
    bootstrap: () => Promise.reject(new Error('not asked for')),
    timing: { stallTimeout: wish.stallTimeout ?? 20_000, retryDelay: 1 },
  });
  const image: UrlImage = {
    kind: 'url',
    urls: [urls].flat(),
    checksum: parseChecksum(checksum),
    ...(targetPath && { targetPath }),
  };
  return resolver.resolve(image, {
    emit: (event) => events?.push(event),
    signal: wish.signal ?? new AbortController().signal,
  });
}

/** Files of unfinished downloads. */
function parts(store: Store): string[] {
  return readdirSync(store.layout.downloads).filter((name) => name.includes('.part'));
}

test('a download is compared, kept read-only under its digest, and not fetched again', async () => {
  const server = await start(inTurn({ content }));
  const store = freshStore();
  const events: KilnEvent[] = [];
  const image = await fetchImage(`${server.origin}/disk.img`, { store, events });
  assert.deepEqual(image, {
    path: join(store.layout.downloads, `sha256-${sha256}.data`),
    format: 'raw',
    digest: sha256,
    virtualSize: content.length,
    seeded: false,
  });
  assert.ok(readFileSync(image.path).equals(content));
  assert.equal(statSync(image.path).mode & 0o777, 0o444);
  assert.deepEqual(events.filter((event) => event.kind === 'progress').at(-1), {
    kind: 'progress',
    label: 'downloading disk.img',
    done: content.length,
    total: content.length,
    unit: 'bytes',
  });
  await server.close();
  assert.deepEqual(await fetchImage(`${server.origin}/other-name.img`, { store }), image);
  assert.deepEqual(server.requests, ['GET /disk.img']);
  assert.deepEqual(parts(store), []);
});

test('every algorithm compares', async () => {
  const server = await start(inTurn({ content }));
  for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
    const hex = digest(content, algorithm);
    const image = await fetchImage(`${server.origin}/disk.img`, { checksum: hex });
    assert.equal(image.digest, sha256, algorithm);
    const wrong = hex.replace(/^./, (first) => (first === '0' ? '1' : '0'));
    await assert.rejects(fetchImage(`${server.origin}/disk.img`, { checksum: `${algorithm}:${wrong}` }), {
      code: 'checksum-mismatch',
      message: new RegExp(`${hex}.*${wrong}`),
    });
  }
});

test('a refused file is removed', async () => {
  const server = await start(inTurn({ content }));
  const store = freshStore();
  await assert.rejects(fetchImage(`${server.origin}/disk.img`, { store, checksum: 'a'.repeat(64) }), {
    code: 'checksum-mismatch',
  });
  assert.deepEqual(readdirSync(store.layout.downloads), []);
});

test('a broken download goes on where it broke off', async () => {
  const server = await start(
    inTurn(
      { content, etag: '"v1"', breakAfter: 100_000 },
      { content, etag: '"v1"', breakAfter: 50_000 },
      { content, etag: '"v1"' },
    ),
  );
  const store = freshStore();
  const image = await fetchImage(`${server.origin}/disk.img`, { store, checksum: 'none' });
  assert.ok(readFileSync(image.path).equals(content));
  assert.deepEqual(server.requests, [
    'GET /disk.img',
    'GET /disk.img bytes=100000- "v1"',
    'GET /disk.img bytes=150000- "v1"',
  ]);
  assert.deepEqual(parts(store), []);
});

test('without ranges, a broken download begins anew', async () => {
  const way = { content, ranges: false, etag: '"v1"' };
  const server = await start(inTurn({ ...way, breakAfter: 100_000 }, way));
  const image = await fetchImage(`${server.origin}/disk.img`);
  assert.ok(readFileSync(image.path).equals(content));
  assert.equal(server.requests.length, 2);
});

test('without validator and checksum, nothing is put together from pieces', async () => {
  const server = await start(inTurn({ content, breakAfter: 100_000 }, { content }));
  const image = await fetchImage(`${server.origin}/disk.img`, { checksum: 'none' });
  assert.ok(readFileSync(image.path).equals(content));
  assert.deepEqual(server.requests, ['GET /disk.img', 'GET /disk.img']);
});

test('a file that changes during the download is fetched whole in its new form', async () => {
  const changed = randomBytes(400 * 512);
  for (const ignoreIfRange of [false, true]) {
    const server = await start(
      inTurn(
        { content, etag: '"v1"', breakAfter: 100_000 },
        { content: changed, etag: '"v2"', ignoreIfRange },
      ),
    );
    const image = await fetchImage(`${server.origin}/disk.img`, { checksum: 'none' });
    assert.ok(readFileSync(image.path).equals(changed), `ignoring If-Range: ${ignoreIfRange}`);
  }
});

test('pieces of two versions do not pass as the file: it is fetched again in one piece', async () => {
  const other = randomBytes(600 * 512);
  const server = await start(inTurn({ content: other, breakAfter: 100_000 }, { content }));
  const image = await fetchImage(`${server.origin}/disk.img`);
  assert.ok(readFileSync(image.path).equals(content));
  assert.deepEqual(server.requests, ['GET /disk.img', 'GET /disk.img bytes=100000-', 'GET /disk.img']);
});

test('a server that claims more than it sends is given up, unless it corrects itself', async () => {
  const way = { content, lengthLie: 1000, etag: '"v1"' };
  const liar = await start(inTurn({ ...way, ranges: false }));
  await assert.rejects(fetchImage(`${liar.origin}/disk.img`, { checksum: 'none' }), {
    code: 'download-failed',
    hint: /goes on where it broke off/,
  });
  assert.equal(liar.requests.length, 5);
  const server = await start(inTurn(way));
  const image = await fetchImage(`${server.origin}/disk.img`, { checksum: 'none' });
  assert.ok(readFileSync(image.path).equals(content));
  assert.deepEqual(server.requests, ['GET /disk.img', 'GET /disk.img bytes=307200- "v1"']);
});

test('a server that claims less than the file has does not get by', async () => {
  const server = await start((_, response) => {
    response.socket!.end(
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n'), content]),
    );
  });
  await assert.rejects(fetchImage(`${server.origin}/disk.img`), { code: 'checksum-mismatch' });
});

test('a silent server is noticed', async () => {
  const server = await start(inTurn({ content, etag: '"v1"', stallAfter: 1000 }, { content, etag: '"v1"' }));
  const image = await fetchImage(`${server.origin}/disk.img`, { stallTimeout: 300 });
  assert.ok(readFileSync(image.path).equals(content));
  const mute = await start(() => {});
  await assert.rejects(fetchImage(`${mute.origin}/disk.img`, { stallTimeout: 50 }), {
    code: 'download-failed',
    message: /nothing came for 0.05 s/,
  });
});

test('an overloaded server is asked again, a missing file is not', async () => {
  let busy = 2;
  const server = await start((request, response) => {
    if (busy-- > 0) response.writeHead(503, { 'retry-after': '0' }).end();
    else serve(request, response, { content });
  });
  await fetchImage(`${server.origin}/disk.img`);
  assert.equal(server.requests.length, 3);
  const missing = await start((_, response) => void response.writeHead(404).end());
  await assert.rejects(fetchImage(`${missing.origin}/disk.img?token=secret`), {
    code: 'download-failed',
    message: `${missing.origin}/disk.img answers 404 Not Found`,
  });
  assert.equal(missing.requests.length, 1);
});

test('without a checksum the server is asked whether the file changed', async () => {
  const server = await start(inTurn({ content, etag: '"v1"' }));
  const store = freshStore();
  const wish = { store, checksum: 'none' };
  const url = `${server.origin}/disk.img`;
  const first = await fetchImage(url, wish);
  assert.deepEqual(await fetchImage(url, wish), first);
  assert.equal(server.headers[1]!['if-none-match'], '"v1"');
  const changed = randomBytes(1024);
  server.handler = inTurn({ content: changed, etag: '"v2"' });
  const second = await fetchImage(url, wish);
  assert.equal(second.digest, digest(changed));
  assert.ok(readFileSync(second.path).equals(changed));
  await server.close();
  const events: KilnEvent[] = [];
  assert.deepEqual(await fetchImage(url, { ...wish, events }), second);
  assert.match(JSON.stringify(events), /cannot be asked .* using what was downloaded before/);
});

test('a cached file that was changed behind our back is fetched again', async () => {
  const server = await start(inTurn({ content, lastModified: 'Mon, 02 Jan 2006 15:04:05 GMT' }));
  for (const checksum of ['none', sha256]) {
    const store = freshStore();
    const { path } = await fetchImage(`${server.origin}/disk.img`, { store, checksum });
    rmSync(path);
    writeFileSync(path, Buffer.concat([content.subarray(1), Buffer.from('x')]));
    const image = await fetchImage(`${server.origin}/disk.img`, { store, checksum });
    assert.ok(readFileSync(image.path).equals(content), checksum);
  }
});

test('the next URL is tried, and when all fail each says why', async () => {
  const missing = await start((_, response) => void response.writeHead(404).end());
  const wrong = await start(inTurn({ content: randomBytes(1000) }));
  const good = await start(inTurn({ content }));
  const bad = [`${missing.origin}/a.img`, `${wrong.origin}/b.img`, join(folder, 'c.img')];
  const store = freshStore();
  const image = await fetchImage([...bad, `${good.origin}/d.img`], { store });
  assert.ok(readFileSync(image.path).equals(content));
  await assert.rejects(fetchImage(bad), {
    code: 'checksum-mismatch',
    message: /none of 3 URLs gave the image: .*a.img answers 404.*b.img has the sha256 digest.*c.img/,
  });
});

test('a mirror completes what another one began', async () => {
  const first = await start(inTurn({ content, breakAfter: 200_000, etag: '"a"' }));
  const store = freshStore();
  const begin = fetchImage(`${first.origin}/disk.img`, { store });
  first.handler = (_, response) => void response.socket!.destroy();
  // The first request may have been answered already by the old handler or not: both are a broken mirror.
  await assert.rejects(begin, { code: 'download-failed' });
  writeFileSync(join(store.layout.downloads, `sha256-${sha256}.part`), content.subarray(0, 200_000));
  writeFileSync(
    join(store.layout.downloads, `sha256-${sha256}.part.json`),
    JSON.stringify({ url: `${first.origin}/disk.img`, source: 'another', etag: '"a"' }),
  );
  const second = await start(inTurn({ content, etag: '"b"' }));
  const image = await fetchImage([`${first.origin}/disk.img`, `${second.origin}/disk.img`], { store });
  assert.ok(readFileSync(image.path).equals(content));
  assert.deepEqual(second.requests, ['GET /disk.img bytes=200000-']);
});

test('redirects are followed, but not for ever, and passwords stay with their host', async () => {
  const target = await start(inTurn({ content }));
  const server = await start((request, response) => {
    const location =
      request.url === '/a' ? '/b' : request.url === '/b' ? `${target.origin}/disk.img` : request.url;
    response.writeHead(302, { location }).end();
  });
  const secret = server.origin.replace('//', '//me:pass@');
  await fetchImage(`${secret}/a`);
  const basic = `Basic ${Buffer.from('me:pass').toString('base64')}`;
  assert.deepEqual(
    server.headers.map((headers) => headers.authorization),
    [basic, basic],
  );
  assert.deepEqual(
    target.headers.map((headers) => headers.authorization),
    [undefined],
  );
  await assert.rejects(fetchImage(`${secret}/loop`), (error: Error) => {
    assert.match(error.message, /redirects without end/);
    assert.doesNotMatch(error.message, /pass/);
    return true;
  });
  server.handler = (_, response) => void response.writeHead(301, { location: 'file:///etc/passwd' }).end();
  await assert.rejects(fetchImage(`${server.origin}/x`), {
    code: 'download-failed',
    message: /file:\/\/\/etc\/passwd/,
  });
});

test('a proxy of the environment is used, but not for hosts that it names as exceptions', async () => {
  const server = await start(inTurn({ content }));
  const proxy = await start((request, response) => {
    assert.equal(request.url, `http://images.example/disk.img`);
    serve(request, response, { content });
  });
  const env = { HTTP_PROXY: proxy.origin, NO_PROXY: '127.0.0.1' };
  await fetchImage('http://images.example/disk.img', { env });
  assert.equal(proxy.requests.length, 1);
  await fetchImage(`${server.origin}/disk.img`, { env });
  assert.equal(proxy.requests.length, 1);
  assert.equal(server.requests.length, 1);
});

test('checksum files are fetched, and the line of the file counts', async () => {
  const sums = `${'0'.repeat(64)}  other.img\n${sha256}  disk.img\n`;
  const server = await start((request, response) => {
    if (request.url === '/v1/SUMS') response.end(sums);
    else serve(request, response, { content });
  });
  const image = await fetchImage(`${server.origin}/v1/disk.img`, {
    checksum: `file:${server.origin}/v1/SUMS`,
  });
  assert.equal(image.digest, sha256);
  const local = join(folder, 'local-sums');
  writeFileSync(local, `SHA256 (disk.img) = ${sha256}\n`);
  await fetchImage(`${server.origin}/v1/disk.img`, { checksum: `file:${local}` });
  await fetchImage(`${server.origin}/v1/disk.img`, { checksum: `file:file://${local}` });
  await assert.rejects(
    fetchImage(`${server.origin}/v1/unlisted.img`, { checksum: `file:${server.origin}/v1/SUMS` }),
    { code: 'checksum-mismatch', message: /has no checksum for unlisted.img/, hint: /other.img, disk.img/ },
  );
  await assert.rejects(fetchImage(`${server.origin}/v1/disk.img`, { checksum: `file:${folder}/none` }), {
    code: 'file-missing',
  });
});

test('a checksum in the URL wins over the one beside it', async () => {
  const server = await start(inTurn({ content }));
  await fetchImage(`${server.origin}/disk.img?checksum=sha256:${sha256}`, { checksum: 'f'.repeat(64) });
  assert.deepEqual(server.requests, ['GET /disk.img']);
});

test('paths and file URLs in the list are used where they are', async () => {
  const path = join(folder, 'here.img');
  writeFileSync(path, content);
  for (const url of [path, `file://${path}`]) {
    const image = await fetchImage(url);
    assert.equal(image.path, path);
    await assert.rejects(fetchImage(url, { checksum: 'a'.repeat(64) }), { code: 'checksum-mismatch' });
  }
});

test('a target path receives the file, and one that is right already is kept', async () => {
  const server = await start(inTurn({ content }));
  const store = freshStore();
  const targetPath = join(folder, 'new-folder', 'mine.img');
  const image = await fetchImage(`${server.origin}/disk.img`, { store, targetPath });
  assert.equal(image.path, targetPath);
  assert.ok(readFileSync(targetPath).equals(content));
  assert.equal(statSync(targetPath).mode & 0o777, 0o644);
  await fetchImage(`${server.origin}/disk.img`, { store, targetPath });
  await fetchImage(`${server.origin}/disk.img`, { targetPath });
  assert.equal(server.requests.length, 1);
  writeFileSync(targetPath, 'something else');
  await fetchImage(`${server.origin}/disk.img`, { store, targetPath });
  assert.ok(readFileSync(targetPath).equals(content));
  await assert.rejects(fetchImage(`${server.origin}/disk.img`, { targetPath: folder }), {
    code: 'file-missing',
  });
});

test('compressed disks are unpacked, once, and checked before that', async () => {
  const raw = Buffer.concat([randomBytes(200 * 512), Buffer.alloc(10_000 * 512), randomBytes(140 * 512)]);
  const path = join(folder, 'plain.raw');
  writeFileSync(path, raw);
  for (const program of ['gzip', 'xz', 'zstd', 'bzip2']) {
    const packed = execFileSync(program, ['-c', path], { maxBuffer: 1 << 28 });
    const server = await start(inTurn({ content: packed }));
    const store = freshStore();
    const wish = { store, checksum: digest(packed) };
    const image = await fetchImage(`${server.origin}/disk`, wish);
    assert.equal(image.digest, digest(raw), program);
    assert.equal(image.virtualSize, raw.length);
    assert.ok(readFileSync(image.path).equals(raw), program);
    assert.ok(statSync(image.path).blocks * 512 < 1_000_000, `${program}: the empty part is a hole`);
    await server.close();
    assert.deepEqual(await fetchImage(`${server.origin}/disk`, wish), image);
    const damaged = await start(inTurn({ content: packed.subarray(0, packed.length - 1000) }));
    const broken = freshStore();
    await assert.rejects(fetchImage(`${damaged.origin}/disk`, { store: broken, checksum: 'none' }), {
      code: 'file-unsafe',
      message: new RegExp(`is damaged: its ${program} data`),
    });
    assert.ok(
      !readdirSync(broken.layout.downloads).some(
        (name) => name.startsWith('unpacked-') && name.endsWith('.disk'),
      ),
    );
    assert.deepEqual(readdirSync(broken.layout.runs), []);
  }
});

test('with archive=false compressed data is left alone', async () => {
  const compressed = execFileSync('gzip', ['-c'], { input: content });
  const packed = Buffer.concat([compressed, Buffer.alloc(512 - (compressed.length % 512))]);
  const server = await start(inTurn({ content: packed }));
  const image = await fetchImage(`${server.origin}/disk.gz?archive=false`, { checksum: digest(packed) });
  assert.ok(readFileSync(image.path).equals(packed));
});

test('a downloaded image that names other files is refused', async () => {
  const path = join(folder, 'evil');
  execFileSync('qemu-img', [
    'create',
    '-q',
    '-u',
    '-f',
    'qcow2',
    '-b',
    '/etc/shadow',
    '-F',
    'raw',
    path,
    '8M',
  ]);
  const server = await start(inTurn({ content: readFileSync(path) }));
  await assert.rejects(fetchImage(`${server.origin}/disk.qcow2`, { checksum: 'none' }), {
    code: 'file-unsafe',
    message: /names another file, "\/etc\/shadow", as its backing file/,
  });
});

test('a cancelled download ends at once, and what came is built upon', async () => {
  const store = freshStore();
  const abort = new AbortController();
  const server = await start((request, response) => {
    serve(request, response, { content, etag: '"v1"', stallAfter: 100_000 });
    const poll = setInterval(() => {
      const part = join(store.layout.downloads, `sha256-${sha256}.part`);
      if (existsSync(part) && statSync(part).size === 100_000) {
        clearInterval(poll);
        abort.abort();
      }
    }, 5);
  });
  await assert.rejects(fetchImage(`${server.origin}/disk.img`, { store, signal: abort.signal }), {
    code: 'cancelled',
  });
  assert.deepEqual(readdirSync(store.layout.locks), []);
  server.handler = inTurn({ content, etag: '"v1"' });
  await fetchImage(`${server.origin}/disk.img`, { store });
  assert.equal(server.requests[1], 'GET /disk.img bytes=100000- "v1"');
});

const child = `
  const [home, url, checksum] = process.argv.slice(1);
  const { openStore } = await import(${JSON.stringify(new URL('../store/store.ts', import.meta.url).href)});
  const { createImageResolver } = await import(${JSON.stringify(new URL('./resolver.ts', import.meta.url).href)});
  const { parseChecksum } = await import(${JSON.stringify(new URL('../plan/checksum.ts', import.meta.url).href)});
  const resolver = createImageResolver({ store: openStore(home), env: {}, bootstrap: () => {} });
  const image = { kind: 'url', urls: [url], checksum: parseChecksum(checksum) };
  const found = await resolver.resolve(image, { emit() {}, signal: new AbortController().signal });
  console.log(found.path);
`;

function inAnotherProcess(store: Store, url: string, checksum: string) {
  const process_ = spawn(process.execPath, ['--input-type=module', '-e', child, store.home, url, checksum], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  process_.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = new Promise<string>((resolve) => process_.once('close', () => resolve(out.trim())));
  return { process: process_, ended };
}

test('of several that want the same file one downloads and the others wait', async () => {
  const server = await start((request, response) => {
    setTimeout(() => serve(request, response, { content }), 100);
  });
  const store = freshStore();
  const url = `${server.origin}/disk.img`;
  const others = [inAnotherProcess(store, url, sha256), inAnotherProcess(store, url, sha256)];
  const own = await Promise.all([fetchImage(url, { store }), fetchImage(url, { store })]);
  const paths = [...own.map((image) => image.path), ...(await Promise.all(others.map((one) => one.ended)))];
  assert.equal(new Set(paths).size, 1);
  assert.equal(server.requests.length, 1);
});

test('what a killed command has downloaded is built upon', async () => {
  const server = await start(inTurn({ content, etag: '"v1"', stallAfter: 100_000 }));
  const store = freshStore();
  const url = `${server.origin}/disk.img`;
  const { process: victim, ended } = inAnotherProcess(store, url, 'none');
  const part = () => readdirSync(store.layout.downloads).find((name) => name.endsWith('.part'));
  while (
    !existsSync(store.layout.downloads) ||
    !part() ||
    statSync(join(store.layout.downloads, part()!)).size < 100_000
  )
    await new Promise((resolve) => setTimeout(resolve, 10));
  victim.kill('SIGKILL');
  await ended;
  server.handler = inTurn({ content, etag: '"v1"' });
  const image = await fetchImage(url, { store, checksum: 'none' });
  assert.ok(readFileSync(image.path).equals(content));
  assert.equal(server.requests[1], 'GET /disk.img bytes=100000- "v1"');
});
