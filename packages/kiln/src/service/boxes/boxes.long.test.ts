import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { isInstalled } from '../../store/boxes/testing.ts';
import { openGallery } from '../gallery/open-gallery.ts';
import { definition, makeGallery, makeImage, makeRun } from '../gallery/testing/test-gallery.ts';
import { startTestService, type TestService } from '../testing/test-service.ts';

const exec = promisify(execFile);

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'kiln-pushed-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A box of a few bytes. */
async function makeBox(
  to: string,
  text: string,
  metadata: object = { provider: 'libvirt' },
): Promise<string> {
  const content = join(to, `content-${text}`);
  await mkdir(content);
  await writeFile(join(content, 'metadata.json'), JSON.stringify(metadata));
  await writeFile(join(content, 'box.img'), text);
  const path = join(to, `${text}.box`);
  await exec('tar', ['-czf', path, '-C', content, './metadata.json', './box.img']);
  return path;
}

function push(service: TestService, path: string, name: string, version: string, more = '', token?: string) {
  const body = readFileSync(path);
  const sha256 = createHash('sha256').update(body).digest('hex');
  return service.request('POST', `/api/v1/boxes/${name}/versions/${version}?sha256=${sha256}${more}`, {
    body,
    headers: { 'content-type': 'application/octet-stream' },
    ...(token !== undefined && { token }),
  });
}

interface Catalogue {
  readonly versions: readonly {
    readonly version: string;
    readonly providers: readonly { readonly url: string; readonly checksum: string }[];
  }[];
}

test('a box that is pushed is in a catalogue with its checksum, the newest version first', async (t) => {
  await using service = await startTestService();
  const files = await folder(t);
  for (const version of ['1.9.0', '1.10.0']) {
    const pushed = await push(service, await makeBox(files, version), 'team/web', version, '&private=false');
    assert.equal(pushed.status, 201);
  }
  const { body } = await service.request('GET', '/boxes/Team/WEB', { token: null });
  const { versions } = body as Catalogue;
  assert.deepEqual(
    versions.map(({ version }) => version),
    ['1.10.0', '1.9.0'],
  );
  const [provider] = versions[0]!.providers;
  const whole = await service.request('GET', provider!.url, { token: null });
  assert.equal(whole.headers['content-length'], String(readFileSync(join(files, '1.10.0.box')).length));
  assert.equal(whole.headers['etag'], `"${provider!.checksum}"`);
  const part = await service.request('GET', provider!.url, { token: null, headers: { range: 'bytes=0-1' } });
  assert.deepEqual([part.status, part.headers['content-length']], [206, '2']);
  const beyond = await service.request('GET', provider!.url, {
    token: null,
    headers: { range: 'bytes=99999-' },
  });
  assert.equal(beyond.status, 416);
});

test('the same file again is no mistake; another one in its place is, and so is what is no box', async (t) => {
  await using service = await startTestService();
  const files = await folder(t);
  const first = await makeBox(files, 'first');
  assert.equal((await push(service, first, 'team/web', '1.0.0')).status, 201);
  assert.equal((await push(service, first, 'team/web', '1.0.0')).status, 200);
  assert.equal((await push(service, await makeBox(files, 'second'), 'team/web', '1.0.0')).status, 409);
  const noBox = join(files, 'no.box');
  await writeFile(noBox, 'nothing of a box'.repeat(100));
  assert.equal((await push(service, noBox, 'team/web', '2.0.0')).status, 409);
  const wrong = await service.request(
    'POST',
    `/api/v1/boxes/team/web/versions/3.0.0?sha256=${'0'.repeat(64)}`,
    {
      body: readFileSync(first),
    },
  );
  assert.equal(wrong.status, 400);
  assert.equal((await push(service, first, 'team/..', '1.0.0')).status >= 400, true);
});

