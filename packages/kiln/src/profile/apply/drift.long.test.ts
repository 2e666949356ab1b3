import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import type { Profile } from '../../plan/profile.ts';
import { noConfig } from '../profile-parts.ts';
import { applied } from './testing/applied.ts';
import { debianObstacle, debianSystem } from './testing/debian-system.ts';
import { profileOf, scriptOf, serviceOf, textFile, userOf } from './testing/profile-parts.ts';

const skip = (await debianObstacle()) ?? false;

const hash =
  '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl web';
const unit = '[Service]\nExecStart=/bin/sleep infinity\n\n[Install]\nWantedBy=multi-user.target\n';

/** One of everything. */
function richProfile(source: string): Profile {
  return profileOf({
    name: 'rich',
    os: { distribution: 'debian', release: '12' },
    packages: [
      { name: 'cron', state: 'present', held: true },
      { name: 'nano', state: 'absent' },
    ],
    groups: [{ name: 'app', absent: false, gid: 2000, system: false }],
    users: [
      userOf('web', {
        uid: 1500,
        group: 'app',
        groups: ['adm'],
        exactGroups: true,
        shell: '/bin/bash',
        comment: `Web "ops" it's $HOME`,
        password: { kind: 'hash', hash },
        sshKeys: [key],
        sudo: ['ALL=(ALL) NOPASSWD: ALL'],
      }),
      userOf('job', { system: true, createHome: false, password: { kind: 'locked' } }),
      userOf('old', { absent: true, removeHome: true }),
    ],
    files: [
      textFile('/etc/motd', 'Welcome\n', { mode: 0o644 }),
      textFile('/etc/app/token', 'tok-3f9a7c21', { secret: true, owner: 'web' }),
      { kind: 'directory', path: '/srv/app', exact: false, mode: 0o750, owner: 'web', group: 'app' },
      { kind: 'directory', path: '/srv/site', source, exact: true },
      { kind: 'link', path: '/etc/app/current', target: '/srv/app' },
      { kind: 'absent', path: '/etc/app/obsolete', recursive: true },
    ],
    services: [
      serviceOf('cron.service', { enabled: false }),
      serviceOf('apt-daily.timer', { masked: true }),
      serviceOf('app.service', { enabled: true, unit, dropIn: '[Service]\nNice=5\n' }),
    ],
    config: {
      ...noConfig,
      hostname: 'web1',
      timezone: 'Europe/Berlin',
      locale: 'de_DE.UTF-8',
      keyboard: { layout: 'de', variant: 'nodeadkeys' },
      sysctl: { 'vm.swappiness': '10', 'net.ipv4.conf.all.rp_filter': '2' },
      modules: { load: ['br_netfilter'], blacklist: ['pcspkr'] },
      limits: [{ domain: 'web', type: 'soft', item: 'nofile', value: '65535' }],
      environment: { EDITOR: 'vi', MARKED: ' a "b" c ' },
      hosts: { '192.0.2.10': ['db', 'db.example.org'], '2001:db8::10': ['db'] },
      dns: { servers: ['192.0.2.53'], search: ['example.org'] },
      cron: [
        {
          name: 'clean',
          schedule: '30 3 * * *',
          user: 'web',
          command: 'rm -rf "$HOME/tmp" # 100%',
          absent: false,
        },
      ],
      timers: [
        {
          name: 'beat',
          calendar: 'hourly',
          command: 'echo "100% of $PATH"',
          user: 'web',
          persistent: true,
          absent: false,
        },
      ],
      swap: { path: '/swapfile', size: 64 << 20 },
    },
    scripts: [
      scriptOf('make a marker', 'mkdir -p /var/lib/app; touch /var/lib/app/ready', {
        creates: '/var/lib/app/ready',
      }),
      scriptOf('tell the weather', 'echo sunny >/etc/weather', {
        unless: 'grep -q sunny /etc/weather',
        at: 'after-files',
      }),
      scriptOf('greet', 'echo hello', { at: 'first-boot' }),
    ],
  });
}

