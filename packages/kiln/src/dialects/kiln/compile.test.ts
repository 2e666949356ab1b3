import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { FileStep, ShellStep } from '../../plan/step.ts';
import { planOf, read, temporaryFolder } from './testing.ts';

test('the shortest image has sensible defaults', (t) => {
  const plan = planOf(t, 'kiln: 1\nimages: {web: {from: debian/12}}\n');
  const [build] = plan.builds;
  const source = build?.source as QemuSource;
  assert.equal(build?.name, 'web');
  assert.deepEqual(source.disk, { kind: 'distribution', distribution: 'debian', release: '12' });
  assert.equal(source.hardware.cpus, 2);
  assert.equal(source.hardware.memory, 2 ** 30);
  assert.deepEqual(source.hardware.firmware, { kind: 'bios' });
  assert.equal(source.result.diskSize, undefined);
  assert.equal(source.seed, true);
  assert.deepEqual(build?.outputs, [[{ kind: 'store', references: ['web:latest'] }]]);
  assert.ok(Object.isFrozen(plan) && Object.isFrozen(source.hardware));
});

test('a host with one processor gives machines one', (t) => {
  const plan = planOf(t, 'kiln: 1\nmachines: {web: {from: debian/12}}\n', { hostCpus: 1 });
  assert.equal(plan.machines[0]?.cpus, 1);
});

test('steps become the plan’s steps, in order and named by what they do', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'page'));
  writeFileSync(join(folder, 'setup.sh'), '#!/bin/sh\n');
  const plan = planOf(
    t,
    `kiln: 1
images:
  web:
    from: debian/12
    steps:
      - run: |
          # a comment
          apt-get update
          apt-get install -y nginx
      - name: set up
        run: {script: setup.sh, env: {A: "it's"}, user: www-data, exit_codes: [0, 3]}
        timeout: 5m
        retries: 2
        pause: 1s
      - copy: {from: page/, to: /var/www/html, mode: 0640, owner: www-data:adm}
      - copy: {content: "a: b", to: /etc/app.conf, mode: "0600"}
      - fetch: {from: /var/log/, to: logs/}
      - local: [make assets]
      - copy: {from: made-later.tar, to: /srv/}
      - reboot: true
      - reboot: false
      - sleep: 1m30s
`,
    { folder },
  );
  const { steps } = plan.builds[0]!;
  assert.deepEqual(
    steps.map((step) => [step.kind, step.name]),
    [
      ['shell', 'run apt-get update'],
      ['shell', 'set up'],
      ['file', 'copy page/ to /var/www/html'],
      ['file', 'write /etc/app.conf'],
      ['file', 'fetch /var/log/'],
      ['shell-local', 'run make assets'],
      ['file', 'copy made-later.tar to /srv/'],
      ['reboot', 'reboot'],
      ['sleep', 'sleep 1 m 30 s'],
    ],
  );
  const [first, second, page, config, logs, , later] = steps as readonly [
    ShellStep,
    ShellStep,
    ...FileStep[],
  ];
  assert.deepEqual(first.script, {
    kind: 'inline',
    lines: ['# a comment\napt-get update\napt-get install -y nginx'],
  });
  assert.equal(first.inlineShebang, '/bin/sh -e');
  assert.deepEqual(second.script, { kind: 'files', paths: [join(folder, 'setup.sh')] });
  assert.deepEqual(second.environment, [
    ['DEBIAN_FRONTEND', 'noninteractive'],
    ['A', "it's"],
  ]);
  assert.deepEqual(second.validExitCodes, [0, 3]);
  assert.deepEqual([second.timeout, second.maxRetries, second.pauseBefore], [300_000, 2, 1000]);
  assert.match(JSON.stringify(second.executeCommand), /www-data/);
  assert.deepEqual(
    [page?.sources, page?.mode, page?.owner],
    [[`${join(folder, 'page')}/`], 0o640, 'www-data:adm'],
  );
  assert.deepEqual([config?.content, config?.mode, config?.owner], ['a: b', 0o600, 'root']);
  assert.deepEqual([logs?.direction, logs?.destination], ['download', `${join(folder, 'logs')}/`]);
  // Made by the local step before it, so it need not be there yet.
  assert.deepEqual([later?.generated, page?.generated], [true, false]);
  assert.deepEqual(first.at && { line: first.at.line, column: first.at.column }, { line: 6, column: 9 });
});

