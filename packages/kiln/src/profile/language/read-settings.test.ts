import assert from 'node:assert/strict';
import { test } from 'node:test';
import { p, profileOf } from './testing.ts';

test('services are a list to enable, or a mapping of names to states and units', (t) => {
  const unit = '[Service]\nExecStart=/bin/true\n';
  const { services } = profileOf(t, {
    'kiln.profile.yaml': p(`files: { /etc/ssh/sshd_config: x }
services:
  nginx:
  cups: disabled
  avahi-daemon.socket: masked
  ssh: { restart_on: /etc/ssh/sshd_config }
  app: { unit: app.service, enabled: true, running: false }
  other:
    drop_in: |
      [Service]
      MemoryMax=1G
`),
    'app.service': unit,
  });
  assert.deepEqual(services, [
    { name: 'nginx.service', enabled: true, restartOn: [] },
    { name: 'cups.service', enabled: false, restartOn: [] },
    { name: 'avahi-daemon.socket', masked: true, restartOn: [] },
    { name: 'ssh.service', restartOn: ['/etc/ssh/sshd_config'] },
    { name: 'app.service', enabled: true, running: false, unit, restartOn: [] },
    { name: 'other.service', dropIn: '[Service]\nMemoryMax=1G\n', restartOn: [] },
  ]);
  assert.deepEqual(profileOf(t, p('services: [nginx, backup.timer]')).services, [
    { name: 'nginx.service', enabled: true, restartOn: [] },
    { name: 'backup.timer', enabled: true, restartOn: [] },
  ]);
});

test('settings have short forms and long ones', (t) => {
  const { config } = profileOf(
    t,
    p(`config:
  hostname: web-1
  timezone: Europe/London
  locale: en_GB.UTF-8
  locales: [de_DE.UTF-8]
  keyboard: { layout: gb, variant: intl }
  sysctl: { net.ipv4.ip_forward: 1, vm.swappiness: "10" }
  modules: { load: [br_netfilter], blacklist: [pcspkr] }
  limits:
    - deploy soft nofile 65536
    - { domain: "@staff", item: nproc, value: unlimited }
  environment: { EDITOR: vim, DEBUG: true }
  hosts: { 192.0.2.10: db, "2001:db8::1": [a, a.example.org] }
  dns: { servers: [192.0.2.53], search: [example.org] }
  cron:
    backup: 30  3 * * 1-5 root /usr/local/bin/backup --all
    tidy: { schedule: "@daily", command: rm -rf /tmp/x, user: nobody }
    gone: absent
  timers:
    sync: { calendar: "Mon..Fri *-*-* 03:30:00", command: /bin/sync }
    never: absent
  swap: { size: 1.5G, path: /var/swap }
`),
  );
  assert.deepEqual(config, {
    hostname: 'web-1',
    timezone: 'Europe/London',
    locale: 'en_GB.UTF-8',
    locales: ['de_DE.UTF-8'],
    keyboard: { layout: 'gb', variant: 'intl' },
    sysctl: { 'net.ipv4.ip_forward': '1', 'vm.swappiness': '10' },
    modules: { load: ['br_netfilter'], blacklist: ['pcspkr'] },
    limits: [
      { domain: 'deploy', type: 'soft', item: 'nofile', value: '65536' },
      { domain: '@staff', type: '-', item: 'nproc', value: 'unlimited' },
    ],
    environment: { EDITOR: 'vim', DEBUG: 'true' },
    hosts: { '192.0.2.10': ['db'], '2001:db8::1': ['a', 'a.example.org'] },
    dns: { servers: ['192.0.2.53'], search: ['example.org'] },
    cron: [
      {
        name: 'backup',
        schedule: '30 3 * * 1-5',
        user: 'root',
        command: '/usr/local/bin/backup --all',
        absent: false,
      },
      { name: 'tidy', schedule: '@daily', user: 'nobody', command: 'rm -rf /tmp/x', absent: false },
      { name: 'gone', schedule: '', user: 'root', command: '', absent: true },
    ],
    timers: [
      {
        name: 'sync',
        calendar: 'Mon..Fri *-*-* 03:30:00',
        command: '/bin/sync',
        user: 'root',
        persistent: true,
        absent: false,
      },
      { name: 'never', calendar: '', command: '', user: 'root', persistent: true, absent: true },
    ],
    swap: { size: 1.5 * 2 ** 30, path: '/var/swap' },
  });
  const short = profileOf(
    t,
    p('config: {keyboard: gb, modules: [a_b], dns: [192.0.2.53], swap: none}'),
  ).config;
  assert.deepEqual(
    [short.keyboard, short.modules, short.dns, short.swap],
    [
      { layout: 'gb' },
      { load: ['a_b'], blacklist: [] },
      { servers: ['192.0.2.53'], search: [] },
      { size: 0, path: '/swapfile' },
    ],
  );
});

test('scripts stand in the order of their points, and have names whether or not they were given one', (t) => {
  const { scripts } = profileOf(t, {
    'kiln.profile.yaml': p(`scripts:
  last: [echo 1, { name: two, run: echo 2, unless: test -e /2 }]
  first: echo 0
  after-packages: { script: setup.sh, creates: /opt/x }
`),
    'setup.sh': '#!/bin/bash\necho ${x}\n',
  });
  assert.deepEqual(scripts, [
    { name: 'first 1', at: 'first', run: 'echo 0', always: true },
    {
      name: 'after-packages 1',
      at: 'after-packages',
      run: '#!/bin/bash\necho ${x}\n',
      creates: '/opt/x',
      always: false,
    },
    { name: 'last 1', at: 'last', run: 'echo 1', always: true },
    { name: 'two', at: 'last', run: 'echo 2', unless: 'test -e /2', always: false },
  ]);
  const list = profileOf(t, p('scripts: [echo a, {at: first, run: echo b}, echo c]')).scripts;
  assert.deepEqual(
    list.map(({ name, run }) => [name, run]),
    [
      ['first 1', 'echo b'],
      ['last 1', 'echo a'],
      ['last 2', 'echo c'],
    ],
  );
});

test('repositories are lines of apt or fields', (t) => {
  const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n';
  const { repositories } = profileOf(t, {
    'kiln.profile.yaml': p(`os: debian/bookworm
repositories:
  backports: deb [arch=amd64,arm64] https://deb.example.org/debian bookworm-backports main contrib
  docker: { url: "https://download.example.org/debian", suites: "\${os.codename}", components: stable, key: docker.asc }
  flat: { url: ["https://a.example.org", "https://b.example.org"], suites: ./ }
  old: absent
`),
    'docker.asc': key,
  });
  const rest = { absent: false, architectures: [] };
  assert.deepEqual(repositories, [
    {
      name: 'backports',
      ...rest,
      urls: ['https://deb.example.org/debian'],
      suites: ['bookworm-backports'],
      components: ['main', 'contrib'],
      architectures: ['amd64', 'arm64'],
    },
    {
      name: 'docker',
      ...rest,
      urls: ['https://download.example.org/debian'],
      suites: ['bookworm'],
      components: ['stable'],
      key: { kind: 'text', text: key },
    },
    {
      name: 'flat',
      ...rest,
      urls: ['https://a.example.org', 'https://b.example.org'],
      suites: ['./'],
      components: [],
    },
    { name: 'old', ...rest, absent: true, urls: [], suites: [], components: [] },
  ]);
});
