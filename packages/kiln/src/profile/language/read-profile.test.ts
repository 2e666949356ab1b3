import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Node, YAMLMap } from 'yaml';
import { Problems } from '../../base/yaml/problems.ts';
import { parseYaml } from '../../base/yaml/yaml-document.ts';
import { readProfile, readProfileSection } from './read-profile.ts';
import { p, profileOf, read, temporaryFolder } from './testing.ts';

const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk8Rk2bH1nNLgKkMqm0Zr2i2T0dYk8o5uYhSg1qP0aB deploy@example';

test('packages are a list of words or a mapping, with versions, states and holds', (t) => {
  const list = profileOf(
    t,
    p(`packages:
  - nginx
  - curl=7.88.*
  - libc6:i386
  - g++
  - { name: docker-ce, version: latest }
  - { name: linux-image-amd64, held: true }
  - { name: apache2, absent: true }
`),
  );
  const map = profileOf(
    t,
    p(`packages:
  nginx:
  curl: 7.88.*
  libc6:i386: {}
  g++:
  docker-ce: latest
  linux-image-amd64: { held: true }
  apache2: absent
`),
  );
  assert.deepEqual(list.packages, [
    { name: 'nginx', state: 'present' },
    { name: 'curl', state: 'present', version: '7.88.*' },
    { name: 'libc6:i386', state: 'present' },
    { name: 'g++', state: 'present' },
    { name: 'docker-ce', state: 'latest' },
    { name: 'linux-image-amd64', state: 'present', held: true },
    { name: 'apache2', state: 'absent' },
  ]);
  assert.deepEqual(map.packages, list.packages);
  assert.deepEqual(
    profileOf(t, p('packages: {nginx, curl}')).packages,
    list.packages.slice(0, 1).concat({ name: 'curl', state: 'present' }),
  );
});

test('a version that YAML takes for a number stays as it is written', (t) => {
  const { packages } = profileOf(t, p('packages: {nginx: 1.10, vim: {version: 2.0}}'));
  assert.deepEqual(
    packages.map(({ version }) => version),
    ['1.10', '2.0'],
  );
});

test('users have short forms for what is usual', (t) => {
  const { users, groups } = profileOf(t, {
    'kiln.profile.yaml': p(`groups:
  app: 1500
  docker: { members: [deploy, www-data], system: true }
  old: absent
users:
  plain:
  deploy:
    uid: 1500
    group: app
    groups: sudo, adm
    shell: /bin/bash
    comment: Deployment
    ssh_keys: [./keys/deploy.pub, "${publicKey} 2"]
    sudo: true
    password: '$6$abcdefgh$0123456789abcdefghijklmnopqrstuvwxyz'
  reader: { sudo: "ALL=(ALL) NOPASSWD: /usr/bin/less", password: locked, system: true }
  gone: absent
  away: { absent: true, remove_home: true }
`),
    'keys/deploy.pub': `# a comment\n${publicKey}\n`,
  });
  assert.deepEqual(groups, [
    { name: 'app', absent: false, gid: 1500, system: false },
    { name: 'docker', absent: false, system: true },
    { name: 'old', absent: true, system: false },
  ]);
  const rest = {
    absent: false,
    removeHome: false,
    groups: [],
    exactGroups: false,
    system: false,
    createHome: true,
  };
  assert.deepEqual(users, [
    { name: 'plain', ...rest },
    {
      name: 'deploy',
      ...rest,
      uid: 1500,
      group: 'app',
      groups: ['sudo', 'adm', 'docker'],
      shell: '/bin/bash',
      comment: 'Deployment',
      sshKeys: [publicKey, `${publicKey} 2`],
      sudo: ['ALL=(ALL:ALL) NOPASSWD: ALL'],
      password: { kind: 'hash', hash: '$6$abcdefgh$0123456789abcdefghijklmnopqrstuvwxyz' },
    },
    {
      name: 'reader',
      ...rest,
      system: true,
      createHome: false,
      sudo: ['ALL=(ALL) NOPASSWD: /usr/bin/less'],
      password: { kind: 'locked' },
    },
    { name: 'gone', ...rest, absent: true, createHome: false },
    { name: 'away', ...rest, absent: true, removeHome: true, createHome: false },
    { name: 'www-data', ...rest, groups: ['docker'] },
  ]);
});

