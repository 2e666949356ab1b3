import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { profileFor } from '../../conditions.ts';
import { profileOf, read } from '../testing.ts';

const cc = (text: string) => `#cloud-config\n${text}`;
const debian = { 'os.distribution': 'debian', 'os.codename': 'bookworm' };
const publicKey =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGk8Rk2bH1nNLgKkMqm0Zr2i2T0dYk8o5uYhSg1qP0aB deploy@example';
const hash = '$6$rounds=4096$abcdefgh$0123456789abcdefghijklmnop';

test('users in all their forms', (t) => {
  const { users, groups } = profileOf(
    t,
    cc(`groups:
  - admins: [root, foo]
  - empty
users:
  - default
  - plain
  - name: foo
    gecos: "Foo: B. Foo"
    primary_group: admins
    groups: users, wheel
    sudo: ALL=(ALL) NOPASSWD:ALL
    shell: /bin/bash
    lock_passwd: false
    passwd: ${hash}
    uid: "1999"
    ssh_authorized_keys:
      - ${publicKey}
  - name: locked
    lock-passwd: true
    hashed_passwd: ${hash}
    no_create_home: yes
    no-user-group: on
    create_groups: false
    groups: [elsewhere]
  - name: daemon-user
    system: true
    sudo: False
    homedir: /srv/daemon
ssh_authorized_keys: [${publicKey} 2]
`),
    { facts: debian },
  );
  const rest = { absent: false, removeHome: false, exactGroups: false, system: false, createHome: true };
  const locked = { password: { kind: 'locked' } };
  assert.deepEqual(users, [
    {
      name: 'debian',
      ...rest,
      ...locked,
      groups: ['adm', 'cdrom', 'dip', 'sudo'],
      shell: '/bin/bash',
      comment: 'Default user',
      sudo: ['ALL=(ALL) NOPASSWD:ALL'],
      sshKeys: [`${publicKey} 2`],
    },
    { name: 'plain', ...rest, ...locked, groups: [] },
    {
      name: 'foo',
      ...rest,
      uid: 1999,
      group: 'admins',
      groups: ['users', 'wheel', 'admins'],
      shell: '/bin/bash',
      comment: 'Foo  B. Foo',
      password: { kind: 'hash', hash },
      sshKeys: [publicKey],
      sudo: ['ALL=(ALL) NOPASSWD:ALL'],
    },
    { name: 'locked', ...rest, ...locked, group: 'users', groups: ['elsewhere'], createHome: false },
    {
      name: 'daemon-user',
      ...rest,
      ...locked,
      groups: [],
      system: true,
      createHome: false,
      home: '/srv/daemon',
      sudo: [],
    },
    { name: 'root', ...rest, groups: ['admins'] },
  ]);
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['admins', 'empty', 'users', 'wheel'],
  );
});

test('other forms of users and groups: words with commas, and mappings', (t) => {
  const { users, groups } = profileOf(
    t,
    cc('users: "a, b"\nuser: {name: me, shell: /bin/zsh}\ngroups: {g: [a], h: }\n'),
    { facts: debian },
  );
  assert.deepEqual(
    users.map(({ name, shell }) => [name, shell]),
    [
      ['me', '/bin/zsh'],
      ['a', undefined],
      ['b', undefined],
    ],
  );
  assert.deepEqual(
    groups.map(({ name }) => name),
    ['g', 'h'],
  );
  const mapped = profileOf(t, cc('users: {a: {uid: 5}, b: , c: false, default: true}\n'), { facts: debian });
  assert.deepEqual(
    mapped.users.map(({ name }) => name),
    ['a', 'b', 'debian'],
  );
});

test('where the distribution is not known, each machine has its own default user', (t) => {
  const profile = profileOf(t, cc(`ssh_authorized_keys: [${publicKey}]\n`));
  const names = (distribution: string) =>
    profileFor(profile, { 'os.distribution': distribution }).users.map(({ name }) => name);
  assert.deepEqual(names('debian'), ['debian']);
  assert.deepEqual(names('rhel'), ['cloud-user']);
  assert.deepEqual(names('centos'), ['cloud-user']);
  assert.deepEqual(names('ubuntu'), ['ubuntu']);
  assert.ok(profile.users.every(({ sshKeys }) => sshKeys?.[0] === publicKey));
  assert.deepEqual(profileOf(t, cc('packages: [nginx]\n')).users, []);
});

