import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fetchFile } from './fetch-file.ts';
import { serve, startServer } from './test-server.ts';

const content = Buffer.alloc(200_000, 'content\n');
const digest = createHash('sha256').update(content).digest('hex');

async function scene(t: TestContext, ways: readonly object[]) {
  const home = await mkdtemp(join(tmpdir(), 'kiln-fetch-'));
  let turn = 0;
  const server = await startServer((request, response) =>
    serve(request, response, { content, ...ways[Math.min(turn++, ways.length - 1)] }),
  );
  t.after(async () => {
    await server.close();
    await rm(home, { recursive: true });
  });
  const options = {
    home,
    env: {},
    signal: new AbortController().signal,
    timing: { stallTimeout: 2000, retryDelay: 1 },
  };
  return { home, server, options, url: `${server.origin}/file` };
}

test('a file is fetched once, and found by its digest from then on', async (t) => {
  const { server, options, url, home } = await scene(t, [{}]);
  const path = await fetchFile(url, digest, options);
  assert.deepEqual(await readFile(path), content);
  assert.equal((await stat(path)).mode & 0o222, 0);
  assert.equal(await fetchFile(`${url}-elsewhere`, digest, options), path);
  assert.equal(server.requests.length, 1);
  assert.deepEqual(
    (await readdir(join(home, 'downloads'))).filter((name) => name.includes('.part')),
    [],
  );
});

test('a connection that breaks is gone on with, and a damaged file fetched anew', async (t) => {
  const { server, options, url } = await scene(t, [
    { breakAfter: 70_000, ranges: true, etag: '"1"' },
    { ranges: true, etag: '"1"' },
  ]);
  const path = await fetchFile(url, digest, options);
  assert.deepEqual(await readFile(path), content);
  assert.equal(server.requests.length, 2);
  await rm(path);
  await writeFile(path, 'damaged');
  assert.deepEqual(await readFile(await fetchFile(url, digest, options)), content);
});

test('other content than was promised is an error that says what it is', async (t) => {
  const { options, url, home } = await scene(t, [{}]);
  const wrong = 'a'.repeat(64);
  await assert.rejects(fetchFile(url, wrong, options), {
    code: 'checksum-mismatch',
    message: new RegExp(`has sha256:${digest}`),
  });
  const local = join(home, 'local');
  await writeFile(local, content);
  assert.equal(await fetchFile(`file://${local}`, digest, options), local);
  await assert.rejects(fetchFile(`file://${local}`, wrong, options), { code: 'checksum-mismatch' });
  await assert.rejects(fetchFile(`file://${local}-none`, wrong, options), { code: 'file-missing' });
});