test('files come from texts, local files, templates, base64 and URLs, and may be links, directories or absent', (t) => {
  const digest = 'aB'.repeat(32);
  const { profile, folder, messages, inputs } = read(t, {
    'kiln.profile.yaml': p(`os: debian/12
parameters: { port: 8080 }
files:
  /etc/motd: |
    Port \${port}, \${HOME:-nowhere}, $\${port}
  /etc/a: { source: files/a, mode: "0600", owner: "app:adm" }
  /etc/b: { template: files/b.in, owner: app, group: adm }
  /etc/c: { base64: aGVsbG8= }
  /usr/bin/d: { url: "https://example.org/d", digest: "sha256:${digest}", mode: "0755" }
  /etc/e: { link: ../a }
  /srv/f: { directory: true, mode: "2775", group: app }
  /srv/g: { directory: ./files, exact: true, file_mode: "0640" }
  /etc/h: { absent: true }
  /etc/i: { absent: true, recursive: true }
  /etc/j: { mode: "0640" }
`),
    'files/a': '${port}',
    'files/b.in': 'port=${port}\nsuite=${os.codename}\nshell=${x%.*} $${port}\n',
  });
  assert.deepEqual(messages, []);
  const usual = { kind: 'file', secret: false };
  assert.deepEqual(profile?.files, [
    {
      path: '/etc/motd',
      ...usual,
      content: { kind: 'text', text: 'Port 8080, ${HOME:-nowhere}, ${port}\n' },
    },
    {
      path: '/etc/a',
      ...usual,
      content: { kind: 'local', path: join(folder, 'files/a') },
      mode: 0o600,
      owner: 'app',
      group: 'adm',
    },
    {
      path: '/etc/b',
      ...usual,
      content: { kind: 'text', text: 'port=8080\nsuite=bookworm\nshell=${x%.*} ${port}\n' },
      owner: 'app',
      group: 'adm',
    },
    { path: '/etc/c', ...usual, content: { kind: 'bytes', base64: 'aGVsbG8=' } },
    {
      path: '/usr/bin/d',
      ...usual,
      content: { kind: 'url', url: 'https://example.org/d', digest: digest.toLowerCase() },
      mode: 0o755,
    },
    { path: '/etc/e', kind: 'link', target: '../a' },
    { path: '/srv/f', kind: 'directory', exact: false, mode: 0o2775, group: 'app' },
    { path: '/srv/g', kind: 'directory', source: join(folder, 'files'), exact: true, fileMode: 0o640 },
    { path: '/etc/h', kind: 'absent', recursive: false },
    { path: '/etc/i', kind: 'absent', recursive: true },
    { path: '/etc/j', ...usual, mode: 0o640 },
  ]);
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  assert.deepEqual(
    inputs.map(({ kind }) => kind),
    ['file', 'file', 'file', 'folder'],
  );
  assert.deepEqual(inputs[1], { kind: 'file', path: join(folder, 'files/a'), digest: sha256('${port}') });
});

test('the digest of a folder tells every change in it, and nothing else', (t) => {
  const text = p('files: {/srv: {directory: site}}');
  const digestOf = (change: (folder: string) => void) => {
    const { folder } = read(t, { 'kiln.profile.yaml': p(''), 'site/a': 'x', 'site/b/c': 'y' });
    change(join(folder, 'site'));
    const again = readIn(folder, text);
    return again.inputs.find(({ kind }) => kind === 'folder')?.digest;
  };
  const plain = digestOf(() => {});
  assert.match(plain ?? '', /^[0-9a-f]{64}$/);
  assert.equal(
    digestOf((site) => utimesSync(join(site, 'a'), 1, 1)),
    plain,
  );
  const changes: readonly ((site: string) => void)[] = [
    (site) => writeFileSync(join(site, 'a'), 'z'),
    (site) => writeFileSync(join(site, 'd'), ''),
    (site) => mkdirSync(join(site, 'e')),
    (site) => chmodSync(join(site, 'a'), 0o755),
    (site) => symlinkSync('a', join(site, 'f')),
    (site) => renameSync(join(site, 'a'), join(site, 'g')),
  ];
  const digests = changes.map(digestOf);
  assert.equal(new Set([plain, ...digests]).size, changes.length + 1);
});