test('passwords are hashes, and expire unless told otherwise', (t) => {
  const { users, scripts } = profileOf(
    t,
    cc(
      `chpasswd: { expire: false, users: [{ name: root, password: "${hash}" }], list: "a:${hash}\\n" }\nssh_pwauth: yes\n`,
    ),
  );
  assert.deepEqual(
    users.map(({ name, password }) => [name, password]),
    [
      ['root', { kind: 'hash', hash }],
      ['a', { kind: 'hash', hash }],
    ],
  );
  assert.deepEqual(scripts, []);
  const expiring = profileOf(t, cc(`users: [default]\npassword: ${hash}\nssh_pwauth: false\n`), {
    facts: debian,
  });
  assert.deepEqual(expiring.users[0]?.password, { kind: 'hash', hash });
  assert.match(expiring.scripts[0]?.run ?? '', /chage -d 0 debian/);
  assert.match(expiring.scripts[0]?.creates ?? '', /^\/var\/lib\/kiln\/cloud-config\//);
  const [file] = expiring.files;
  assert.deepEqual(file, {
    path: '/etc/ssh/sshd_config.d/50-cloud-init.conf',
    kind: 'file',
    content: { kind: 'text', text: 'PasswordAuthentication no\n' },
    mode: 0o600,
    owner: 'root',
    group: 'root',
    secret: false,
  });
});

test('passwords in clear are refused and never shown', (t) => {
  const { messages, secrets } = read(
    t,
    cc(`password: hunter2
chpasswd: { users: [{ name: a, password: hunter3, type: text }, { name: b, type: RANDOM }] }
users: [{ name: c, plain_text_passwd: hunter4 }]
`),
  );
  assert.deepEqual(
    messages.map((one) => one.replace(/ error.*/, '')),
    [
      'kiln.profile.yaml:2:11:',
      'kiln.profile.yaml:3:42:',
      'kiln.profile.yaml:3:65:',
      'kiln.profile.yaml:4:39:',
    ],
  );
  assert.ok(messages.every((one) => !one.includes('hunter')));
  assert.deepEqual([...secrets].sort(), ['hunter2', 'hunter3', 'hunter4']);
});

test('files in every encoding, with owners and modes, appended to and written twice', (t) => {
  const packed = gzipSync('packed\n').toString('base64');
  const { files, scripts } = profileOf(
    t,
    cc(`write_files:
  - { path: /etc/a, content: "x \${y} \${z:-1}\\n" }
  - { path: /etc/b, content: aGVsbG8=, encoding: b64, permissions: '0600', owner: "app:adm" }
  - { path: /etc/c, content: ${packed}, encoding: gz+b64, permissions: 0755, defer: true }
  - { path: /etc/d, content: AAEC, encoding: base64 }
  - { path: /etc/e, content: "one\\n" }
  - { path: /etc/e, content: "two\\n" }
  - { path: /etc/e, content: "three\\n", append: true }
  - { path: "/etc/it's", content: "more\\n", append: true }
  - { path: /etc/empty }
`),
  );
  const usual = { kind: 'file', secret: false, mode: 0o644, owner: 'root', group: 'root' };
  const text = (text: string) => ({ content: { kind: 'text', text } });
  assert.deepEqual(files, [
    { path: '/etc/a', ...usual, ...text('x ${y} ${z:-1}\n') },
    { path: '/etc/b', ...usual, ...text('hello'), mode: 0o600, owner: 'app', group: 'adm' },
    { path: '/etc/c', ...usual, ...text('packed\n'), mode: 0o755 },
    { path: '/etc/d', ...usual, content: { kind: 'bytes', base64: 'AAEC' } },
    { path: '/etc/e', ...usual, ...text('two\nthree\n') },
    { path: '/etc/empty', ...usual, ...text('') },
  ]);
  assert.equal(scripts.length, 1);
  assert.equal(scripts[0]?.name, "append to /etc/it's");
  assert.match(scripts[0]?.run ?? '', /base64 -d >> '\/etc\/it'\\''s' <<'END'/);
});

test('packages as names, pairs and lists of apt', (t) => {
  const { packages, scripts } = profileOf(
    t,
    cc(
      'packages: [nginx, [curl, 7.88.1-10], {apt: [vim, [htop, "3.*"]]}]\npackage_update: true\npackage_upgrade: yes\n',
    ),
  );
  assert.deepEqual(packages, [
    { name: 'nginx', state: 'present' },
    { name: 'curl', state: 'present', version: '7.88.1-10' },
    { name: 'vim', state: 'present' },
    { name: 'htop', state: 'present', version: '3.*' },
  ]);
  assert.deepEqual(
    scripts.map(({ name, at }) => [name, at]),
    [['upgrade packages', 'before-packages']],
  );
});

test('repositories and settings of apt', (t) => {
  const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n        x\n        -----END PGP PUBLIC KEY BLOCK-----';
  const { repositories, files, scripts } = profileOf(
    t,
    cc(`apt:
  preserve_sources_list: true
  http_proxy: http://proxy.example.org:3128
  conf: |
    APT::Install-Recommends "false";
  debconf_selections:
    set1: tzdata tzdata/Areas select Europe
  sources:
    Docker.list:
      source: deb [arch=amd64 signed-by=$KEY_FILE] https://download.example.org/debian $RELEASE stable
      key: |
        ${key}
`),
    { facts: debian },
  );
  assert.deepEqual(repositories, [
    {
      name: 'docker',
      absent: false,
      urls: ['https://download.example.org/debian'],
      suites: ['bookworm'],
      components: ['stable'],
      architectures: ['amd64'],
      key: {
        kind: 'text',
        text: '-----BEGIN PGP PUBLIC KEY BLOCK-----\nx\n-----END PGP PUBLIC KEY BLOCK-----\n\n',
      },
    },
  ]);
  assert.deepEqual(
    files.map((file) => [file.path, file.kind === 'file' && file.content]),
    [
      [
        '/etc/apt/apt.conf.d/94cloud-init-config',
        { kind: 'text', text: 'APT::Install-Recommends "false";\n' },
      ],
      [
        '/etc/apt/apt.conf.d/90cloud-init-aptproxy',
        { kind: 'text', text: 'Acquire::http::Proxy "http://proxy.example.org:3128";\n' },
      ],
    ],
  );
  assert.match(
    scripts[0]?.run ?? '',
    /debconf-set-selections <<'END' .*\ntzdata tzdata\/Areas select Europe\nEND\n/,
  );
});

test('runcmd runs once at the end, bootcmd at every boot, both with the text as it is', (t) => {
  const { scripts, files, services } = profileOf(
    t,
    cc(`runcmd:
  - [sh, -c, "echo it's $HOME"]
  - echo \${X:-y} \${NAME}
  -
bootcmd: [echo boot]
`),
  );
  assert.equal(scripts.length, 1);
  const [script] = scripts;
  assert.ok(script && script.at === 'last' && !script.always && script.creates?.startsWith('/var/lib/kiln/'));
  assert.deepEqual(script.run.split('\n').slice(0, 4), [
    '#!/bin/sh',
    `'sh' '-c' 'echo it'\\''s $HOME'`,
    '{ status=$?; [ "$status" -eq 0 ] || echo "runcmd: command 1 ended with $status" >&2; }',
    'echo ${X:-y} ${NAME}',
  ]);
  assert.equal(services[0]?.name, 'kiln-bootcmd.service');
  assert.equal(services[0]?.enabled, true);
  const [file] = files;
  assert.ok(file?.kind === 'file' && file.mode === 0o755 && file.content?.kind === 'text');
  assert.match(file.content.text, /^#!\/bin\/sh\necho boot\n/);
});

test('names, language, time, swap, mounts, name servers and certificates', (t) => {
  const { config, files, packages, scripts } = profileOf(
    t,
    cc(`hostname: web
fqdn: web.example.org
manage_etc_hosts: localhost
timezone: Europe/London
locale: en_GB.UTF-8
keyboard: { layout: gb, variant: intl }
swap: { filename: /swap, size: 1.5G, maxsize: 2G }
growpart: { mode: auto, devices: ["/"] }
resize_rootfs: true
manage_resolv_conf: true
resolv_conf: { nameservers: [192.0.2.53], searchdomains: [example.org], domain: example.com }
ntp: { servers: [ntp.example.org], pools: [pool.example.org] }
mounts: [[LABEL=data, /srv/data, ext4]]
ca_certs: { trusted: ["-----BEGIN CERTIFICATE-----\\nx\\n-----END CERTIFICATE-----"] }
`),
  );
  assert.equal(config.hostname, 'web');
  assert.deepEqual(config.hosts, { '127.0.1.1': ['web.example.org', 'web'] });
  assert.deepEqual([config.timezone, config.locale], ['Europe/London', 'en_GB.UTF-8']);
  assert.deepEqual(config.keyboard, { layout: 'gb', variant: 'intl' });
  assert.deepEqual(config.swap, { size: 1.5 * 2 ** 30, path: '/swap' });
  assert.deepEqual(config.dns, { servers: ['192.0.2.53'], search: ['example.com', 'example.org'] });
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      '/etc/systemd/timesyncd.conf.d/cloud-init.conf',
      '/usr/local/share/ca-certificates/cloud-init-ca-cert-1.crt',
    ],
  );
  assert.deepEqual(
    packages.map(({ name }) => name),
    ['systemd-timesyncd', 'ca-certificates'],
  );
  const mount = scripts.find(({ name }) => name === 'mount /srv/data');
  assert.match(mount?.run ?? '', /'LABEL=data \/srv\/data ext4 defaults,nofail 0 2' >> \/etc\/fstab/);
  assert.match(mount?.unless ?? '', /^grep -qxF -- 'LABEL=data/);
  const { config: long } = profileOf(t, cc('fqdn: web.example.org\nprefer_fqdn_over_hostname: true\n'));
  assert.equal(long.hostname, 'web.example.org');
  assert.equal(profileOf(t, cc('hostname: a\npreserve_hostname: true\n')).config.hostname, undefined);
});