/** What somebody does by hand, and which resource has to tell of it. */
const drifts: readonly (readonly [what: string, script: string, resource: string])[] = [
  ['a group gets another number', 'groupmod -g 2001 app', 'group app'],
  ['a user gets another shell', 'usermod -s /bin/sh web', 'user web'],
  ['a user leaves a group', 'gpasswd -d web adm', 'user web'],
  ['a user enters another group', 'gpasswd -a web sudo', 'user web'],
  ['a password is changed', "echo 'web:other' | chpasswd", 'user web'],
  ['a locked account is opened', "echo 'job:open' | chpasswd", 'user job'],
  ['a key is added', 'echo "ssh-ed25519 AAAA evil" >>/home/web/.ssh/authorized_keys', 'user web'],
  ['keys can be read by all', 'chmod 644 /home/web/.ssh/authorized_keys', 'user web'],
  ['sudo rules are removed', 'rm /etc/sudoers.d/kiln-web', 'user web'],
  ['an unwanted user comes back', 'useradd old', 'user old'],
  ['a file is changed', 'echo more >>/etc/motd', 'file /etc/motd'],
  ['a file is removed', 'rm /etc/motd', 'file /etc/motd'],
  ['a secret can be read by all', 'chmod 644 /etc/app/token', 'file /etc/app/token'],
  ['a secret is changed', 'echo x >/etc/app/token', 'file /etc/app/token'],
  ['a file becomes a link', 'rm /etc/motd; ln -s /etc/issue /etc/motd', 'file /etc/motd'],
  ['a folder is given to another', 'chown root /srv/app', 'file /srv/app'],
  ['a file in a folder is changed', 'echo x >>/srv/site/index.html', 'file /srv/site'],
  ['there is more in a folder', 'touch /srv/site/.hidden', 'file /srv/site'],
  ['a link leads elsewhere', 'ln -sfn /tmp /etc/app/current', 'file /etc/app/current'],
  ['what was to be absent is there', 'mkdir -p /etc/app/obsolete/x', 'file /etc/app/obsolete'],
  ['a service is disabled', 'systemctl disable app.service', 'service app.service'],
  ['a service is enabled', 'systemctl enable cron.service', 'service cron.service'],
  ['a service is no longer masked', 'systemctl unmask apt-daily.timer', 'service apt-daily.timer'],
  [
    'a unit is changed',
    'sed -i s/infinity/100/ /etc/systemd/system/app.service',
    'file /etc/systemd/system/app.service',
  ],
  [
    'a drop-in is removed',
    'rm -r /etc/systemd/system/app.service.d',
    'file /etc/systemd/system/app.service.d/kiln.conf',
  ],
  ['the host name is changed', 'echo web2 >/etc/hostname', 'setting hostname'],
  ['the time zone is changed', 'ln -sf /usr/share/zoneinfo/Asia/Tokyo /etc/localtime', 'setting timezone'],
  ['the locale is changed', 'sed -i s/^LANG=.*/LANG=C.UTF-8/ /etc/default/locale', 'setting locale'],
  ['the keyboard is changed', 'sed -i s/nodeadkeys// /etc/default/keyboard', 'setting keyboard'],
  ['a setting of the kernel is changed', 'sed -i s/10/60/ /etc/sysctl.d/99-kiln.conf', 'setting sysctl'],
  ['a module is loaded no more', 'rm /etc/modules-load.d/kiln.conf', 'setting modules'],
  ['a module is not blacklisted any more', ': >/etc/modprobe.d/kiln.conf', 'setting blacklisted modules'],
  ['a limit is changed', 'sed -i s/65535/1024/ /etc/security/limits.d/99-kiln.conf', 'setting limits'],
  ['a variable is changed', 'sed -i s/EDITOR=vi/EDITOR=nano/ /etc/environment', 'setting environment'],
  ['a host gets another address', 'sed -i s/192.0.2.10/192.0.2.11/ /etc/hosts', 'setting hosts'],
  ['other name servers are set', 'echo nameserver 192.0.2.1 >/etc/resolv.conf', 'setting dns'],
  ['a job of cron is changed', 'sed -i s/30/31/ /etc/cron.d/clean', 'setting cron clean'],
  ['a timer is changed', 'sed -i s/hourly/daily/ /etc/systemd/system/beat.timer', 'setting timer beat'],
  ['a timer is disabled', 'systemctl disable beat.timer', 'setting timer beat'],
  ['the swap file is forgotten', 'sed -i /swapfile/d /etc/fstab', 'setting swap'],
  ['what a script made is gone', 'rm /var/lib/app/ready', 'script make a marker'],
  ['what a script changed is undone', 'echo rain >/etc/weather', 'script tell the weather'],
  ['a script for the first start is gone', 'rm /usr/local/lib/kiln/first-boot.d/*', 'script greet'],
  // The last one: there is no network to get it back from.
  ['a package is removed', 'dpkg --force-depends --purge cron', 'package cron'],
];

test('applying twice changes nothing; whatever is changed by hand is found, and mended', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const source = join(folder, 'site');
  await mkdir(join(source, 'css'), { recursive: true });
  await writeFile(join(source, 'index.html'), '<p>\n');
  await writeFile(join(source, 'css/site.css'), 'p {}\n');
  const system = await debianSystem(t);
  const { guest, sh } = system;
  await sh('useradd -m old; mkdir -p /etc/app/obsolete/x');
  const profile = richProfile(source);
  const run = (mode: 'apply' | 'check') => applied(guest, profile, mode, system.folder);

  const first = await run('apply');
  assert.deepEqual(first.counts.failed + first.counts.skipped, 0, first.told.join('\n'));
  for (const mode of ['apply', 'check'] as const) assert.deepEqual((await run(mode)).told, [], mode);

  for (const [what, script, resource] of drifts) {
    await sh(`{ ${script}; } >/dev/null 2>&1`);
    const { reports, told } = await run('check');
    const found = reports
      .filter(({ outcome }) => outcome !== 'ok')
      .map((one) => `${one.resource.kind} ${one.resource.name}`);
    assert.ok(found.includes(resource), `${what}: ${told.join('\n') || 'nothing was found'}`);
    const others = found.filter((one) => one !== resource && !isConsequence(resource, one));
    assert.deepEqual(others, [], `${what}: ${told.join('\n')}`);
    if (resource === 'package cron') {
      await sh(
        'rm -rf /var/lib/dpkg; cp -a /root/dpkg /var/lib/dpkg; echo "cron hold" | dpkg --set-selections',
      );
      continue;
    }
    // What is not mended is found again in the next round.
    const mended = await run('apply');
    assert.equal(mended.counts.failed + mended.counts.skipped, 0, `${what}: ${mended.told.join('\n')}`);
  }
});

/** A unit that has changed is to be restarted; numbers of groups are seen in users and files. */
function isConsequence(cause: string, found: string): boolean {
  if (/^(?:group app|package cron)$/.test(cause)) return true;
  return /^file \/etc\/systemd/.test(cause) && found === 'service app.service';
}
