import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseChecksum } from '../../plan/checksum.ts';
import { createImageResolver } from '../../sources/resolver.ts';
import { openStore } from '../../store/store.ts';
import { withPackerCache } from './packer-cache.ts';

const medium = Buffer.concat([Buffer.alloc(32_768), Buffer.from('\x01CD001\x01'), Buffer.alloc(4096)]);

function digest(algorithm: string, bytes: string | Buffer): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

const checksum = `sha256:${digest('sha256', medium)}`;

/** A cache of Packer's with one file in it, and a server that counts how often it is asked for the medium. */
async function makeBench(t: TestContext, name: string, content: Buffer) {
  const root = mkdtempSync(join(tmpdir(), 'kiln-packer-cache-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const cache = join(root, 'cache');
  mkdirSync(cache);
  writeFileSync(join(cache, name), content);
  let requests = 0;
  const server = createServer((_request, response) => {
    requests++;
    response.end(medium);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian.iso?x=1`;
  const images = withPackerCache(
    createImageResolver({
      store: openStore(join(root, 'home')),
      env: {},
      bootstrap: () => Promise.reject(new Error('no distribution is asked for')),
    }),
    { PACKER_CACHE_DIR: cache },
  );
  const resolve = async (sum: string) => {
    const ref = { kind: 'url', urls: [url], checksum: parseChecksum(sum) } as const;
    const image = await images.resolve(ref, { emit: () => {}, signal: new AbortController().signal });
    return { path: image.path.replace(root, ''), requests };
  };
  return { resolve, cache, url };
}

test('what Packer has downloaded under its checksum is not downloaded again', async (t) => {
  const name = `${digest('sha1', checksum)}.iso`;
  const { resolve, cache } = await makeBench(t, name, medium);
  assert.deepEqual(await resolve(checksum), { path: `/cache/${name}`, requests: 0 });
  assert.deepEqual(readdirSync(cache), [name], 'nothing is written there');
});

test('a checksum without its kind names a file, too', async (t) => {
  const name = `${digest('sha1', digest('sha256', medium))}.iso`;
  const { resolve } = await makeBench(t, name, medium);
  assert.deepEqual(await resolve(checksum), { path: `/cache/${name}`, requests: 0 });
});

test('a file that is not what its checksum promises is downloaded', async (t) => {
  const { resolve } = await makeBench(t, `${digest('sha1', checksum)}.iso`, medium.subarray(0, 34_000));
  const { path, requests } = await resolve(checksum);
  assert.match(path, /^\/home\//);
  assert.equal(requests, 1);
});

test('another file in the cache means nothing', async (t) => {
  const { resolve } = await makeBench(t, `${digest('sha1', 'something else')}.iso`, medium);
  assert.equal((await resolve(checksum)).requests, 1);
});
