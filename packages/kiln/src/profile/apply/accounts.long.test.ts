import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noConfig } from '../profile-parts.ts';
import { applied } from './testing/applied.ts';
import { debianObstacle, debianSystem } from './testing/debian-system.ts';
import { profileOf, scriptOf, textFile, userOf } from './testing/profile-parts.ts';

const skip = (await debianObstacle()) ?? false;

const hash =
  '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl ann@there';

test('users and groups are made, changed and removed as told', { skip }, async (t) => {
  const { guest, sh, folder } = await debianSystem(t);
  const run = (profile: Parameters<typeof applied>[1], mode: 'apply' | 'check' = 'apply') =>
    applied(guest, profile, mode, folder);
  await sh('groupadd ann; useradd -m -s /bin/sh eve; useradd -m gone; groupadd -g 3000 many');
  const first = profileOf({
    groups: [
      { name: 'app', absent: false, gid: 2000, system: false },
      { name: 'tools', absent: false, system: true },
    ],
    users: [
      userOf('ann', { uid: 1500, home: '/srv/ann', shell: '/bin/bash', comment: 'Ann "A" $HOME `x`' }),
      userOf('bob', {
        group: 'app',
        groups: ['tools', 'adm'],
        sshKeys: [key, `command="echo it's $x" ${key}`],
      }),
      userOf('eve', { groups: ['app'], createHome: false }),
      userOf('gone', { absent: true, removeHome: true }),
      userOf('robot', {
        system: true,
        createHome: false,
        shell: '/usr/sbin/nologin',
        sudo: ['ALL=(root) NOPASSWD: /usr/bin/systemctl restart app, /bin/ls'],
      }),
    ],
  });
  const made = await run(first);
  assert.deepEqual(made.counts.failed + made.counts.skipped, 0, made.told.join('\n'));
  assert.equal(
    await sh("grep -E '^(ann|bob|robot|gone):' /etc/passwd | sed 's/robot:x:[0-9]*:[0-9]*/robot:x:N:N/'"),
    [
      'ann:x:1500:1002:Ann "A" $HOME `x`:/srv/ann:/bin/bash'.replace(
        '1002',
        await sh('grep ^ann: /etc/group | cut -d: -f3'),
      ),
      `bob:x:${await sh('id -u bob')}:2000::/home/bob:/bin/sh`,
      'robot:x:N:N::/home/robot:/usr/sbin/nologin',
    ].join('\n'),
  );
  assert.equal(await sh('id -nG bob; id -nG eve'), 'app adm tools\neve app');
  assert.equal(
    await sh('ls -A /srv/ann | sort; ls -d /home/gone /home/robot 2>/dev/null || :'),
    '.bash_logout\n.bashrc\n.profile',
  );
  assert.equal(
    await sh(
      'cat /home/bob/.ssh/authorized_keys; stat -c "%a %U %G" /home/bob/.ssh /home/bob/.ssh/authorized_keys',
    ),
    `${key}\ncommand="echo it's $x" ${key}\n700 bob app\n600 bob app`,
  );
  assert.equal(
    await sh(
      'cat /etc/sudoers.d/kiln-robot; stat -c "%a %U" /etc/sudoers.d/kiln-robot; visudo -c >/dev/null && echo fine',
    ),
    'robot ALL=(root) NOPASSWD: /usr/bin/systemctl restart app, /bin/ls\n440 root\nfine',
  );
  for (const mode of ['apply', 'check'] as const) assert.deepEqual((await run(first, mode)).told, []);

  const second = profileOf({
    groups: [{ name: 'tools', absent: true, system: false }],
    users: [
      userOf('ann', { uid: 1600, home: '/home/ann', groups: ['app'], password: { kind: 'hash', hash } }),
      userOf('bob', { groups: ['adm'], exactGroups: true, sshKeys: [], sudo: [] }),
      userOf('robot', { absent: true, removeHome: false }),
    ],
  });
  const changed = await run(second);
  assert.deepEqual(changed.counts.failed + changed.counts.skipped, 0, changed.told.join('\n'));
  assert.deepEqual(
    changed.told.filter((line) => /^ {2}(?:uid|home|in group|.*sudoers)/.test(line)),
    [
      '  /etc/sudoers.d/kiln-robot: exists: yes → no',
      '  uid: 1500 → 1600',
      '  home: /srv/ann → /home/ann',
      '  in group app: no → yes',
      '  home folder: missing → /home/ann',
      '  in group tools: yes → no',
    ],
  );
  assert.equal(
    await sh('stat -c %U /home/ann/.bashrc; ls /srv; id -nG ann; id -nG bob'),
    'ann\nann app\napp adm',
  );
  assert.equal(await sh('grep ^ann: /etc/shadow | cut -d: -f2'), hash);
  assert.equal(
    await sh('cat /home/bob/.ssh/authorized_keys; grep -c -E "^(tools|robot):" /etc/passwd /etc/group || :'),
    '/etc/passwd:0\n/etc/group:0',
  );
  for (const mode of ['apply', 'check'] as const) assert.deepEqual((await run(second, mode)).told, []);
});