test('outputs below a disk are about that disk', (t) => {
  const folder = temporaryFolder(t);
  const plan = planOf(
    t,
    `kiln: 1
images:
  web:
    from: debian/12
    tags: ["1.0", 2.1]
    outputs:
      - disk: dist/web.qcow2
      - checksum: {}
      - manifest: {path: dist/manifest.json, data: {team: a}}
      - disk: {path: dist/web.vhd, format: vhd}
      - compress: {path: dist/web.vhd.zst, keep: false}
      - checksum: {types: [sha512]}
`,
    { folder },
  );
  const [qcow2, vhd, store] = plan.builds[0]!.outputs;
  assert.deepEqual(
    [qcow2, vhd].map((chain) => chain?.map((output) => [output.kind, output.keepInput])),
    [
      [
        ['disk', undefined],
        ['checksum', true],
        ['manifest', true],
      ],
      [
        ['disk', undefined],
        ['compress', false],
        ['checksum', true],
      ],
    ],
  );
  assert.deepEqual(qcow2?.[1] && 'output' in qcow2[1] && qcow2[1].output, {
    kind: 'template',
    source: `{{ "${folder}/dist/web.qcow2" }}.{{ .ChecksumType }}`,
  });
  assert.deepEqual(vhd?.[2] && 'output' in vhd[2] && vhd[2].output, {
    kind: 'template',
    source: `{{ "${folder}/dist/web.vhd.zst" }}.{{ .ChecksumType }}`,
  });
  assert.deepEqual(store, [{ kind: 'store', references: ['web:latest', 'web:1.0', 'web:2.1'] }]);
});

test('images start from distributions, files, URLs and the store', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'disk.qcow2'), 'x');
  const digest = 'ab'.repeat(32);
  const plan = planOf(
    t,
    `kiln: 1
x-login: &login {ssh: {user: admin, password: secret}}
images:
  distribution: {from: ubuntu/24.04}
  file: {<<: *login, from: ./disk.qcow2, checksum: ${digest}}
  url: {<<: *login, from: "https://127.0.0.1/disk.img", checksum: "file:https://127.0.0.1/SHA256SUMS"}
  store: {from: "base:1.0"}
  nested: {from: team/base}
  id: {from: "sha256:0123abcd"}
`,
    { folder },
  );
  const disks = plan.builds.map((build) => (build.source as QemuSource).disk);
  assert.deepEqual(disks, [
    { kind: 'distribution', distribution: 'ubuntu', release: '24.04' },
    {
      kind: 'file',
      path: join(folder, 'disk.qcow2'),
      checksum: { kind: 'digest', algorithm: 'sha256', hex: digest },
    },
    {
      kind: 'url',
      urls: ['https://127.0.0.1/disk.img'],
      checksum: { kind: 'from', location: 'https://127.0.0.1/SHA256SUMS' },
    },
    { kind: 'store', reference: 'base:1.0' },
    { kind: 'store', reference: 'team/base' },
    { kind: 'store', reference: 'sha256:0123abcd' },
  ]);
  const seeds = plan.builds.map((build) => (build.source as QemuSource).seed);
  assert.deepEqual(seeds, [true, false, false, true, true, true]);
});

test('a build logs in to a foreign image as told, and works as root through sudo', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'disk.img'), 'x');
  const plan = planOf(
    t,
    `kiln: 1
images:
  web:
    from: ./disk.img
    ssh: {user: admin, password: "p w", port: 2022, timeout: 10m}
    steps: [{run: id}]
machines:
  web:
    from: ./disk.img
    ssh: {user: admin, password: "p w", port: 2022, timeout: 10m}
`,
    { folder },
  );
  assert.deepEqual(plan.machines[0]?.login, {
    user: 'admin',
    password: 'p w',
    port: 2022,
    timeout: 600_000,
  });
  const build = plan.builds[0]!;
  const { communicator } = build.source as QemuSource;
  assert.ok(communicator.kind === 'ssh');
  assert.deepEqual(
    [communicator.username, communicator.password, communicator.port, communicator.timeout],
    ['admin', 'p w', 2022, 600_000],
  );
  assert.deepEqual((build.steps[0] as ShellStep).executeCommand, {
    kind: 'template',
    source: 'chmod 0755 {{ .Path }}; sudo -n -H -E env {{ .Vars }} {{ .Path }}',
  });
});

test('a step says whether its result may come from a checkpoint', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'a'), '');
  const plan = planOf(
    t,
    `kiln: 1
variables: {age: 12h}
images:
  web:
    from: debian/12
    steps:
      - run: a
      - run: b
        cache: false
      - {local: c, cache: true}
      - {fetch: {from: /a, to: b}, cache: {max_age: "\${age}"}}
      - {copy: {from: a, to: /a}, cache: {max_age: 90s}}
      - {reboot: true, cache: true}
      - {sleep: 1s, cache: false}
`,
    { folder },
  );
  assert.deepEqual(
    plan.builds[0]?.steps.map(({ cache }) => cache),
    [undefined, false, {}, { maxAge: 43_200_000 }, { maxAge: 90_000 }, {}, false],
  );
});

test('machines have ports as in Compose, and the image of the same name', (t) => {
  const plan = planOf(
    t,
    `kiln: 1
images: {web: {from: debian/12}}
machines:
  web_1:
    image: web
    memory: 512M
    ports: [8080:80, "0.0.0.0:53:5353/udp", "[::1]:81:80"]
`,
  );
  const [machine] = plan.machines;
  assert.deepEqual(machine?.image, { kind: 'store', reference: 'web' });
  assert.deepEqual([machine?.memory, machine?.hostname, machine?.firmware], [512 * 2 ** 20, 'web-1', 'bios']);
  assert.deepEqual(machine?.ports, [
    { guest: 80, host: 8080, hostAddress: '127.0.0.1', protocol: 'tcp', autoCorrect: true },
    { guest: 5353, host: 53, hostAddress: '0.0.0.0', protocol: 'udp', autoCorrect: true },
    { guest: 80, host: 81, hostAddress: '::1', protocol: 'tcp', autoCorrect: true },
  ]);
});

