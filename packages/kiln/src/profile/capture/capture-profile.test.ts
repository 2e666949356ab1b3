import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Profile } from '../../plan/profile.ts';
import { compareStates } from '../diff/compare-states.ts';
import { stateOfInventory } from '../diff/state-of-inventory.ts';
import { stateOfProfile } from '../diff/state-of-profile.ts';
import { readInventory } from '../inventory/read-inventory.ts';
import { readProfile } from '../language/read-profile.ts';
import { type DebianTree, debianSystem } from '../testing/debian-tree.ts';
import { bareSystemOf } from './bare-system.ts';
import { captureProfile } from './capture-profile.ts';
import type { CapturedProfile } from './captured-profile.ts';
import { formatCaptured } from './format-captured.ts';
import { inlineFiles } from './inline-files.ts';
import { writeCaptured } from './write-captured.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGqpHJZ1Q2vvSgSmZ0p0gPnXDW6u3jvQkVZ4yJ8dJ0Zb ann@laptop';
const hash = '$y$j9T$abcdefghijklmnop$qrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456';
const privateKey =
  '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtzc2gtZW\n-----END OPENSSH PRIVATE KEY-----\n';

async function capture(
  tree: DebianTree,
  { bare, hashes = false }: { readonly bare?: DebianTree; readonly hashes?: boolean } = {},
): Promise<CapturedProfile> {
  const system = debianSystem(tree);
  return captureProfile(await readInventory(system), system, {
    name: 'captured',
    folder: 'files',
    passwordHashes: hashes,
    ...(bare && { bare: bareSystemOf(await readInventory(debianSystem(bare, 'the bare system'))) }),
  });
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-capture-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Reads a profile back as people would. */
function readBack(file: string, text: string): Profile {
  const { profile, diagnostics } = readProfile({ file, text, parameters: {}, env: {}, bases: new Map() });
  assert.deepEqual(diagnostics, []);
  return profile!;
}

/** A machine that somebody has configured by hand. */
const machine: DebianTree = {
  packages: [
    {
      name: 'nginx',
      version: '1.22.1-9',
      depends: 'nginx-common, libc6',
      files: { '/etc/nginx/nginx.conf': 'worker_processes auto;\n' },
      conffiles: ['/etc/nginx/nginx.conf'],
    },
    { name: 'nginx-common', automatic: true, also: ['/etc/nginx'] },
    { name: 'fonts', automatic: true },
  ],
  files: {
    '/etc/nginx/nginx.conf': 'worker_processes 4;\n',
    '/etc/nginx/site': 'root ${host} /srv;\n',
    '/etc/nginx/enabled': { link: 'site' },
    '/etc/passwd':
      'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nann:x:1000:1000:Ann:/home/ann:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/sh\n',
    '/etc/group':
      'root:x:0:\nsudo:x:27:ann\nwww-data:x:33:\nnogroup:x:65534:\nann:x:1000:\nbob:x:1001:\ndocker:x:990:ann\n',
    '/etc/shadow': {
      text: `root:*:1::::::\nwww-data:*:1::::::\nann:${hash}:1::::::\nbob:!:1::::::\n`,
      mode: 0o640,
    },
    '/home/ann': { folder: true, uid: 1000, gid: 1000 },
    '/home/bob': { folder: true, uid: 1001, gid: 1001, mode: 0o700 },
    '/home/ann/.ssh': { folder: true, uid: 1000, gid: 1000, mode: 0o700 },
    '/home/ann/.ssh/authorized_keys': { text: `${key}\n`, uid: 1000, gid: 1000, mode: 0o600 },
    '/etc/systemd/system/backup.service': '[Service]\nType=oneshot\nExecStart=/usr/local/bin/backup\n',
    '/etc/systemd/system/backup.timer': '[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n',
    '/etc/systemd/system/timers.target.wants/backup.timer': { link: '/etc/systemd/system/backup.timer' },
    '/usr/local/bin/backup': { text: '#!/bin/sh\necho "$HOME ${HOME}"\n', mode: 0o755 },
    '/etc/sysctl.d/60-web.conf': 'net.core.somaxconn = 1024\n',
    '/etc/localtime': { link: '/usr/share/zoneinfo/Europe/Berlin' },
    '/etc/environment': 'EDITOR=vim\n',
    '/etc/cron.d/nightly': '30 3 * * * root /usr/local/bin/backup\n',
    '/srv/data': { folder: true, uid: 33, gid: 33, mode: 0o2770 },
    '/srv/data/logo.png': { bytes: Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]), uid: 33, gid: 33 },
  },
};

