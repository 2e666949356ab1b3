import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DebianTree, debianSystem } from '../testing/debian-tree.ts';
import type { FileState, Inventory } from './inventory.ts';
import { readInventory } from './read-inventory.ts';

const inventoryOf = (tree: DebianTree) => readInventory(debianSystem(tree));

function filesThatAre(inventory: Inventory, ...states: readonly FileState[]): string[] {
  return inventory.files.filter(({ state }) => states.includes(state)).map(({ path }) => path);
}

const app = {
  name: 'app',
  version: '2:1.4-1+b2',
  depends: 'libc6 (>= 2.34), perl:any | awk',
  files: {
    '/etc/app/app.conf': 'a = 1\n',
    '/etc/app/other.conf': 'b = 1\n',
    '/usr/share/app/template': 'made\n',
  },
  conffiles: ['/etc/app/app.conf', '/etc/app/other.conf'],
} as const;

test('of a system that nobody has touched nothing is own, changed or missing', async () => {
  const inventory = await inventoryOf({ packages: [app] });
  assert.deepEqual(filesThatAre(inventory, 'own', 'changed', 'missing'), []);
  assert.deepEqual(inventory.os, {
    id: 'debian',
    version: '12',
    codename: 'bookworm',
    name: 'Debian GNU/Linux 12 (bookworm)',
  });
  assert.equal(inventory.architecture, 'amd64');
  assert.deepEqual(
    inventory.users.map((user) => user.origin),
    ['base', 'base', 'base'],
  );
  assert.deepEqual(inventory.gaps, []);
});

test('configuration that was changed, taken away or added is told apart from what packages brought', async () => {
  const inventory = await inventoryOf({
    packages: [app],
    files: { '/etc/app/app.conf': 'a = 2\n', '/etc/app/other.conf': null, '/etc/app/local.conf': 'c = 1\n' },
  });
  assert.deepEqual(filesThatAre(inventory, 'changed'), ['/etc/app/app.conf']);
  assert.deepEqual(filesThatAre(inventory, 'missing'), ['/etc/app/other.conf']);
  assert.deepEqual(filesThatAre(inventory, 'own'), ['/etc/app/local.conf']);
  assert.equal(inventory.files.find(({ path }) => path === '/etc/app/app.conf')?.package, 'app');
});

test('files that the scripts of packages copy are theirs as long as they are the same', async () => {
  const packages = [{ ...app, postinst: '#!/bin/sh\ncp /usr/share/app/template /etc/app/made.conf\n' }];
  const same = await inventoryOf({ packages, files: { '/etc/app/made.conf': 'made\n' } });
  assert.deepEqual(filesThatAre(same, 'own'), []);
  const other = await inventoryOf({ packages, files: { '/etc/app/made.conf': 'made by hand\n' } });
  assert.deepEqual(filesThatAre(other, 'own'), ['/etc/app/made.conf']);
});

test('a link that a package has made is missed when it is gone, if what it leads to is there', async () => {
  const postinst =
    '#!/bin/sh\nif [ ! -e /etc/app/enabled/x ]; then\n  ln -s /etc/app/app.conf /etc/app/enabled/x\nfi\nln -sf /etc/nowhere /etc/app/enabled/y\n';
  const packages = [{ ...app, postinst }];
  const folder = { '/etc/app/enabled': { folder: true } } as const;
  assert.deepEqual(filesThatAre(await inventoryOf({ packages, files: folder }), 'missing'), [
    '/etc/app/enabled/x',
  ]);
  const files = { ...folder, '/etc/app/enabled/x': { link: '/etc/app/app.conf' } };
  assert.deepEqual(filesThatAre(await inventoryOf({ packages, files }), 'missing', 'own'), [
    '/etc/app/enabled',
  ]);
});

test('paths of packages count where they really are, through links such as /lib and through diversions', async () => {
  const inventory = await inventoryOf({
    packages: [
      { name: 'units', files: { '/etc/units.conf': 'u\n' } },
      { name: 'diverted', files: { '/etc/tool.conf': 'original\n' }, conffiles: ['/etc/tool.conf'] },
    ],
    files: {
      '/var/lib/dpkg/diversions': '/etc/tool.conf\n/etc/tool.conf.distrib\nlocal\n',
      '/etc/tool.conf': 'mine\n',
      '/etc/tool.conf.distrib': 'original\n',
      '/var/lib/dpkg/info/units.list': '/.\n/etc\n/etc/units.conf\n/lib/systemd/system/u.service\n',
      '/usr/lib/systemd/system/u.service': '[Service]\n',
    },
  });
  assert.deepEqual(filesThatAre(inventory, 'own'), ['/etc/tool.conf']);
  assert.deepEqual(filesThatAre(inventory, 'changed', 'missing'), []);
  assert.deepEqual(inventory.unitFiles, ['u.service']);
});