test('what is read is frozen to its depths, and named for its file', (t) => {
  const profile = profileOf(t, p('packages: [nginx]\nconfig: {sysctl: {vm.swappiness: 1}}'));
  assert.ok([profile, profile.packages, profile.packages[0], profile.config.sysctl].every(Object.isFrozen));
  assert.equal(profile.name, 'profile');
  assert.equal(profileOf(t, p('name: web server')).name, 'web server');
});

test('all mistakes of a profile and its bases are told at once, file after file', (t) => {
  const { messages } = read(t, {
    'kiln.profile.yaml': p(`extends: [a.yaml, b.yaml]
packages: [nginx curl]
users: { deploy: { uid: -1 } }
files: { etc/x: y }
config: { timezone: Mars/Olympus }
`),
    'a.yaml': p('services: {nginx: on}\n'),
    'b.yaml': 'packages: [a b]\n',
  });
  assert.deepEqual(
    messages.map((one) => one.slice(0, one.indexOf(' error'))),
    [
      'a.yaml:2:19:',
      'b.yaml:1:1:',
      'b.yaml:1:12:',
      'kiln.profile.yaml:3:12:',
      'kiln.profile.yaml:4:25:',
      'kiln.profile.yaml:5:10:',
      'kiln.profile.yaml:6:21:',
    ],
  );
});

test('a profile in another file takes its variables, and may be the name of a base only', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'base.yaml'), p('parameters: {port: 1}\nfiles: {/etc/port: "${port}"}'));
  const section = (text: string) => {
    const problems = new Problems();
    const kind = { name: 'kiln.yaml', whenEmpty: '', whenBinary: '', knowsReset: true };
    const yaml = parseYaml(join(folder, 'kiln.yaml'), text, kind, problems)!;
    const reading = readProfileSection({
      file: join(folder, 'kiln.yaml'),
      yaml,
      node: (yaml.root as YAMLMap).get('profile', true) as Node,
      name: 'web',
      parameters: {},
      env: {},
      bases: new Map(),
      variables: {
        values: new Map([
          ['port', '80'],
          ['host', 'web-1'],
        ]),
        unset: new Set(),
        secrets: ['web-1'],
      },
    });
    return {
      ...reading,
      lines: reading.diagnostics.map(({ at, message }) => `${at.line}:${at.column} ${message}`),
    };
  };
  const named = section('kiln: 1\nprofile: base.yaml\n');
  assert.deepEqual(named.lines, []);
  assert.deepEqual(named.profile?.files[0], {
    path: '/etc/port',
    kind: 'file',
    content: { kind: 'text', text: '80' },
    secret: false,
  });
  assert.equal(named.profile?.name, 'web');
  const whole = section(
    'kiln: 1\nprofile:\n  extends: [base.yaml]\n  config: { hostname: "${host}" }\n  files: { /etc/host: "${host}" }\n',
  );
  assert.deepEqual(whole.lines, []);
  assert.equal(whole.profile?.config.hostname, 'web-1');
  assert.deepEqual(whole.secrets, ['web-1']);
  assert.deepEqual(
    whole.profile?.files.map((file) => file.kind === 'file' && file.secret),
    [false, true],
  );
  assert.deepEqual(section('kiln: 1\nprofile:\n  packges: [x]\n').lines, [
    '3:3 a profile has no field "packges"',
  ]);
});

function readIn(folder: string, text: string) {
  return readProfile({
    file: join(folder, 'kiln.profile.yaml'),
    text,
    parameters: {},
    env: {},
    bases: new Map(),
  });
}