test('a private box is for those with a token that may read it, and for others not there', async (t) => {
  await using service = await startTestService();
  assert.equal(
    (await push(service, await makeBox(await folder(t), 'secret'), 'team/web', '1.0.0')).status,
    201,
  );
  const stranger = await service.person();
  const reader = await service.person('reader', '/boxes/team');
  const get = (token: string | null, more = '') =>
    service.request('GET', `/boxes/team/web${more}`, { token });
  assert.equal((await get(null)).status, 404);
  assert.equal((await get(stranger.token)).status, 404);
  assert.equal((await get('wrong')).status, 401);
  assert.equal((await get(reader.token)).status, 200);
  const byAddress = await get(null, `?access_token=${reader.token}`);
  const [version] = (byAddress.body as Catalogue).versions;
  assert.equal((await service.request('GET', version!.providers[0]!.url, { token: null })).status, 200);
  assert.ok(!service.log.some((line) => line.includes(reader.token)), 'tokens are not in the log');
  const refused = await push(
    service,
    await makeBox(await folder(t), 'more'),
    'team/web',
    '2.0.0',
    '',
    reader.token,
  );
  assert.equal(refused.status, 403);
});

test('a version of an image becomes a box', async () => {
  await using service = await startTestService();
  await makeGallery(service);
  const { context } = service.service;
  const { publishing } = openGallery(context);
  const { caller } = await service.person('publisher');
  const digest = await makeImage(service.home, 'boxed');
  await publishing.publish({
    ...{ runId: await makeRun(context), runOutputName: 'out', fence: 1, identity: caller },
    target: { type: 'SharedImage', galleryImageId: `${definition}/versions/1.2.3` },
    ...{ location: 'westeurope', image: `sha256:${digest}`, home: service.home, sources: [], tags: {} },
    signal: new AbortController().signal,
  });
  const api = definition
    .replace('/providers/Microsoft.Compute', '')
    .replace('/subscriptions', '/api/v1/subscriptions');
  const made = await service.request('POST', `${api}/versions/latest/box`, { body: { box: 'team/web' } });
  assert.equal(made.status, 201, made.text);
  const { body } = await service.request('GET', '/boxes/team/web');
  assert.equal((body as Catalogue).versions[0]?.version, '1.2.3');
});

test("Vagrant's own client adds a box by its address and checks it, private ones with a token", async (t) => {
  if (!(await isInstalled('vagrant'))) return t.skip('vagrant is not installed');
  await using service = await startTestService();
  const files = await folder(t);
  const home = join(files, 'vagrant');
  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    exec('vagrant', ['box', ...args], {
      cwd: files,
      env: {
        ...process.env,
        ...{ VAGRANT_HOME: home, VAGRANT_CHECKPOINT_DISABLE: '1', CURL_CA_BUNDLE: service.authorityFile },
        ...env,
      },
    });
  const box = await makeBox(files, 'one');
  await push(service, box, 'team/web', '1.0.0', '&private=false');
  await push(service, await makeBox(files, 'two'), 'team/web', '1.1.0');
  await run(['add', `${service.origin}/boxes/team/web`, '--box-version', '1.0.0']);
  assert.match((await run(['list'])).stdout, /^team\/web\s+\(libvirt, 1\.0\.0\)$/m);
  await run(['add', 'team/web'], { VAGRANT_SERVER_URL: `${service.origin}/boxes` });
  assert.match((await run(['list'])).stdout, /\(libvirt, 1\.1\.0\)/);
  await push(service, box, 'team/secret', '1.0.0');
  await assert.rejects(() => run(['add', `${service.origin}/boxes/team/secret`]));
  const { token } = await service.person('reader', '/boxes/team/secret');
  // Unless told so, Vagrant takes tokens out of addresses and sends its own in a header.
  const byAddress = { VAGRANT_SERVER_ACCESS_TOKEN_BY_URL: '1' };
  await run(['add', `${service.origin}/boxes/team/secret?access_token=${token}`], byAddress);
  assert.match((await run(['list'])).stdout, /team\/secret\s+\(libvirt, 1\.0\.0\)/);
  // A file that is not what the catalogue says is refused.
  const sha256 = createHash('sha256')
    .update(await readFile(box))
    .digest('hex');
  await writeFile(
    join(service.home, 'service', 'boxes', `${sha256}.box`),
    await readFile(await makeBox(files, 'bad')),
  );
  await assert.rejects(() =>
    run(['add', '--force', `${service.origin}/boxes/team/web`, '--box-version', '1.0.0']),
  );
});
