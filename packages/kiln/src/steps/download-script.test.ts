import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { downloadScript } from './download-script.ts';

const script = '#!/bin/sh\necho hi\n';
const sha384 = createHash('sha384').update(script).digest('hex');
let failures = 0;
const server = createServer((request, response) => {
  if (request.url === '/shaky.sh' && failures++ < 2) response.writeHead(503).end();
  else if (request.url === '/missing.sh') response.writeHead(404).end();
  else response.end(script);
});
let base = '';

before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());

const signal = new AbortController().signal;

test('a script is fetched, its digest compared, and told by its name', async () => {
  const digests = [{ algorithm: 'sha384', hex: sha384 }] as const;
  const got = await downloadScript({ url: `${base}/get/it.sh?x=1`, digests }, signal);
  assert.equal(got.label, 'script it.sh');
  assert.equal(got.bytes.toString(), script);
});

test('another script than the one that was meant is not run', async () => {
  const digests = [{ algorithm: 'md5', hex: '00' }] as const;
  await assert.rejects(downloadScript({ url: `${base}/a.sh`, digests }, signal), {
    code: 'checksum-mismatch',
  });
});

test('a server that is busy is asked again; what is not there is said', async () => {
  const got = await downloadScript({ url: `${base}/shaky.sh`, digests: [] }, signal);
  assert.equal(got.bytes.toString(), script);
  await assert.rejects(downloadScript({ url: `${base}/missing.sh`, digests: [] }, signal), {
    code: 'download-failed',
  });
  await assert.rejects(downloadScript({ url: 'ftp://example.com/a.sh', digests: [] }, signal), {
    code: 'unsupported',
  });
});