test('packages are told with versions, marks, holds, and what they need', async () => {
  const { packages } = await inventoryOf({
    packages: [
      app,
      { name: 'held', wanted: 'hold' },
      { name: 'perl', automatic: true, provides: 'awk-like (= 1), perl-api' },
      { name: 'gone', wanted: 'deinstall', state: 'config-files' },
    ],
  });
  const byName = new Map(packages.map((one) => [one.name, one]));
  const picked = byName.get('app')!;
  assert.deepEqual([picked.version, picked.manual, picked.held], ['2:1.4-1+b2', true, false]);
  assert.deepEqual(picked.depends, [['libc6'], ['perl', 'awk']]);
  assert.equal(byName.get('held')?.held, true);
  assert.deepEqual(
    [byName.get('perl')?.manual, byName.get('perl')?.provides],
    [false, ['awk-like', 'perl-api']],
  );
  assert.equal(byName.get('gone')?.state, 'config-files');
  assert.equal(byName.get('dpkg')?.required, true);
});

test("users are their packages', whose scripts name them by variables too; others are own", async () => {
  const passwd =
    'root:x:0:0:root:/root:/bin/bash\nwww-data:x:33:33:www-data:/var/www:/usr/sbin/nologin\nann:x:1000:1000:Ann,,,:/home/ann:/bin/bash\nservice:x:999:999::/nonexistent:/usr/sbin/nologin\nmine:x:998:998::/srv:/usr/sbin/nologin\n';
  const { users, groups } = await inventoryOf({
    packages: [
      {
        name: 'service',
        postinst:
          '#!/bin/sh\nSERVICE_USER=service\nadduser --system --group \\\n  --no-create-home "$SERVICE_USER"\nusermod -a -G www-data ${SERVICE_USER}\n',
      },
    ],
    files: {
      '/etc/passwd': passwd,
      '/etc/group':
        'root:x:0:\nsudo:x:27:ann\nwww-data:x:33:service,ann\nann:x:1000:\nservice:x:999:\nmine:x:998:\nextra:x:1500:ann\n',
      '/etc/shadow': {
        text: 'root:*:1::::::\nann:$y$j9T$salt$hash:1::::::\nservice:!:1::::::\nmine::1::::::\n',
        mode: 0o640,
      },
      '/home/ann/.ssh/authorized_keys': '# mine\nssh-ed25519 AAAA ann\n\n',
      '/etc/sudoers.d/ann': { text: 'ann ALL=(ALL) NOPASSWD: ALL\n', mode: 0o440 },
    },
  });
  const told = users.map(({ name, origin, password }) => [name, origin, password]);
  assert.deepEqual(told, [
    ['root', 'base', 'locked'],
    ['www-data', 'base', 'locked'],
    ['ann', 'own', 'set'],
    ['service', 'package', 'locked'],
    ['mine', 'own', 'empty'],
  ]);
  const [, , ann, service] = users;
  assert.deepEqual(
    [ann?.groups, ann?.sshKeys, ann?.sudo],
    [['extra', 'sudo', 'www-data'], ['ssh-ed25519 AAAA ann'], ['ALL=(ALL) NOPASSWD: ALL']],
  );
  assert.deepEqual([service?.groups, service?.joinedByPackages], [['www-data'], ['www-data']]);
  assert.deepEqual(
    groups.filter((group) => group.origin === 'own').map((group) => group.name),
    ['ann', 'mine', 'extra'],
  );
  assert.ok(!JSON.stringify({ users, groups }).includes('$y$'), 'no hash is in an inventory');
});

