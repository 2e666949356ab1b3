import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { formatDiagnostic } from '../../base/diagnostics.ts';
import { storeLayout } from '../../store/home.ts';
import { writeRecord } from '../../store/images.ts';
import { writeTag } from '../../store/tags.ts';
import { formatProfile } from './format-profile.ts';
import { loadProfile } from './load-profile.ts';
import { p, profileOf, read, temporaryFolder } from './testing.ts';

test('things of the same name are merged field by field; the later file wins', (t) => {
  const profile = profileOf(t, {
    'kiln.profile.yaml': p(`extends: [a.yaml, b.yaml]
packages: [nginx, { name: vim, held: true }, apache2]
users: { deploy: { shell: /bin/zsh } }
files: { /etc/motd: { mode: "0600" }, /etc/old: now here }
services: { nginx: { restart_on: /etc/motd }, cups: masked }
config: { sysctl: { vm.swappiness: 10 }, dns: { search: [example.org] } }
scripts: [{ name: setup, run: three }]
`),
    'a.yaml': p(`os: debian/11
packages: [nginx=1.22.*, vim, { name: apache2, absent: true }]
users: { deploy: { uid: 1500, shell: /bin/bash, groups: [adm] } }
files: { /etc/motd: one, /etc/old: { absent: true } }
services: { cups: enabled }
config: { hostname: a, sysctl: { vm.swappiness: 1, net.ipv4.ip_forward: 1 }, dns: [192.0.2.53] }
scripts: [{ name: setup, at: first, run: one }, { run: other }]
`),
    'b.yaml': p(`os: debian/12
users: { deploy: { groups: [sudo] } }
files: { /etc/motd: two }
services: { nginx: disabled }
config: { hostname: b }
`),
  });
  assert.deepEqual(profile.os, { distribution: 'debian', release: '12' });
  assert.deepEqual(profile.packages, [
    { name: 'nginx', state: 'present', version: '1.22.*' },
    { name: 'vim', state: 'present', held: true },
    { name: 'apache2', state: 'present' },
  ]);
  const [deploy] = profile.users;
  assert.deepEqual([deploy?.uid, deploy?.shell, deploy?.groups], [1500, '/bin/zsh', ['sudo']]);
  const usual = { kind: 'file', secret: false };
  assert.deepEqual(profile.files, [
    { path: '/etc/motd', ...usual, content: { kind: 'text', text: 'two' }, mode: 0o600 },
    { path: '/etc/old', ...usual, content: { kind: 'text', text: 'now here' } },
  ]);
  assert.deepEqual(profile.services, [
    { name: 'cups.service', masked: true, restartOn: [] },
    { name: 'nginx.service', enabled: false, restartOn: ['/etc/motd'] },
  ]);
  assert.equal(profile.config.hostname, 'b');
  assert.deepEqual(profile.config.sysctl, { 'vm.swappiness': '10', 'net.ipv4.ip_forward': '1' });
  assert.deepEqual(profile.config.dns, { servers: ['192.0.2.53'], search: ['example.org'] });
  assert.deepEqual(
    profile.scripts.map(({ name, at, run }) => [name, at, run]),
    [
      ['setup', 'first', 'three'],
      ['last 1', 'last', 'other'],
    ],
  );
});

