import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import type { BoxDownload } from '../../plan/image-ref.ts';
import { isInstalled } from '../../store/boxes/testing.ts';
import { addBox } from './add-box.ts';
import { boxBench, makeBox } from './testing.ts';

/** A certificate that signs itself, with its key. */
function makeCertificate(folder: string, name: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  execFileSync('openssl', ['req', ...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'pipe' });
  return { cert, key };
}

async function bench(t: TestContext) {
  const { root, services } = boxBench(t);
  const { bytes } = makeBox(root, 'one.box');
  const server = makeCertificate(root, 'server');
  const client = makeCertificate(root, 'client');
  const clients: (string | undefined)[] = [];
  const options = {
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    ca: readFileSync(client.cert),
    requestCert: true,
    rejectUnauthorized: false,
  };
  const https = createServer(options, (request, response) => {
    clients.push((request.socket as TLSSocket).getPeerCertificate().subject?.CN as string | undefined);
    response.end(bytes);
  });
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    https.closeAllConnections();
    https.close();
  });
  const { port } = https.address() as AddressInfo;
  const add = (download: BoxDownload) =>
    addBox(services, {
      sources: [`https://127.0.0.1:${port}/one.box`],
      name: 'one',
      providers: [],
      download,
      folder: root,
      force: true,
    });
  return { root, server, client, clients, add };
}

const skip = (await isInstalled('openssl')) ? false : 'there is no openssl here';

test('a server is trusted when its certificate is, or when that is asked for', { skip }, async (t) => {
  const { root, server, add } = await bench(t);
  await assert.rejects(add({}), { code: 'download-failed', message: /certificate/ });
  await add({ insecure: true });
  await add({ caFile: server.cert });
  const folder = join(root, 'authorities');
  mkdirSync(folder);
  await assert.rejects(add({ caFolder: folder }), { code: 'download-failed' });
  copyFileSync(server.cert, join(folder, '0a1b2c3d.0'));
  writeFileSync(join(folder, 'README'), 'no certificate');
  await add({ caFolder: folder });
});

test('a server that asks who is there is shown the certificate', { skip }, async (t) => {
  const { root, client, clients, add } = await bench(t);
  const both = join(root, 'both.pem');
  writeFileSync(both, readFileSync(client.cert, 'utf8') + readFileSync(client.key, 'utf8'));
  await add({ insecure: true, clientCertificate: both });
  assert.deepEqual(clients, ['client', 'client']);
  await assert.rejects(add({ insecure: true, clientCertificate: join(root, 'gone') }), {
    code: 'file-missing',
  });
});