test('machines have networks, in short and in full', (t) => {
  const plan = planOf(
    t,
    `kiln: 1
machines:
  web:
    from: debian/12
    networks:
      - 192.168.60.10
      - 10.9.0.1/16
      - dhcp
      - {address: "fd00::5", name: back, hostname: true, isolated: true, mac: 52-54-00-AA-BB-CC, configure: false}
      - {bridge: br0}
`,
  );
  const common = { configure: true, ownsHostname: false, bridges: [], isolated: false };
  assert.deepEqual(plan.machines[0]?.networks, [
    { kind: 'private', id: 'network-0', address: '192.168.60.10', ...common },
    { kind: 'private', id: 'network-1', address: '10.9.0.1', prefix: 16, ...common },
    { kind: 'private', id: 'network-2', ...common },
    {
      kind: 'private',
      id: 'network-3',
      network: 'back',
      address: 'fd00::5',
      mac: '52:54:00:aa:bb:cc',
      configure: false,
      ownsHostname: true,
      bridges: [],
      isolated: true,
    },
    { kind: 'public', id: 'network-4', ...common, bridges: ['br0'] },
  ]);
});

test('machines have folders, in short and in full', (t) => {
  const { plan, messages, folder } = read(
    t,
    `kiln: 1
machines:
  web:
    from: debian/12
    folders:
      - .:/srv/app/
      - /:/host:ro
      - from: made
        to: ~/code
        type: rsync
        create: true
        owner: www-data
        group: adm
        rsync: {exclude: [node_modules/], arguments: [--archive], watch: false, chown: false}
`,
  );
  assert.deepEqual(messages, []);
  const common = { type: 'auto', create: false, mountOptions: [] } as const;
  const rsync = { exclude: [], auto: true, chown: true };
  assert.deepEqual(plan?.machines[0]?.folders, [
    { id: '/srv/app', hostPath: folder, guestPath: '/srv/app', ...common, readOnly: false, rsync },
    { id: '/host', hostPath: '/', guestPath: '/host', ...common, readOnly: true, rsync },
    {
      id: '~/code',
      hostPath: join(folder, 'made'),
      guestPath: '~/code',
      type: 'rsync',
      create: true,
      owner: 'www-data',
      group: 'adm',
      mountOptions: [],
      readOnly: false,
      rsync: { exclude: ['node_modules/'], arguments: ['--archive'], auto: false, chown: false },
    },
  ]);
});

test('mistakes in networks and folders are told at their places', (t) => {
  const { messages } = read(
    t,
    `kiln: 1
machines:
  web:
    from: debian/12
    networks: [192.168.60.300, 10.0.0.1/31, 10.0.0.1, {address: 10.0.0.1}]
    folders: [src, "./nowhere:/srv/app", {from: ., to: srv}]
`,
  );
  const text = messages.join('\n');
  for (const expected of [
    /:5:16: .*an address such as/,
    /:5:32: .*a network of 10\.0\.0\.1\/31 has no room for machines/,
    /:6:15: .*a folder as "host:machine"/,
  ])
    assert.match(text, expected);
});

test('anchors, merge keys and fields of one’s own keep a file short', (t) => {
  const plan = planOf(
    t,
    `kiln: 1
x-small: &small {memory: 512M, cpus: 1}
x-steps:
  - &update {run: apt-get update}
images:
  a: {<<: *small, from: debian/12, steps: [*update]}
  b: {<<: [*small], cpus: 3, from: debian/12, steps: [*update, *update]}
`,
  );
  assert.deepEqual(
    plan.builds.map((build) => {
      const { memory, cpus } = (build.source as QemuSource).hardware;
      return [memory, cpus, build.steps.length];
    }),
    [
      [512 * 2 ** 20, 1, 1],
      [512 * 2 ** 20, 3, 2],
    ],
  );
});

test('an image may start from another of the same file, which is then built before it', (t) => {
  const plan = planOf(
    t,
    `kiln: 1
images:
  web: {from: base}
  base: {from: debian/12, tags: ["1"]}
  app: {from: "base:1"}
  old: {from: "base:0"}
`,
  );
  assert.deepEqual(
    plan.builds.map((build) => [build.name, build.after]),
    [
      ['base', undefined],
      ['web', ['base']],
      ['app', ['base']],
      ['old', undefined],
    ],
  );
});

test('images that start from each other are refused', (t) => {
  const { messages } = read(t, 'kiln: 1\nimages: {a: {from: b}, b: {from: c}, c: {from: a}, d: {from: d}}\n');
  assert.deepEqual(messages, [
    'kiln.yaml:2:20: error: images start from each other in a circle: a from b from c from a (an earlier image of the store can be named with its tag or id)',
    'kiln.yaml:2:62: error: the image "d" starts from itself (an earlier image of the store can be named with its tag or id)',
  ]);
});