test('what cannot be is told, and what needs it is skipped', { skip }, async (t) => {
  const { guest, sh, folder } = await debianSystem(t);
  const profile = profileOf({
    groups: [{ name: 'root2', absent: false, gid: 0, system: false }],
    users: [
      userOf('ann', { group: 'root2' }),
      userOf('bob', { groups: ['nowhere'] }),
      userOf('eve', { sudo: ['this is no rule'] }),
    ],
    files: [textFile('/srv/of-ann', 'x', { owner: 'ann' }), textFile('/srv/of-root', 'x')],
  });
  const { reports } = await applied(guest, profile, 'apply', folder);
  assert.deepEqual(
    reports.map(({ resource, outcome, message }) => [resource.name, outcome, message]),
    [
      ['root2', 'failed', 'groupadd ended with 4'],
      ['ann', 'skipped', 'group root2 failed'],
      ['bob', 'failed', "there is no group nowhere: add it to the profile's groups"],
      ['eve', 'failed', 'sudo does not understand the rules'],
      ['/srv/of-ann', 'skipped', 'user ann was skipped'],
      ['/srv/of-root', 'changed', undefined],
    ],
  );
  assert.match(reports[0]?.output?.join('\n') ?? '', /GID '0' already exists/);
  assert.equal(await sh('ls /etc/sudoers.d; visudo -c >/dev/null && echo fine'), 'README\nfine');
});

test('secrets are on no command line and in nothing that is told, and leave nothing behind', {
  skip,
}, async (t) => {
  const { guest, sh, folder } = await debianSystem(t);
  const secret = 'tok-3f9a7c21-$(id)';
  // Everything that the script runs notes its command line first.
  await sh(`
    for name in $(ls /usr/bin /usr/sbin); do
      case $name in sh|dash|bash|'[') continue ;; esac
      printf '#!/bin/sh\\nprintf "%%s\\\\n" "$0 $*" >>/var/argv.log\\nfor d in /usr/bin /usr/sbin; do [ ! -x $d/%s ] || exec $d/%s "$@"; done\\n' "$name" "$name" >/usr/local/sbin/$name
      chmod 755 /usr/local/sbin/$name
    done; : >/var/argv.log; chmod 666 /var/argv.log`);
  const profile = profileOf({
    users: [userOf('ann', { password: { kind: 'hash', hash } })],
    files: [textFile('/srv/token', secret, { secret: true })],
    config: noConfig,
    scripts: [scriptOf('with a secret', `value='${secret}'; test -n "$value"`)],
  });
  for (const mode of ['check', 'apply', 'apply', 'check'] as const) {
    const result = await applied(guest, profile, mode, folder);
    assert.equal(result.counts.failed, 0, result.told.join('\n'));
    const told = JSON.stringify([result.reports, result.output]);
    assert.doesNotMatch(told, /tok-3f9a7c21|qFmFH/);
  }
  const commands = await sh('grep -v /usr/local/sbin/ls /var/argv.log');
  assert.match(commands, /useradd .*ann/);
  assert.match(commands, /chpasswd -e/);
  assert.doesNotMatch(commands, /tok-3f9a7c21|qFmFH/);
  assert.equal(
    await sh('rm -rf /usr/local/sbin; stat -c "%a %U" /srv/token; ls -A /tmp; ls -A /srv'),
    '600 root\ntoken',
  );
  assert.equal(
    await sh("grep -rlF 'tok-3f9a7c21' / --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev 2>/dev/null"),
    '/srv/token',
  );
});
