import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fetchFiles } from './fetch-files.ts';
import { isForbidden } from './forbidden-address.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kiln-fetch-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function serve(t: TestContext, listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

function fetch(customizer: object, to: string, allowed: readonly string[] = []) {
  const template = { properties: { customize: [customizer] } };
  const rules = { allowed, refusePrivate: false };
  return fetchFiles(template, to, rules, new AbortController().signal, () => {}) as Promise<typeof template>;
}

test('addresses of the own host and its links are forbidden in every notation, private ones when asked', () => {
  const never = [
    ...[
      '127.0.0.1',
      '127.8.8.8',
      '0.0.0.0',
      '169.254.169.254',
      '::1',
      '::',
      '[::1]',
      'fe80::1',
      'fe80::1%eth0',
    ],
    ...['::ffff:127.0.0.1', '::ffff:7f00:1', '::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::', '224.0.0.1'],
    ...['::ffff:169.254.169.254', 'ff02::1', '255.255.255.255', 'nonsense', ''],
  ];
  for (const address of never) assert.ok(isForbidden(address, { refusePrivate: false }), address);
  const inner = ['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd00::1', '::ffff:10.0.0.1'];
  for (const address of inner) {
    assert.equal(isForbidden(address, { refusePrivate: false }), false, address);
    assert.ok(isForbidden(address, { refusePrivate: true }), address);
  }
  for (const address of ['8.8.8.8', '2606:4700::1111', '172.32.0.1', '64:ff9b::808:808']) {
    assert.equal(isForbidden(address, { refusePrivate: true }), false, address);
  }
});

test('files of this host cannot be reached by address, by name, by redirection, or by path', async (t) => {
  const to = folder(t);
  let asked = 0;
  const inner = await serve(t, (_request, reply) => {
    asked++;
    reply.end('secret');
  });
  const outer = await serve(t, (_request, reply) => {
    reply.writeHead(302, { location: `http://127.0.0.1:${inner}/` }).end();
  });
  const forms = [
    `http://127.0.0.1:${inner}/a`,
    `http://2130706433:${inner}/a`,
    `http://0x7f.1:${inner}/a`,
    `http://localhost:${inner}/a`,
    `http://[::ffff:127.0.0.1]:${inner}/a`,
    'http://169.254.169.254/latest/meta-data',
  ];
  for (const scriptUri of forms) {
    await assert.rejects(fetch({ type: 'Shell', scriptUri }, to), {
      code: 'download-failed',
      message: /may not reach/,
    });
  }
  await assert.rejects(
    fetch({ type: 'Shell', scriptUri: `http://127.0.0.1:${outer}/` }, to, [`127.0.0.1:${outer}`]),
    { message: /customize\[0\]\.scriptUri: templates may not reach 127\.0\.0\.1/ },
  );
  for (const sourceUri of ['/etc/passwd', 'file:///etc/passwd', 'ftp://example.org/x', 'passwd']) {
    await assert.rejects(fetch({ type: 'File', sourceUri, destination: '/tmp/x' }, to), {
      code: 'unsupported',
    });
  }
  assert.equal(asked, 0);
});

test('files that are allowed are fetched, compared with their checksums, and named in the template', async (t) => {
  const to = folder(t);
  const port = await serve(t, (_request, reply) => reply.end('echo hello\n'));
  const sha256Checksum = createHash('sha256').update('echo hello\n').digest('hex');
  const scriptUri = `http://localhost:${port}/..%2f..%2fsetup.sh?sig=abcdef`;
  for (const allowed of [['localhost'], [`localhost:${port}`]]) {
    const { properties } = await fetch({ type: 'Shell', scriptUri, sha256Checksum }, to, allowed);
    const { scriptUri: file } = properties.customize[0] as { scriptUri: string };
    assert.ok(file.startsWith(`${to}/`), file);
    assert.equal(readFileSync(file, 'utf8'), 'echo hello\n');
  }
  const wrong = { type: 'Shell', scriptUri, sha256Checksum: sha256Checksum.replace(/^./, 'f') };
  await assert.rejects(fetch({ ...wrong, sha256Checksum: '0'.repeat(64) }, to, ['localhost']), {
    code: 'checksum-mismatch',
  });
});
