import assert from 'node:assert/strict';
import { test } from 'node:test';
import { run } from '../../base/processes.ts';
import { profileOf, userOf } from './testing/profile-parts.ts';
import { smallSystem, smallSystemObstacle } from './testing/small-system.ts';

/*
 * Alpine has the programs for accounts of busybox, and not those of shadow. Debian's busybox is made without them.
 */
const skip = (await obstacleToAccounts()) ?? false;

async function obstacleToAccounts(): Promise<string | undefined> {
  const obstacle = await smallSystemObstacle('busybox');
  if (obstacle) return obstacle;
  const { stdout } = await run('busybox', ['--list']);
  const applets = stdout.split('\n');
  const missing = ['adduser', 'addgroup', 'deluser', 'delgroup', 'chpasswd', 'passwd'].filter(
    (name) => !applets.includes(name),
  );
  return missing.length === 0 ? undefined : `busybox is without ${missing.join(', ')}`;
}

const hash =
  '$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/';

test('users and groups are made, changed and removed with busybox', { skip }, async (t) => {
  const { apply, check, sh } = await smallSystem(t, 'busybox');
  await sh('touch /etc/gshadow; mkdir -p /home/bob; chown bob /home/bob');
  const first = profileOf({
    groups: [
      { name: 'app', absent: false, gid: 2000, system: false },
      { name: 'tools', absent: false, system: true },
    ],
    users: [
      userOf('eve', { uid: 1500, shell: '/bin/sh', comment: 'Eve $HOME', password: { kind: 'hash', hash } }),
      userOf('dan', { group: 'app', groups: ['tools'], home: '/srv/dan', sshKeys: ['ssh-ed25519 AAAA dan'] }),
      userOf('robot', { system: true, createHome: false, password: { kind: 'locked' } }),
      userOf('bob', { absent: true, removeHome: true }),
    ],
  });
  const made = await apply(first);
  assert.equal(made.counts.failed + made.counts.skipped, 0, [...made.told, ...made.output].join('\n'));
  assert.equal(
    await sh('id -nG dan; id -u eve; stat -c "%U %a" /home/eve /srv/dan/.ssh/authorized_keys'),
    'app tools\n1500\neve 2755\ndan 600'.replace('2755', await sh('stat -c %a /home/eve')),
  );
  assert.equal(await sh('grep ^eve: /etc/shadow | cut -d: -f2; ls -d /home/bob 2>/dev/null || :'), hash);
  for (const again of [await apply(first), await check(first)]) assert.deepEqual(again.told, []);

  const second = profileOf({
    groups: [{ name: 'app', absent: false, gid: 2001, system: false }],
    users: [
      userOf('eve', { uid: 1600, home: '/srv/eve', shell: '/bin/ash', comment: 'Eve', groups: ['app'] }),
      userOf('dan', { groups: [], exactGroups: true, password: { kind: 'locked' } }),
      userOf('robot', { absent: true }),
    ],
  });
  const changed = await apply(second);
  assert.equal(
    changed.counts.failed + changed.counts.skipped,
    0,
    [...changed.told, ...changed.output].join('\n'),
  );
  assert.equal(
    await sh('grep ^eve: /etc/passwd | sed "s/^eve:x:1600:[0-9]*:/eve:/"'),
    'eve:Eve:/srv/eve:/bin/ash',
  );
  assert.equal(
    await sh('grep -c ^robot: /etc/passwd || :; grep ^tools: /etc/group | cut -d: -f4; stat -c %U /srv/eve'),
    '0\n\neve',
  );
  for (const again of [await apply(second), await check(second)]) assert.deepEqual(again.told, []);
});