test('a captured profile is written for people', async () => {
  const captured = await capture(machine);
  assert.equal(
    formatCaptured(captured),
    `# Captured from a test system (Debian GNU/Linux 12 (bookworm)): what it has beyond debian/12 as Kiln installs it.
# Left out as a secret: password of ann (the hash of a password)
profile: 1
name: captured
os: debian/12

packages:
  - nginx
  # Recommended by others, or chosen among several:
  - fonts

groups:
  docker:
    gid: 990
    system: true

users:
  # has a password, whose hash was left out (--password-hashes writes it)
  ann:
    uid: 1000
    groups: [ docker, sudo ]
    shell: /bin/bash
    comment: Ann
    ssh_keys:
      - ${key}
  bob:
    uid: 1001
    shell: /bin/sh

files:
  /etc/nginx/enabled:
    link: site
  /etc/nginx/nginx.conf: |
    worker_processes 4;
  /etc/nginx/site: |
    root $\${host} /srv;
  /etc/sysctl.d/60-web.conf: |
    net.core.somaxconn = 1024
  /home/bob:
    directory: true
    mode: "0700"
  /srv/data:
    directory: true
    mode: "2770"
    owner: www-data
    group: www-data
  /srv/data/logo.png:
    source: ./files/srv/data/logo.png
    owner: www-data
    group: www-data
  /usr/local/bin/backup:
    content: |
      #!/bin/sh
      echo "$HOME $\${HOME}"
    mode: "0755"

services:
  backup:
    unit: |
      [Service]
      Type=oneshot
      ExecStart=/usr/local/bin/backup
  backup.timer:
    enabled: true
    unit: |
      [Timer]
      OnCalendar=daily
      [Install]
      WantedBy=timers.target

config:
  hostname: web-1
  timezone: Europe/Berlin
  environment:
    EDITOR: vim
  cron:
    nightly: 30 3 * * * root /usr/local/bin/backup
`,
  );
});

test('a captured profile says the same when it is read back, and nothing that is not so on the machine', async (t) => {
  const captured = await capture(machine);
  const path = join(temporaryFolder(t), 'kiln.profile.yaml');
  await writeCaptured(captured, path, { secret: false });
  const profile = readBack(path, readFileSync(path, 'utf8'));
  const local = (text: string) => JSON.parse(text.replaceAll(join(path, '..'), '.')) as unknown;
  assert.deepEqual(local(JSON.stringify(profile)), JSON.parse(JSON.stringify(captured.profile)));
  const inventory = await readInventory(debianSystem(machine));
  assert.deepEqual(compareStates(await stateOfProfile(profile, 'profile'), stateOfInventory(inventory)), []);
});

test('without a folder everything stands in the profile itself', async () => {
  const captured = inlineFiles(await capture(machine));
  const profile = readBack('captured.yaml', formatCaptured(captured));
  const logo = profile.files.find((file) => file.path === '/srv/data/logo.png');
  assert.deepEqual(logo?.kind === 'file' && logo.content, { kind: 'bytes', base64: 'iVBORwAB' });
});

test('of a system with nothing but the distribution there is nothing to say but its name', async () => {
  const { profile, warnings } = await capture({});
  const { config, name: _name, os: _os, ...rest } = profile;
  assert.deepEqual(rest, {
    repositories: [],
    packages: [],
    groups: [],
    users: [],
    files: [],
    services: [],
    scripts: [],
  });
  assert.deepEqual([config.hostname, Object.keys(config.sysctl), config.cron], ['web-1', [], []]);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /^systems that Kiln builds have packages that this one lacks: .*openssh-server/);
});

test('secrets are named, and nothing of them is written', async () => {
  const files = {
    ...machine.files,
    '/etc/app/tls.key': { text: privateKey, mode: 0o600 },
    '/etc/app/env': 'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIK7MDENGbPxRfiCYzzzzKEYzzzz1\n',
    '/etc/systemd/system/token.service': `[Service]\nEnvironment=GITHUB_TOKEN=ghp_${'aB3dE5gH7jK9mN1pQ3sT5vX7zB9dF1hJ3lN5'}\nExecStart=/bin/true\n`,
    '/home/ann/.ssh/id_ed25519': { text: privateKey, mode: 0o600 },
  } as const;
  const captured = await capture({ ...machine, files });
  const text = formatCaptured(inlineFiles(captured));
  for (const secret of ['b3BlbnNzaC1', 'wJalrXUtn', 'ghp_', hash]) assert.ok(!text.includes(secret), secret);
  const names = captured.secrets.map(({ name }) => name.split(',')[0]).sort();
  assert.deepEqual(names, [
    '/etc/app/env',
    '/etc/app/tls.key',
    '/etc/systemd/system/token.service',
    '/home/ann/.ssh/id_ed25519',
    'password of ann',
  ]);
  for (const name of names) assert.ok(text.includes(`# Left out as a secret: ${name}`), name);
});

