import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Profile } from '../../plan/profile.ts';
import { profileFor } from '../conditions.ts';
import { factsOfInventory } from '../inventory/facts-of-inventory.ts';
import { readInventory } from '../inventory/read-inventory.ts';
import { readProfile } from '../language/read-profile.ts';
import { type DebianTree, debianSystem } from '../testing/debian-tree.ts';
import { compareStates } from './compare-states.ts';
import { stateOfInventory } from './state-of-inventory.ts';
import { stateOfProfile } from './state-of-profile.ts';
import type { Difference } from './system-state.ts';

async function compareTrees(before: DebianTree, after: DebianTree): Promise<Difference[]> {
  const [a, b] = await Promise.all([before, after].map(async (tree) => readInventory(debianSystem(tree))));
  return compareStates(stateOfInventory(a!), stateOfInventory(b!));
}

function profileOf(text: string, file = 'test.yaml'): Profile {
  const { profile, diagnostics } = readProfile({ file, text, parameters: {}, env: {}, bases: new Map() });
  assert.deepEqual(diagnostics, []);
  return profile!;
}

/** Differences that matter, each in a line. */
function told(differences: readonly Difference[]): string[] {
  return differences
    .filter(({ matters }) => matters)
    .map(({ section, name, kind, changes }) => {
      const what = changes.map((one) => `${one.what} ${one.before ?? '-'}>${one.after ?? '-'}`).join(' ');
      return `${section} ${kind} ${name}${what === '' ? '' : ` ${what}`}`;
    });
}

const web = {
  name: 'web',
  version: '1.0-1',
  files: { '/etc/web.conf': 'a\n' },
  conffiles: ['/etc/web.conf'],
};

test('a system does not differ from itself', async () => {
  assert.deepEqual(await compareTrees({ packages: [web] }, { packages: [web] }), []);
});

test('packages are told as added, removed, or in another version', async () => {
  const found = await compareTrees(
    { packages: [web, { name: 'old' }] },
    { packages: [{ ...web, version: '1.1-1', wanted: 'hold' }, { name: 'new' }] },
  );
  assert.deepEqual(told(found), [
    'packages added new',
    'packages removed old',
    'packages changed web version 1.0-1>1.1-1 held no>yes',
  ]);
});

test('what a package brings or changes with its version does not matter beside the package', async () => {
  const brought = { ...web, version: '1.1-1', files: { '/etc/web.conf': 'b\n' } };
  assert.deepEqual(told(await compareTrees({ packages: [web] }, { packages: [brought] })), [
    'packages changed web version 1.0-1>1.1-1',
  ]);
  const none = await compareTrees({}, { packages: [web] });
  assert.deepEqual(told(none), ['packages added web']);
  assert.deepEqual(
    none.filter(({ matters }) => !matters).map(({ name }) => name),
    ['/etc/web.conf'],
  );
});

test('configuration that somebody changed matters, however it differs', async () => {
  const packages = [web];
  const files = {
    '/etc/web.conf': 'mine\n',
    '/etc/own': { text: 'x', mode: 0o600 },
    '/etc/link': { link: 'a' },
  } as const;
  assert.deepEqual(
    told(await compareTrees({ packages }, { packages, files })).map((line) =>
      line.replace(/sha256:\w+/g, 'S'),
    ),
    ['files added /etc/link', 'files added /etc/own', 'files changed /etc/web.conf content S>S'],
  );
  const other = {
    ...files,
    '/etc/own': { text: 'x', mode: 0o640, uid: 33, gid: 27 },
    '/etc/link': { link: 'b' },
    '/etc/issue': { text: 'Debian GNU/Linux 12\n', mode: 0o600 },
    '/etc/web.conf': null,
  };
  assert.deepEqual(told(await compareTrees({ packages, files }, { packages, files: other })), [
    'files changed /etc/issue mode 0644>0600',
    'files changed /etc/link target a>b',
    'files changed /etc/own mode 0600>0640 owner root>www-data group root>sudo',
    'files removed /etc/web.conf',
  ]);
  // A package's file that is gone is something else than a package that is gone.
  assert.deepEqual(told(await compareTrees({ packages, files: { '/etc/web.conf': null } }, { packages })), [
    'files added /etc/web.conf',
  ]);
});

test('what makes a machine one particular machine does not matter, and is told as such', async () => {
  const found = await compareTrees(
    {},
    {
      files: {
        '/etc/machine-id': 'ffffffffffffffffffffffffffffffff\n',
        '/etc/ssh/ssh_host_ed25519_key': { text: 'another', mode: 0o600 },
        '/etc/hostname': 'web-2\n',
        '/etc/hosts': '127.0.0.1 localhost\n127.0.1.1 web-2\n',
        '/etc/resolv.conf': 'nameserver 192.0.2.1\n',
        '/root/.bash_history': 'ls\n',
      },
    },
  );
  assert.deepEqual(told(found), []);
  assert.ok(found.some(({ section, name }) => section === 'settings' && name === 'hostname'));
});

test('settings are compared by what they say, wherever they stand', async () => {
  const found = await compareTrees(
    {
      files: {
        '/etc/sysctl.d/10-a.conf': 'vm.swappiness=10\nkernel.panic = 5\n',
        '/etc/localtime': { link: '/usr/share/zoneinfo/UTC' },
      },
    },
    { files: { '/etc/sysctl.d/99-kiln.conf': '# same\nvm.swappiness = 10\nkernel.panic = 6\n' } },
  );
  assert.deepEqual(told(found), ['settings changed sysctl kernel.panic value 5>6']);
});