test("what a unit is follows from links, and what its package made of it from the helper's records", async () => {
  const helper = '/var/lib/systemd/deb-systemd-helper-enabled';
  const wants = '/etc/systemd/system/multi-user.target.wants';
  const record = (name: string) => ({
    [`${helper}/${name}.dsh-also`]: `${wants}/${name}\n`,
    [`${helper}/multi-user.target.wants/${name}`]: '',
  });
  const { units } = await inventoryOf({
    packages: [
      {
        name: 'services',
        files: Object.fromEntries(
          ['a', 'b', 'c', 'd'].map((name) => [`/usr/lib/systemd/system/${name}.service`, '[Service]\n']),
        ),
        postinst: '#!/bin/sh\nsystemctl enable d >&2 || true\n',
      },
    ],
    files: {
      ...record('a.service'),
      ...record('b.service'),
      [`${wants}/a.service`]: { link: '/lib/systemd/system/a.service' },
      [`${wants}/d.service`]: { link: '/lib/systemd/system/d.service' },
      '/etc/systemd/system/c.service': { link: '/dev/null' },
      '/etc/systemd/system/alias.service': { link: '/lib/systemd/system/d.service' },
      '/etc/systemd/system/own.timer': '[Timer]\nOnCalendar=daily\n',
      '/etc/systemd/system/timers.target.wants/own.timer': { link: '/etc/systemd/system/own.timer' },
      '/etc/systemd/system/a.service.d/limits.conf': '[Service]\nMemoryMax=1G\n',
      '/etc/systemd/system/default.target': { link: '/lib/systemd/system/multi-user.target' },
    },
  });
  const told = units.map(({ name, enabled, masked, enabledByPackage }) => [
    name,
    enabled,
    masked,
    enabledByPackage,
  ]);
  assert.deepEqual(told, [
    ['a.service', true, false, true],
    ['b.service', false, false, true],
    ['c.service', false, true, undefined],
    ['d.service', true, false, true],
    ['own.timer', true, false, undefined],
  ]);
  assert.equal(units[4]?.ownFile, '/etc/systemd/system/own.timer');
  assert.deepEqual(units[0]?.dropIns, ['/etc/systemd/system/a.service.d/limits.conf']);
});

test('settings are read from files that somebody has made, and it is known which hold nothing else', async () => {
  const { settings } = await inventoryOf({
    packages: [
      {
        name: 'procps',
        files: { '/etc/sysctl.d/10-shipped.conf': 'kernel.printk = 4\n' },
        conffiles: ['/etc/sysctl.d/10-shipped.conf'],
      },
    ],
    files: {
      '/etc/hostname': 'web-1\n',
      '/etc/localtime': { link: '../usr/share/zoneinfo/Europe/Paris' },
      '/etc/default/locale': 'LANG="de_DE.UTF-8"\n',
      '/etc/locale.gen': '# en_US.UTF-8 UTF-8\nde_DE.UTF-8 UTF-8\n',
      '/etc/default/keyboard': 'XKBMODEL="pc105"\nXKBLAYOUT="de"\nXKBVARIANT="nodeadkeys"\n',
      '/etc/sysctl.d/50-a.conf': '# note\nvm.swappiness=10\n-net/ipv4/conf/eth0.1/forwarding = 1\n',
      '/etc/sysctl.conf': 'vm.swappiness = 20\n',
      '/etc/modules-load.d/app.conf': 'br_netfilter\n',
      '/etc/modprobe.d/app.conf': 'blacklist pcspkr\n',
      '/etc/security/limits.d/app.conf': 'deploy soft nofile 65536\nbroken line\n',
      '/etc/environment': 'PATH="/usr/bin:/bin"\nEDITOR=vim\n',
      '/etc/hosts':
        '127.0.0.1 localhost web-1.example.org\n127.0.1.1 web-1 cache\n10.0.0.5 db db.example.org # ours\n',
      '/etc/systemd/resolved.conf.d/dns.conf': '[Resolve]\nDNS=192.0.2.1 192.0.2.2\nDomains=example.org\n',
      '/etc/cron.d/backup': 'SHELL=/bin/sh\n30 3 * * *   root  /usr/local/bin/backup --all\n',
      '/etc/cron.d/one': '@daily root true\n',
      '/var/spool/cron/crontabs/ann': { text: '*/5 * * * * ping\n', mode: 0o600, uid: 1000 },
      '/etc/fstab': 'UUID=1 / ext4 defaults 0 1\n/swapfile none swap sw 0 0\n/dev/sda2 none swap sw 0 0\n',
      '/swapfile': { bytes: Buffer.alloc(4096), mode: 0o600 },
    },
  });
  assert.equal(settings.hostname, 'web-1');
  assert.equal(settings.timezone, 'Europe/Paris');
  assert.equal(settings.locale, 'de_DE.UTF-8');
  assert.deepEqual(settings.locales, ['de_DE.UTF-8']);
  assert.deepEqual(settings.keyboard, { layout: 'de', variant: 'nodeadkeys' });
  assert.deepEqual(settings.sysctl, { 'vm.swappiness': '20', 'net.ipv4.conf.eth0/1.forwarding': '1' });
  assert.deepEqual(settings.modules, { load: ['br_netfilter'], blacklist: ['pcspkr'] });
  assert.deepEqual(settings.limits, [{ domain: 'deploy', type: 'soft', item: 'nofile', value: '65536' }]);
  assert.deepEqual(settings.environment, { PATH: '/usr/bin:/bin', EDITOR: 'vim' });
  assert.deepEqual(settings.hosts, { '127.0.1.1': ['cache'], '10.0.0.5': ['db', 'db.example.org'] });
  assert.deepEqual(settings.dns, { servers: ['192.0.2.1', '192.0.2.2'], search: ['example.org'] });
  assert.deepEqual(
    settings.cron.map(({ file, schedule, user, command }) => [file, schedule, user, command]),
    [
      ['/etc/cron.d/backup', '30 3 * * *', 'root', '/usr/local/bin/backup --all'],
      ['/etc/cron.d/one', '@daily', 'root', 'true'],
      ['/var/spool/cron/crontabs/ann', '*/5 * * * *', 'ann', 'ping'],
    ],
  );
  assert.deepEqual(settings.swap, [{ path: '/swapfile', size: 4096 }]);
  assert.deepEqual(settings.files, {
    sysctl: ['/etc/sysctl.conf', '/etc/sysctl.d/50-a.conf'],
    modules: ['/etc/modprobe.d/app.conf', '/etc/modules-load.d/app.conf'],
    dns: ['/etc/systemd/resolved.conf.d/dns.conf'],
    cron: ['/etc/cron.d/one'],
  });
});