test('hashes of passwords are written when that is asked for, into a file of the owner alone', async (t) => {
  const captured = await capture(machine, { hashes: true });
  assert.deepEqual(captured.profile.users[0]?.password, { kind: 'hash', hash });
  assert.deepEqual(captured.secrets, []);
  const path = join(temporaryFolder(t), 'secret.yaml');
  await writeCaptured(captured, path, { secret: true });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readBack(path, readFileSync(path, 'utf8')).users[0]?.password, { kind: 'hash', hash });
});

test('packages that others need are not named, and the fewest of the rest are', async () => {
  const { profile } = await capture({
    packages: [
      { name: 'web', depends: 'server | other-server, default-mta | mail-transport-agent' },
      { name: 'other-server', automatic: true },
      { name: 'mta', automatic: true, provides: 'mail-transport-agent' },
      { name: 'tool', automatic: true, depends: 'tool-data' },
      { name: 'tool-data', automatic: true, depends: 'tool' },
      { name: 'libweb1', depends: 'libc6' },
      { name: 'libtool9' },
      { name: 'needs-lib', depends: 'libweb1' },
      { name: 'linux-image-6.1.0-18-amd64', automatic: true },
    ],
  });
  const names = profile.packages.map(({ name }) => name);
  // What a package manager might choose otherwise is named; of two that need each other, one.
  assert.deepEqual(names, ['libtool9', 'needs-lib', 'web', 'mta', 'other-server', 'tool']);
});

test('packages that were taken away, and those that are held, are told', async () => {
  const bare = { packages: [{ name: 'less' }, { name: 'nano' }] };
  const { profile, remarks } = await capture(
    { packages: [{ name: 'nano', wanted: 'hold', version: '7.2-1' }] },
    { bare },
  );
  assert.deepEqual(profile.packages, [
    { name: 'nano', state: 'present', version: '7.2-1', held: true },
    { name: 'less', state: 'absent' },
  ]);
  assert.ok(remarks.some(({ at }) => at.join('.') === 'packages.less'));
});

test('what the bare system has too need not be said, and what it had is told as absent', async () => {
  const shared = {
    '/etc/site.conf': 'same\n',
    '/etc/tool/a': 'a\n',
    '/etc/systemd/system/x.service': { link: '/dev/null' },
  } as const;
  const { profile } = await capture(
    {
      files: {
        ...shared,
        '/etc/site.conf': 'other\n',
        '/etc/profile': { text: '# for every shell\n', mode: 0o600 },
      },
    },
    { bare: { files: { ...shared, '/etc/gone.conf': 'x\n' } } },
  );
  assert.deepEqual(
    profile.files.map((file) => [file.path, file.kind, 'mode' in file ? file.mode : undefined]),
    [
      ['/etc/gone.conf', 'absent', undefined],
      ['/etc/profile', 'file', 0o600],
      ['/etc/site.conf', 'file', undefined],
    ],
  );
});

test('settings that stand where Kiln writes them are said in words', async () => {
  const { profile } = await capture({
    files: {
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n',
      '/etc/group': 'root:x:0:\nann:x:1000:\n',
      '/etc/sysctl.d/99-kiln.conf': 'vm.swappiness = 10\n',
      '/etc/modules-load.d/kiln.conf': 'br_netfilter\n',
      '/etc/security/limits.d/99-kiln.conf': 'ann soft nofile 4096\n',
      '/etc/systemd/resolved.conf.d/kiln.conf': '[Resolve]\nDNS=192.0.2.1\n',
      '/etc/sudoers.d/kiln-ann': { text: 'ann ALL=(ALL:ALL) NOPASSWD: ALL\n', mode: 0o440 },
    },
  });
  const { config, users, files } = profile;
  assert.deepEqual(files, []);
  assert.deepEqual(users[0]?.sudo, ['ALL=(ALL:ALL) NOPASSWD: ALL']);
  assert.deepEqual(config.sysctl, { 'vm.swappiness': '10' });
  assert.deepEqual(config.modules, { load: ['br_netfilter'], blacklist: [] });
  assert.deepEqual(config.limits, [{ domain: 'ann', type: 'soft', item: 'nofile', value: '4096' }]);
  assert.deepEqual(config.dns, { servers: ['192.0.2.1'], search: [] });
});

