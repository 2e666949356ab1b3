import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { hostArchitecture } from '../../store/boxes/host-architecture.ts';
import { listBoxes } from '../../store/boxes/stored-boxes.ts';
import { serve, startServer } from '../test-server.ts';
import { type AddBoxRequest, addBox } from './add-box.ts';
import type { BoxServices } from './box-services.ts';
import { boxBench, makeBox, serveFiles, writeJson } from './testing.ts';

function add(services: BoxServices, source: string, more: Partial<AddBoxRequest> = {}) {
  return addBox(services, { sources: [source], providers: [], download: {}, folder: services.home, ...more });
}

const foreign = hostArchitecture() === 'arm64' ? 'amd64' : 'arm64';

/** A registry with a box in two versions, three providers and two architectures. */
async function registry(t: TestContext, root: string) {
  const boxes = Object.fromEntries(
    ['libvirt', 'virtualbox'].map((name) => [
      name,
      makeBox(root, `${name}.box`, { 'metadata.json': `{"provider":"${name}"}` }),
    ]),
  ) as Record<string, ReturnType<typeof makeBox>>;
  const provider = (origin: string, name: string, more: object = {}) => ({
    name,
    url: `${origin}/files/${name}.box`,
    checksum_type: 'sha256',
    checksum: boxes[name]!.sha256.toUpperCase(),
    ...more,
  });
  const files: Record<string, { content: Buffer | string; type?: string }> = {
    '/files/libvirt.box': { content: boxes['libvirt']!.bytes },
    '/files/virtualbox.box': { content: boxes['virtualbox']!.bytes },
  };
  const server = await serveFiles(t, files);
  const { origin } = server;
  const catalogue = {
    name: 'team/web',
    description: 'A test',
    versions: [
      { version: '1.9.0', providers: [provider(origin, 'libvirt')] },
      {
        version: '1.10.0',
        providers: [
          provider(origin, 'libvirt', { architecture: hostArchitecture(), default_architecture: true }),
          provider(origin, 'libvirt', { architecture: foreign, default_architecture: false }),
          provider(origin, 'virtualbox'),
        ],
      },
      { version: '2.0.0.beta', providers: [provider(origin, 'virtualbox', { architecture: foreign })] },
    ],
  };
  const content = JSON.stringify(catalogue);
  files['/team/web'] = { content, type: 'application/json' };
  files['/api/v2/vagrant/team/web'] = { content, type: 'application/json; charset=utf-8' };
  files['/untyped/web'] = { content };
  return { server, files, catalogue };
}

test('a box is got by its name from the registry that the environment names', async (t) => {
  const { root, withEnv, services: none } = boxBench(t);
  const { server } = await registry(t, root);
  const services = withEnv({ VAGRANT_SERVER_URL: `${server.origin}/` });
  const box = await add(services, 'team/web', { providers: ['libvirt'], architecture: 'auto' });
  assert.deepEqual([box.name, box.version, box.provider], ['team/web', '1.10.0', 'libvirt']);
  assert.deepEqual(server.requests, ['GET /api/v2/vagrant/team/web', 'GET /files/libvirt.box']);
  const [stored] = await listBoxes(none.boxes);
  assert.equal(stored!.metadataUrl, `${server.origin}/api/v2/vagrant/team/web`);
  assert.equal(stored!.folder, box.folder);
  await assert.rejects(add(services, 'team/web', { providers: ['libvirt'], architecture: 'auto' }), {
    code: 'already-exists',
  });
  await add(services, 'team/web', { providers: ['libvirt'], architecture: 'auto', force: true });
  assert.deepEqual(
    readdirSync(join(services.home, 'downloads')).filter((name) => !name.endsWith('.used')),
    [],
  );
  assert.deepEqual(readdirSync(services.boxes.temporary), []);
});