test('users, groups and services are compared by what somebody has made of them', async () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\n';
  const before = {
    files: { '/etc/passwd': passwd, '/etc/group': 'root:x:0:\nsudo:x:27:ann\nann:x:1000:\n' },
  };
  const after = {
    files: {
      '/etc/passwd': passwd.replace('ann:/bin/bash', 'ann:/bin/zsh'),
      '/etc/group': 'root:x:0:\nsudo:x:27:\nann:x:1000:\nteam:x:1500:ann\n',
      '/etc/systemd/system/apt-daily.timer': { link: '/dev/null' },
    },
  };
  assert.deepEqual(told(await compareTrees(before, after)), [
    'groups added team',
    'users changed ann in sudo yes>- shell /bin/bash>/bin/zsh in team ->yes',
    'services added apt-daily.timer',
  ]);
});

test('mirrors of the distribution are all the same, other repositories are not', async () => {
  const found = await compareTrees(
    {},
    {
      files: {
        '/etc/apt/sources.list': null,
        '/etc/apt/sources.list.d/debian.sources':
          'Types: deb\nURIs: https://mirror.example.net/debian/\nSuites: bookworm bookworm-updates\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
        '/etc/apt/sources.list.d/other.list':
          'deb [signed-by=/k.gpg] https://x.example.org/linux/debian bookworm main\n',
      },
    },
  );
  assert.deepEqual(told(found), ['repositories added https://x.example.org/linux/debian bookworm']);
});

test('a profile is compared only by what it says', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-diff-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'site'));
  writeFileSync(join(folder, 'site/index.html'), 'hello\n');
  const profile = profileOf(
    `profile: 1
os: debian/12
packages: [web=1.*, curl, { name: telnet, absent: true }]
users:
  ann: { uid: 1000, shell: /bin/sh, groups: [sudo], password: locked }
files:
  /etc/web.conf: a
  /etc/gone: { absent: true }
  /srv/site: { directory: ./site, file_mode: "0644" }
services: { backup.timer: { enabled: true, unit: "[Timer]\\nOnCalendar=daily\\n" }, cron: disabled }
config:
  hostname: web-9
  sysctl: { vm.swappiness: 10 }
`,
    join(folder, 'test.yaml'),
  );
  const inventory = await readInventory(
    debianSystem({
      packages: [web, { name: 'telnet' }, { name: 'unmentioned' }],
      files: {
        '/etc/gone': 'x',
        '/etc/passwd':
          'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/bash\nbob:x:1001:1001::/home/bob:/bin/sh\n',
        '/srv/site/index.html': 'changed\n',
        '/etc/sysctl.d/1.conf': 'vm.swappiness = 10\nkernel.panic = 1\n',
        '/etc/shadow': 'ann:!:1::::::\n',
      },
    }),
  );
  const found = compareStates(await stateOfProfile(profile, 'profile'), stateOfInventory(inventory));
  assert.ok(
    found.every(({ matters }) => matters),
    'whatever a profile says matters',
  );
  assert.deepEqual(
    told(found).map((line) => line.replace(/sha256:\w+/g, 'S')),
    [
      'packages removed curl',
      'packages added telnet',
      'users changed ann shell /bin/sh>/bin/bash in sudo yes>-',
      'services removed backup.timer',
      'settings changed hostname value web-9>web-1',
      'files removed /etc/systemd/system/backup.timer',
      'files added /etc/gone',
      'files changed /srv/site/index.html content S>S',
      'files changed /etc/web.conf content S>S',
    ].sort((a, b) => order(a) - order(b) || (a.split(' ')[2]! < b.split(' ')[2]! ? -1 : 1)),
  );
});

/** Sections stand in their order, names sorted in each. */
function order(line: string): number {
  return ['packages', 'users', 'services', 'settings', 'files'].indexOf(line.split(' ')[0]!);
}

test('of two profiles, what only one says is a difference', async () => {
  const [before, after] = await Promise.all([
    stateOfProfile(profileOf('profile: 1\npackages: [a, b=1]\nusers: { ann: { uid: 1000 } }\n'), 'before'),
    stateOfProfile(
      profileOf('profile: 1\npackages: [b=2, c]\nusers: { ann: { shell: /bin/sh } }\n'),
      'after',
    ),
  ]);
  assert.deepEqual(told(compareStates(before, after)), [
    'packages removed a',
    'packages changed b version 1>2',
    'packages added c',
    'users changed ann uid 1000>- shell ->/bin/sh',
  ]);
});

test('conditions of a profile are decided by the machine beside it; those that stay open are told', async () => {
  const profile = profileOf(
    'profile: 1\npackages: [{ name: here, when: "os.release == 12" }, { name: there, when: "os.release == 13" }, { name: maybe, when: "cpus > 4" }]\n',
  );
  const inventory = await readInventory(debianSystem({}));
  const state = await stateOfProfile(profileFor(profile, factsOfInventory(inventory)), 'profile');
  assert.deepEqual(told(compareStates(state, stateOfInventory(inventory))), ['packages removed here']);
  assert.deepEqual(state.gaps, ['maybe depends on facts that are not known']);
});