test('!reset forgets what was inherited: a thing, a section, or all but what stands behind it', (t) => {
  const profile = profileOf(t, {
    'kiln.profile.yaml': p(`extends: a.yaml
packages:
  - !reset vim
  - !reset { name: nginx, held: true }
users: !reset
groups: !reset [new]
files: { /etc/a: !reset , /etc/b: !reset { mode: "0600" } }
services: { nginx: !reset }
config:
  hostname: !reset
  swap: !reset { size: 1G }
  sysctl: { vm.swappiness: !reset }
  environment: !reset { C: 3 }
  locales: [!reset de_DE.UTF-8]
  modules: !reset [c]
  limits: ["root hard nofile 5"]
  cron: { a: !reset }
scripts: [!reset setup]
`),
    'a.yaml': p(`packages: [nginx=1.22, vim, curl]
users: [deploy]
groups: [old]
files: { /etc/a: x, /etc/b: y }
services: [nginx, ssh]
config:
  hostname: a
  swap: { size: 2G, path: /var/swap }
  sysctl: { vm.swappiness: 1, net.ipv4.ip_forward: 1 }
  environment: { A: 1, B: 2 }
  locales: [de_DE.UTF-8, fr_FR.UTF-8]
  modules: { load: [a], blacklist: [b] }
  limits: ["root hard nofile 1", "root soft nofile 1"]
  cron: { a: "@daily root x", b: "@daily root y" }
scripts: [{ name: setup, run: x }, { name: clean, run: y }]
`),
  });
  assert.deepEqual(profile.packages, [
    { name: 'nginx', state: 'present', held: true },
    { name: 'curl', state: 'present' },
  ]);
  assert.deepEqual(profile.users, []);
  assert.deepEqual(
    profile.groups.map(({ name }) => name),
    ['new'],
  );
  assert.deepEqual(profile.files, [{ path: '/etc/b', kind: 'file', mode: 0o600, secret: false }]);
  assert.deepEqual(
    profile.services.map(({ name }) => name),
    ['ssh.service'],
  );
  const { hostname, swap, sysctl, environment, locales, modules, limits, cron } = profile.config;
  assert.equal(hostname, undefined);
  assert.deepEqual(swap, { size: 2 ** 30, path: '/swapfile' });
  assert.deepEqual([sysctl, environment], [{ 'net.ipv4.ip_forward': '1' }, { C: '3' }]);
  assert.deepEqual([locales, modules], [['fr_FR.UTF-8'], { load: ['c'], blacklist: [] }]);
  assert.deepEqual(
    limits.map(({ type, value }) => `${type} ${value}`),
    ['hard 5', 'soft 1'],
  );
  assert.deepEqual(
    [cron.map(({ name }) => name), profile.scripts.map(({ name }) => name)],
    [['b'], ['clean']],
  );
});

test('a base that is reached on two ways counts once, where it is reached first', (t) => {
  const profile = profileOf(t, {
    'kiln.profile.yaml': p('extends: [left.yaml, sub/right.yaml]\n'),
    'left.yaml': p('extends: common.yaml\nconfig: {hostname: left}\n'),
    'sub/right.yaml': p('extends: ../common.yaml\npackages: [right]\n'),
    'common.yaml': p('config: {hostname: common}\npackages: [common]\n'),
  });
  assert.equal(profile.config.hostname, 'left');
  assert.deepEqual(
    profile.packages.map(({ name }) => name),
    ['common', 'right'],
  );
});

test('parameters of bases take new defaults, and local files are looked for beside the file that names them', (t) => {
  const profile = profileOf(t, {
    'kiln.profile.yaml': p(
      'extends: base/web.yaml\nparameters: {port: 8443}\nfiles: {/etc/own: "${port}"}\n',
    ),
    'base/web.yaml': p(
      'parameters: {port: {type: number, default: 80, max: 9000}}\nfiles: {/etc/base: {template: port.in}}\n',
    ),
    'base/port.in': 'listen ${port}\n',
  });
  assert.deepEqual(
    profile.files.map((file) => file.kind === 'file' && file.content),
    [
      { kind: 'text', text: 'listen 8443\n' },
      { kind: 'text', text: '8443' },
    ],
  );
  const { messages } = read(t, {
    'kiln.profile.yaml': p('extends: web.yaml\nparameters: {port: 9443}\n'),
    'web.yaml': p('parameters: {port: {type: number, default: 80, max: 9000}}\n'),
  });
  assert.deepEqual(messages, [
    'kiln.profile.yaml:3:20: error: the parameter "port": "9443" is above the most, 9000 (it is at most 9000)',
  ]);
});

test('a cloud-config file can be a base', (t) => {
  const profile = profileOf(t, {
    'kiln.profile.yaml': p(
      'os: debian/12\nextends: user-data\npackages: [curl]\nusers: {debian: {shell: /bin/sh}}\n',
    ),
    'user-data': '#cloud-config\npackages: [nginx]\nusers: [default]\n',
  });
  assert.deepEqual(
    profile.packages.map(({ name }) => name),
    ['nginx', 'curl'],
  );
  assert.deepEqual(
    profile.users.map(({ name, shell }) => [name, shell]),
    [['debian', '/bin/sh']],
  );
});