const wishes: readonly (readonly [what: string, wish: Partial<AddBoxRequest>, got: string])[] = [
  ['constraints', { version: '< 1.10', providers: ['libvirt'] }, '1.9.0 libvirt'],
  [
    'the newest that has the provider',
    { providers: ['virtualbox'], architecture: 'auto' },
    '1.10.0 virtualbox',
  ],
  ['another architecture', { providers: ['libvirt'], architecture: foreign }, `1.10.0 libvirt ${foreign}`],
  [
    'the first of several providers',
    { providers: ['virtualbox', 'libvirt'], version: '~> 1.0' },
    '1.10.0 virtualbox',
  ],
  [
    'a provider that is picked',
    { version: '1.10.0', pick: async (names) => names.at(-1) },
    '1.10.0 virtualbox',
  ],
  ['the default architecture', { providers: ['libvirt'] }, `1.10.0 libvirt ${hostArchitecture()}`],
];

test('constraints, providers and architectures choose among what a catalogue has', async (t) => {
  const { root, services } = boxBench(t);
  const { server } = await registry(t, root);
  for (const [what, wish, got] of wishes) {
    const box = await add(services, `${server.origin}/team/web`, { force: true, ...wish });
    assert.equal([box.version, box.provider, box.architecture].filter(Boolean).join(' '), got, what);
  }
});

const refusals: readonly (readonly [wish: Partial<AddBoxRequest>, code: string, message: RegExp])[] = [
  [{ version: '> 3' }, 'not-found', /^the box team\/web has no version > 3$/],
  [{ providers: ['hyperv'] }, 'not-found', /^the box team\/web is not there for hyperv$/],
  [
    { providers: ['libvirt'], architecture: 's390x', version: '1.10.0' },
    'not-found',
    /not there for s390x processors/,
  ],
  [{ version: '1.10.0' }, 'bad-usage', /^the box team\/web is there for libvirt, virtualbox$/],
  [{ version: 'new' }, 'bad-usage', /no constraint/],
  [{ name: 'other/web', providers: ['libvirt'] }, 'bad-usage', /is of team\/web, not of other\/web/],
];

test('what a catalogue does not have is told, with what it has', async (t) => {
  const { root, services } = boxBench(t);
  const { server } = await registry(t, root);
  for (const [wish, code, message] of refusals)
    await assert.rejects(add(services, `${server.origin}/team/web`, wish), { code, message });
  const withServer = { server: server.origin };
  await assert.rejects(add(services, 'team/gone', withServer), {
    code: 'not-found',
    message: `${server.origin} has no box team/gone`,
  });
  await assert.rejects(add(services, 'nothing', withServer), {
    code: 'not-found',
    message: 'there is no box nothing',
  });
  assert.deepEqual(await listBoxes(services.boxes), []);
});

test('a catalogue is known by its content where a server does not say what it is', async (t) => {
  const { root, services } = boxBench(t);
  const { server } = await registry(t, root);
  const box = await add(services, `${server.origin}/untyped/web`, { providers: ['libvirt'], version: '1.9' });
  assert.equal(box.version, '1.9.0');
});

test('catalogues in files lead to boxes beside them, and boxes need no catalogue at all', async (t) => {
  const { root, services } = boxBench(t);
  const { path, sha256 } = makeBox(root, 'one.box');
  const catalogue = writeJson(join(root, 'web.json'), {
    name: 'web',
    versions: [
      {
        version: '1',
        providers: [{ name: 'libvirt', url: 'one.box', checksum_type: 'sha256', checksum: sha256 }],
      },
    ],
  });
  const box = await add(services, 'web.json', { folder: root });
  assert.deepEqual([box.name, box.version, box.metadataUrl], ['web', '1', `file://${catalogue}`]);
  for (const source of [path, `file://${path}`, 'one.box', 'file://one.box']) {
    const direct = await add(services, source, { folder: root, name: 'plain', force: true });
    assert.deepEqual([direct.name, direct.version, direct.provider], ['plain', '0', 'libvirt']);
  }
  await assert.rejects(add(services, path), { code: 'bad-usage', message: /without a name/ });
  await assert.rejects(add(services, path, { name: 'x', version: '1' }), {
    code: 'bad-usage',
    message: /no versions/,
  });
  await assert.rejects(add(services, path, { name: 'x', providers: ['virtualbox'] }), {
    code: 'file-unsafe',
    message: /is a box for libvirt, not for virtualbox/,
  });
  assert.equal((await listBoxes(services.boxes)).length, 2);
});

