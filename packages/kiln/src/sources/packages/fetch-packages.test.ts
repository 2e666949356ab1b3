import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { KilnError } from '../../base/errors.ts';
import type { LockedPackage } from '../../plan/locked-package.ts';
import { storeLayout } from '../../store/home.ts';
import { openStore } from '../../store/store.ts';
import { cachedFile } from '../digest-cache.ts';
import { serve, startServer, type TestServer } from '../test-server.ts';
import type { FetchOptions } from './fetch-by-digest.ts';
import { fetchPackages } from './fetch-packages.ts';

let server: TestServer;
let folder: string;
let home: string;
let files: Map<string, Buffer>;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kiln-fetch-'));
  const settings = join(folder, 'no-settings.conf');
  writeFileSync(settings, 'Dir::Etc::parts "/dev/null";\nDir::Etc::main "/dev/null";\n');
  process.env['APT_CONFIG'] = settings;
  server = await startServer(() => {});
});
beforeEach(() => {
  home = mkdtempSync(join(folder, 'home-'));
  files = new Map();
  server.requests.length = 0;
  server.handler = (request, response) => {
    const content = files.get(request.url!);
    if (content) serve(request, response, { content, etag: '"1"' });
    else response.writeHead(404).end();
  };
});
after(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

function locked(name: string, content: string, ...urls: string[]): LockedPackage {
  return {
    ...{ name, version: '1', architecture: 'amd64', size: Buffer.byteLength(content) },
    ...{ sha256: createHash('sha256').update(content).digest('hex'), urls },
  };
}

/** A package that the server has at a path. */
function served(name: string, content = `content of ${name}`): LockedPackage {
  files.set(`/${name}`, Buffer.from(content));
  return locked(name, content, `${server.origin}/${name}`);
}

const fetch = (packages: readonly LockedPackage[], options: Partial<FetchOptions> = {}) =>
  fetchPackages(packages, {
    ...{ home, signal: new AbortController().signal, aptFolder: join(folder, 'none') },
    ...{ env: {}, timing: { stallTimeout: 5000, retryDelay: 1 } },
    ...options,
  });
const contentOf = (one: LockedPackage) => readFileSync(cachedFile(storeLayout(home), one.sha256), 'utf8');

test('packages are downloaded once, and told how far it is', async () => {
  const packages = ['a', 'b', 'c'].map((name) => served(name));
  const progress: number[][] = [];
  const stages: string[] = [];
  await fetch([...packages, packages[0]!], {
    onProgress: (...one) => progress.push(one),
    onStage: (phrase) => stages.push(phrase),
  });
  assert.deepEqual(packages.map(contentOf), ['content of a', 'content of b', 'content of c']);
  assert.deepEqual(stages, ['downloading 3 files (36 B)']);
  assert.deepEqual(progress.at(-1), [36, 36]);
  assert.equal(server.requests.length, 3);
  await fetch(packages);
  assert.equal(server.requests.length, 3);
  assert.deepEqual(
    readdirSync(storeLayout(home).downloads).filter((name) => /part|json|tmp/.test(name)),
    [],
  );
});

test('two commands that want the same package download it once', async () => {
  const one = served('a', 'x'.repeat(100_000));
  await Promise.all([fetch([one]), fetch([one])]);
  assert.equal(server.requests.length, 1);
});

test('a download that breaks off goes on where it was', async () => {
  const content = 'y'.repeat(300_000);
  const one = served('a', content);
  let answers = 0;
  server.handler = (request, response) =>
    serve(request, response, {
      content: Buffer.from(content),
      etag: '"1"',
      ...(answers++ === 0 && { breakAfter: 100_000 }),
    });
  await fetch([one]);
  assert.equal(contentOf(one), content);
  assert.match(server.requests[1]!, /bytes=\d+-/);
});

test('what is damaged in the cache is fetched again', async () => {
  const one = served('a');
  await fetch([one]);
  const path = cachedFile(storeLayout(home), one.sha256);
  rmSync(path);
  writeFileSync(path, 'CONTENT of a');
  await fetch([one]);
  assert.equal(contentOf(one), 'content of a');
});

test('a package that an archive has no more is looked for in the next, also in files', async () => {
  const one = served('a');
  const local = join(folder, 'local file');
  writeFileSync(local, 'local');
  const two = locked('b', 'local', `${server.origin}/gone`, new URL(`file://${local}`).href);
  await fetch([{ ...one, urls: [`${server.origin}/gone`, ...one.urls] }, two]);
  assert.deepEqual([contentOf(one), contentOf(two)], ['content of a', 'local']);
});

test('another content than the locked one is refused, and nothing of it is kept', async () => {
  const one = { ...served('a'), sha256: 'a'.repeat(64) };
  await assert.rejects(fetch([one]), (error: KilnError) => {
    assert.equal(error.code, 'checksum-mismatch');
    assert.match(
      error.message,
      /^a 1 is not what it should be: http:.*\/a has the SHA-256 digest [0-9a-f]{64}, not aaa/,
    );
    assert.match(error.hint!, /kiln profile lock --update a/);
    return true;
  });
  assert.equal(existsSync(cachedFile(storeLayout(home), one.sha256)), false);
});

test('a package that nobody has is told with all that was tried', async () => {
  const one = locked('a', 'x', `${server.origin}/1`, `${server.origin}/2`, 'cdrom:/x');
  await assert.rejects(fetch([one]), (error: KilnError) => {
    assert.equal(error.code, 'download-failed');
    assert.match(
      error.message,
      /^a 1 could not be downloaded: .*\/1 answers 404.*; .*\/2 answers 404.*; cdrom:\/x is of a kind/,
    );
    return true;
  });
});

test('proxies and logins of this host’s apt are used', async () => {
  const settings = join(folder, 'proxy.conf');
  writeFileSync(
    settings,
    `Dir::Etc::parts "/dev/null";\nAcquire::http::Proxy "${server.origin}";\nAcquire::http::Proxy::direct.test "DIRECT";\n`,
  );
  const aptFolder = join(folder, 'apt');
  mkdirSync(join(aptFolder, 'auth.conf.d'), { recursive: true });
  const auth = '# of a test\nmachine http://private.test/repo login me password s3:cret\n';
  writeFileSync(join(aptFolder, 'auth.conf.d/private.conf'), auth);
  const before = process.env['APT_CONFIG'];
  process.env['APT_CONFIG'] = settings;
  try {
    files.set('http://private.test/repo/a', Buffer.from('through'));
    const one = locked('a', 'through', 'http://private.test/repo/a');
    server.headers.length = 0;
    await fetch([one], { aptFolder });
    assert.equal(contentOf(one), 'through');
    const login = server.headers.at(-1)!.authorization!.replace('Basic ', '');
    assert.equal(Buffer.from(login, 'base64').toString(), 'me:s3:cret');
    await assert.rejects(fetch([locked('b', 'b', 'http://direct.test/b')], { aptFolder }), {
      code: 'download-failed',
    });
    assert.equal(server.requests.length, 1, 'not by way of the proxy');
  } finally {
    process.env['APT_CONFIG'] = before;
  }
});

test('packages are pruned like other downloads', async () => {
  const one = served('a');
  await fetch([one]);
  const { downloads } = await openStore(home).prune({ downloadsUnusedFor: 0 });
  assert.deepEqual(downloads, [`sha256-${one.sha256}.data`, `sha256-${one.sha256}.used`]);
});