test('keys with remarks among them, or with odd permissions, are captured as the file that they are', async () => {
  const home = {
    '/home/ann': { folder: true, uid: 1000, gid: 1000 },
    '/home/ann/.ssh': { folder: true, uid: 1000, gid: 1000, mode: 0o700 },
  } as const;
  const base = {
    '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n',
    '/etc/group': 'root:x:0:\nann:x:1000:\n',
    ...home,
  };
  for (const node of [
    { text: `# laptop\n${key}\n`, uid: 1000, gid: 1000, mode: 0o600 },
    { text: `${key}\n`, uid: 1000, gid: 1000, mode: 0o644 },
  ]) {
    const { profile } = await capture({ files: { ...base, '/home/ann/.ssh/authorized_keys': node } });
    assert.equal(profile.users[0]?.sshKeys, undefined);
    assert.deepEqual(
      profile.files.map(({ path }) => path),
      ['/home/ann/.ssh/authorized_keys'],
    );
  }
});

test("repositories of others come with their keys; the distribution's own are no news", async () => {
  const binary = Buffer.from('99010d045f', 'hex');
  const { profile, remarks } = await capture({
    files: {
      '/etc/apt/sources.list': 'deb http://mirror.example.net/debian bookworm main contrib\n',
      '/etc/apt/sources.list.d/docker.list':
        'deb [signed-by=/etc/apt/keyrings/docker.gpg] https://download.example.com/linux/debian bookworm stable\n',
      '/etc/apt/keyrings/docker.gpg': { bytes: binary },
    },
  });
  const [contrib, docker] = profile.repositories;
  assert.deepEqual([contrib?.suites, contrib?.components], [['bookworm'], ['contrib']]);
  assert.deepEqual(
    [docker?.name, docker?.urls, docker?.suites, docker?.components],
    ['docker', ['https://download.example.com/linux/debian'], ['bookworm'], ['stable']],
  );
  assert.ok(docker?.key?.kind === 'text');
  assert.match(
    docker.key.text,
    /^-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQENBF8=\n=[A-Za-z0-9+/]{4}\n-----END/,
  );
  assert.deepEqual(profile.files, [], 'what stands in repositories is not captured as files too');
  assert.deepEqual(
    remarks.filter(({ at }) => at.length > 0),
    [],
    'the machine is as the profile says it, in files of its own',
  );
});

test('what no profile can say is a warning, not silence', async () => {
  const { profile, warnings } = await capture({
    files: {
      '/etc/control\u0001name': 'x',
      '/etc/big.bin': { bytes: Buffer.alloc((1 << 20) + 1) },
      '/etc/fstab': '/swapfile none swap sw 0 0\n',
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nMixed.Case:x:1000:1000::/home/mc:/bin/sh\n',
    },
  });
  assert.deepEqual(profile.files, []);
  assert.deepEqual(profile.users, []);
  for (const words of ['/etc/control\\x01name', '/etc/big.bin', '/swapfile', 'Mixed.Case'])
    assert.ok(
      warnings.some((warning) => warning.includes(words)),
      words,
    );
});

test('names and texts that YAML or profiles read in their own way come back as they are', async (t) => {
  const texts = [
    'true',
    '0644\n',
    '- a\n- b\n',
    '# only a comment\n',
    '"quoted"\n',
    "it's\n",
    'a: b\n',
    '\ttab\n',
    ' leading\n',
    'trailing \n',
    'no end',
    'a\n\n\n',
    '',
    '${os.codename} $${x} ${y}\n',
    '!reset\n',
    'größe\n',
    '\u0085\n',
    'x'.repeat(5000),
  ];
  const files = Object.fromEntries(texts.map((text, index) => [`/etc/t/${index}`, text]));
  const odd = [
    '/etc/t/true',
    '/etc/t/a: b',
    '/etc/t/# x',
    '/etc/t/- y',
    "/etc/t/it's",
    '/etc/t/sp ace',
    '/etc/t/*',
    '/etc/t/ünï',
  ];
  for (const path of odd) files[path] = 'odd\n';
  const tree = { files };
  const captured = await capture(tree);
  const path = join(temporaryFolder(t), 'odd.yaml');
  await writeCaptured(captured, path, { secret: false });
  const profile = readBack(path, readFileSync(path, 'utf8'));
  assert.equal(profile.files.length, texts.length + odd.length);
  const inventory = await readInventory(debianSystem(tree));
  assert.deepEqual(compareStates(await stateOfProfile(profile, 'profile'), stateOfInventory(inventory)), []);
});