test('every kind of checksum is compared, and one that nobody knows is refused', async (t) => {
  const { root, services } = boxBench(t);
  const { path, bytes } = makeBox(root, 'one.box');
  const catalogue = (checksum_type: string, checksum: string) =>
    writeJson(join(root, 'web.json'), {
      name: 'web',
      versions: [{ version: '1', providers: [{ name: 'libvirt', url: path, checksum_type, checksum }] }],
    });
  for (const kind of ['md5', 'sha1', 'sha256', 'sha384', 'sha512']) {
    const hex = createHash(kind).update(bytes).digest('hex');
    await add(services, catalogue(kind, ` ${hex.toUpperCase()} `), { force: true });
    const wrong = `${hex.slice(0, -1)}${hex.endsWith('0') ? '1' : '0'}`;
    await assert.rejects(
      add(services, catalogue(kind, wrong), { force: true }),
      { code: 'checksum-mismatch' },
      kind,
    );
  }
  await assert.rejects(add(services, catalogue('crc32', 'deadbeef'), { force: true }), {
    code: 'unsupported',
  });
  await add(services, catalogue('', ''), { force: true });
});

test('a download that breaks off goes on where it was, and a damaged one is not kept', async (t) => {
  const { root, services } = boxBench(t);
  const { bytes, sha256 } = makeBox(root, 'one.box', {
    'metadata.json': '{"provider":"libvirt"}',
    noise: Buffer.alloc(400_000, sha(root)),
  });
  const server = await startServer((request, response) =>
    serve(request, response, {
      content: bytes,
      etag: '"one"',
      breakAfter: server.requests.length < 3 ? 700 : 1e9,
    }),
  );
  t.after(() => server.close());
  const checksum = { kind: 'digest', algorithm: 'sha256', hex: sha256 } as const;
  await add(services, `${server.origin}/one.box`, { name: 'one', checksum });
  assert.ok(
    server.requests.some((one) => one.includes('bytes=700-')),
    server.requests.join(),
  );
  server.handler = (request, response) => serve(request, response, { content: Buffer.from('damaged') });
  await assert.rejects(add(services, `${server.origin}/one.box`, { name: 'one', checksum, force: true }), {
    code: 'checksum-mismatch',
  });
  assert.equal((await listBoxes(services.boxes)).length, 1, 'the box that was there stays');
});

function sha(text: string): Buffer {
  return createHash('sha512').update(text).digest();
}

test('tokens go to the registry as it is configured, and to nobody else', async (t) => {
  const { root, withEnv } = boxBench(t);
  const { server, files } = await registry(t, root);
  const elsewhere = await serveFiles(t, { '/box': { content: makeBox(root, 'x.box').bytes } });
  const moved = (to: string) =>
    JSON.stringify({
      name: 'team/moved',
      versions: [{ version: '1', providers: [{ name: 'libvirt', url: to }] }],
    });
  files['/team/moved'] = { content: moved(`${elsewhere.origin}/box`), type: 'application/json' };
  const token = { VAGRANT_SERVER_URL: server.origin, VAGRANT_CLOUD_TOKEN: 'secret' };
  await add(withEnv(token), 'team/moved');
  assert.deepEqual(
    server.headers.map((one) => one.authorization),
    ['Bearer secret', 'Bearer secret'],
  );
  assert.deepEqual(
    elsewhere.headers.map((one) => one.authorization),
    [undefined],
  );
  await add(withEnv({ ...token, VAGRANT_SERVER_ACCESS_TOKEN_BY_URL: '1' }), 'team/moved', { force: true });
  assert.equal(server.requests.at(-1), 'GET /team/moved?access_token=secret');
  assert.equal(server.headers.at(-1)!.authorization, undefined);
  assert.deepEqual(elsewhere.requests, ['GET /box', 'GET /box']);
});