test('a base behind a URL is fetched once and checked by its digest, and may not name local files', async (t) => {
  const base = p('packages: [nginx]\n');
  const digest = createHash('sha256').update(base).digest('hex');
  const served = await serve(t, {
    '/base.yaml': base,
    '/other.yaml': p('files: {/etc/a: {source: /etc/passwd}}\n'),
  });
  const folder = temporaryFolder(t);
  const load = (text: string) => loadIn(folder, text);
  const first = await load(p(`extends: ${served.url}/base.yaml@sha256:${digest}\n`));
  assert.deepEqual(first.messages, []);
  assert.deepEqual(first.profile?.packages, [{ name: 'nginx', state: 'present' }]);
  assert.deepEqual(first.inputs[1], { kind: 'url', url: `${served.url}/base.yaml`, digest });
  const again = await load(p(`extends: {url: "${served.url}/base.yaml", digest: "sha256:${digest}"}\n`));
  assert.deepEqual(again.profile?.packages, first.profile?.packages);
  assert.equal(served.requests.length, 1);
  const wrong = await load(p(`extends: ${served.url}/base.yaml@sha256:${'0'.repeat(64)}\n`));
  assert.match(
    wrong.messages.join('\n'),
    new RegExp(`:2:10: error: .*/base.yaml is not what its digest says: it has sha256:${digest} `),
  );
  const missing = await load(p(`extends: ${served.url}/nix.yaml@sha256:${'0'.repeat(64)}\n`));
  assert.match(missing.messages.join('\n'), /:2:10: error: .*\/nix.yaml answers 404/);
  const other = createHash('sha256').update(p('files: {/etc/a: {source: /etc/passwd}}\n')).digest('hex');
  const local = await load(p(`extends: ${served.url}/other.yaml@sha256:${other}\n`));
  assert.match(
    local.messages.join('\n'),
    /other.yaml:2:26: error: "\/etc\/passwd" is a local file, and this profile did not come from a local folder/,
  );
});

test('the profile of an image in the store can be a base', async (t) => {
  const folder = temporaryFolder(t);
  const layout = storeLayout(join(folder, 'home'));
  for (const one of [layout.images, layout.tags, layout.keys]) mkdirSync(one, { recursive: true });
  const stored = formatProfile(profileOf(t, p('packages: [nginx]\nfiles: {/etc/a: "$${x}"}')));
  const id = 'ab'.repeat(32);
  const record = {
    schema: 1,
    id,
    layers: [id],
    virtualSize: 1,
    createdAt: '',
    seeded: true,
    firmware: [],
  } as const;
  const provenance = { kilnVersion: '0', made: 'build web' };
  await writeRecord(layout, { ...record, provenance, profile: stored });
  await writeTag(layout, { name: 'web', tag: '1.0', id });
  const plain = 'cd'.repeat(32);
  await writeRecord(layout, { ...record, id: plain, layers: [plain], provenance });
  await writeTag(layout, { name: 'plain', tag: 'latest', id: plain });
  const found = await loadIn(folder, p('extends: store:web:1.0\npackages: [curl]\n'));
  assert.deepEqual(found.messages, []);
  assert.deepEqual(
    found.profile?.packages.map(({ name }) => name),
    ['nginx', 'curl'],
  );
  assert.deepEqual(found.inputs[1], {
    kind: 'store',
    reference: 'web:1.0',
    digest: createHash('sha256').update(stored).digest('hex'),
  });
  const none = await loadIn(folder, p('extends: [store:wbe, store:plain]\n'));
  assert.match(none.messages[0] ?? '', /:2:11: error: .*wbe.* \(.*\)$/);
  assert.match(none.messages[1] ?? '', /:2:22: error: the image plain was not made from a profile \(/);
});

async function loadIn(folder: string, text: string) {
  const file = join(folder, 'kiln.profile.yaml');
  writeFileSync(file, text);
  const reading = await loadProfile(file, {
    parameters: {},
    env: {},
    home: join(folder, 'home'),
    cwd: folder,
    signal: new AbortController().signal,
  });
  rmSync(file);
  return { ...reading, messages: reading.diagnostics.map(formatDiagnostic) };
}

interface Served {
  readonly url: string;
  readonly requests: readonly string[];
}

async function serve(t: TestContext, files: Readonly<Record<string, string>>): Promise<Served> {
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const text = files[request.url ?? ''];
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const address = server.address();
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, requests };
}