test("repositories are told from both forms of apt's lists, with their keys", async () => {
  const { repositories } = await inventoryOf({
    files: {
      '/etc/apt/sources.list': '# deb http://old.example.org/debian x main\n',
      '/etc/apt/sources.list.d/a.list':
        'deb [arch=amd64,arm64 signed-by=/etc/apt/keyrings/a.gpg] https://a.example.org/debian stable main extra # note\ndeb-src https://a.example.org/debian stable main\n',
      '/etc/apt/sources.list.d/b.sources':
        'Types: deb deb-src\nURIs: https://b.example.org/apt\nSuites: ./\nTrusted: yes\nSigned-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n AAAA\n -----END PGP PUBLIC KEY BLOCK-----\n\nTypes: deb\nURIs: https://b.example.org/two\nSuites: stable\nComponents: main\nEnabled: no\n',
    },
  });
  const [a, b, two] = repositories;
  assert.equal(repositories.length, 3);
  assert.deepEqual(
    [a?.name, a?.urls, a?.suites, a?.components, a?.architectures, a?.signedBy],
    [
      'a',
      ['https://a.example.org/debian'],
      ['stable'],
      ['main', 'extra'],
      ['amd64', 'arm64'],
      '/etc/apt/keyrings/a.gpg',
    ],
  );
  assert.deepEqual([b?.name, b?.suites, b?.otherOptions], ['b', ['./'], ['trusted=yes']]);
  assert.equal(
    b?.signedBy,
    '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n',
  );
  assert.deepEqual([two?.name, two?.disabled], ['b-2', true]);
});

test("Kiln's own files and user are no part of what somebody has made of a system", async () => {
  const { guestFiles } = await import('../../sources/bootstrap/guest-files.ts');
  const { deriveGuid } = await import('../../sources/bootstrap/derive-guid.ts');
  const { findRelease } = await import('../../sources/bootstrap/release.ts');
  const release = findRelease('debian', '12');
  const own = guestFiles(release, deriveGuid(release, 'root')).map(
    ({ path, mode, content }) => [path, { text: content, mode }] as const,
  );
  const inventory = await inventoryOf({
    files: {
      ...Object.fromEntries(own),
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/bash\nkiln:x:1000:1000::/home/kiln:/bin/bash\n',
      '/etc/group': 'root:x:0:\nkiln:x:1000:\n',
      '/home/kiln': { folder: true, uid: 1000, gid: 1000 },
      '/etc/systemd/system/multi-user.target.wants/kiln-identity.service': {
        link: '/etc/systemd/system/kiln-identity.service',
      },
    },
  });
  assert.equal(inventory.installedByKiln, true);
  assert.deepEqual(filesThatAre(inventory, 'own', 'changed'), []);
  assert.deepEqual(
    inventory.users.map((user) => user.origin),
    ['base', 'base'],
  );
  assert.deepEqual(inventory.units, []);
});