test('a user and password of the address are sent on only where that is asked for', async (t) => {
  const { root, services } = boxBench(t);
  const { bytes } = makeBox(root, 'x.box');
  const target = await serveFiles(t, { '/box': { content: bytes } });
  const first = await startServer((_request, response) =>
    response.writeHead(302, { location: `${target.origin}/box` }).end(),
  );
  t.after(() => first.close());
  const source = `http://me:word@127.0.0.1:${first.port}/x`;
  await add(services, source, { name: 'x' });
  assert.ok(target.headers.every((one) => one.authorization === undefined));
  await add(services, source, { name: 'x', force: true, download: { trustLocation: true } });
  assert.match(String(target.headers.at(-1)!.authorization), /^Basic /);
});

test('catalogues that are too large, or lie, or reach for files of this host are refused', async (t) => {
  const { services } = boxBench(t);
  const file = (url: string) =>
    JSON.stringify({ name: 'x', versions: [{ version: '1', providers: [{ name: 'libvirt', url }] }] });
  const type = 'application/json';
  const server = await serveFiles(t, {
    '/large': { content: `{"name":"x","x":"${'x'.repeat(21 << 20)}"}`, type },
    '/list': { content: '[]', type },
    '/versions': { content: '{"name":"x","versions":[{"version":"../../x"}]}', type },
    '/empty': { content: '', type },
    '/file': { content: file('file:///etc/passwd'), type },
    '/path': { content: file('/etc/passwd'), type },
    '/ftp': { content: file('ftp://example.org/x.box'), type },
  });
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['large', 'download-failed', /more than 20 MB/],
    ['list', 'download-failed', /it names no box/],
    ['versions', 'download-failed', /impossible version, "\.\.\/\.\.\/x"/],
    ['empty', 'download-failed', /no JSON/],
    ['file', 'file-unsafe', /names a file of this host/],
    ['path', 'download-failed', /answers 404/],
    ['ftp', 'unsupported', /with ftp/],
  ];
  for (const [path, code, message] of cases)
    await assert.rejects(add(services, `${server.origin}/${path}`), { code, message }, path);
});

test('a killed command leaves no box and nothing in its way', async (t) => {
  const { root, services } = boxBench(t);
  const { path } = makeBox(root, 'slow.box', {
    'metadata.json': '{"provider":"libvirt"}',
    'box.img': Buffer.alloc(80 << 20, sha(root)),
  });
  const script = `
    import { addBox } from ${JSON.stringify(new URL('./add-box.ts', import.meta.url).href)};
    import { boxServices } from ${JSON.stringify(new URL('./box-services.ts', import.meta.url).href)};
    const services = boxServices({ home: ${JSON.stringify(services.home)}, env: process.env, signal: new AbortController().signal,
      emit: (event) => { if (event.label?.startsWith('unpacking') && event.done > 1000) process.kill(process.pid, 'SIGKILL'); } });
    await addBox(services, { sources: [${JSON.stringify(path)}], name: 'slow', providers: [], download: {}, folder: '/' });`;
  const child = () =>
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: services.env,
      stdio: 'pipe',
    });
  assert.throws(child, { signal: 'SIGKILL' });
  assert.deepEqual(await listBoxes(services.boxes), []);
  const { reapDeadRuns } = await import('../../store/run.ts');
  await reapDeadRuns(services.home);
  assert.deepEqual(readdirSync(services.boxes.temporary), []);
  await add(services, path, { name: 'slow' });
  assert.equal((await listBoxes(services.boxes)).length, 1);
});
