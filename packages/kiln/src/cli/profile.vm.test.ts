import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeWorkshop } from './testing.ts';

/** The store that tests with machines share, so that the base image is made once (scripts/test.ts sets it). */
const sharedHome = process.env['KILN_TEST_HOME'] ?? join(homedir(), '.cache', 'kiln', 'test');

const project = `kiln: 1
machines:
  one:
    from: debian/12
    memory: 512M
    hostname: web1
`;

const profile = `profile: 1
name: web
os: debian/12
users:
  web: { shell: /bin/bash, sudo: true }
files:
  /etc/app.conf: "level=1\\n"
services:
  app.service:
    enabled: true
    restart_on: [/etc/app.conf]
    unit: |
      [Service]
      ExecStart=/bin/sh -c 'cat /etc/app.conf >/run/app.started; exec sleep infinity'
      [Install]
      WantedBy=multi-user.target
  systemd-timesyncd.service: masked
config:
  hostname: web1
  sysctl: { vm.swappiness: 5 }
  modules: { load: [dummy] }
  swap: 32M
  timers:
    beat: { calendar: hourly, command: "true", user: web }
scripts:
  first-boot:
    - { name: greet, run: echo hello >/root/greeted }
`;

test('a machine that runs is brought to a profile, and what somebody changes is found', {
  timeout: 900_000,
}, async (t) => {
  // Before the workshop's own clean-up, which comes after it: the command needs its folder.
  t.after(() => workshop.kiln('destroy', 'one', '--yes'));
  const files = { 'kiln.yaml': project, 'kiln.profile.yaml': profile };
  const workshop = makeWorkshop(t, files, { KILN_HOME: sharedHome });
  const { kiln } = workshop;
  const root = async (script: string) => {
    const { code, stdout, stderr } = await kiln('exec', 'one', '--', 'sudo', 'sh', '-c', script);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  };
  const up = await kiln('up');
  assert.equal(up.code, 0, up.stderr);

  const before = await kiln('profile', 'check', 'one');
  assert.equal(before.code, 2, before.stderr);
  assert.match(before.stdout, /the machine one: 10 differ, 1 ok$/m);
  const applied = await kiln('profile', 'apply', 'one');
  assert.equal(applied.code, 0, applied.stdout + applied.stderr);
  assert.match(applied.stdout, /the machine one: 10 changed, 1 ok$/m);
  assert.equal((await kiln('profile', 'apply', 'one')).stdout, 'the machine one: 11 ok\n');
  assert.equal(
    await root(
      'cat /run/app.started /root/greeted /proc/sys/vm/swappiness; hostname; systemctl is-active beat.timer; tail -n +2 /proc/swaps | cut -d " " -f 1',
    ),
    'level=1\nhello\n5\nweb1\nactive\n/swapfile',
  );

  await root(
    'sysctl -q -w vm.swappiness=60; rmmod dummy; hostname other; systemctl stop beat.timer; echo level=9 >/etc/app.conf; systemctl restart app',
  );
  const drift = await kiln('profile', 'check', 'one', '--format', 'json');
  assert.equal(drift.code, 2, drift.stderr);
  const { resources } = JSON.parse(drift.stdout) as {
    resources: { kind: string; name: string; outcome: string; differences: { what: string }[] }[];
  };
  const differing = resources.filter(({ outcome }) => outcome === 'would-change');
  assert.deepEqual(
    differing.map(
      ({ kind, name, differences }) => `${kind} ${name}: ${differences.map(({ what }) => what).join()}`,
    ),
    [
      'setting hostname: current name',
      'setting sysctl: vm.swappiness now',
      'setting modules: dummy now',
      'setting timer beat: running',
      'file /etc/app.conf: content',
      'service app.service: configuration in use',
    ],
  );
  assert.equal((await kiln('profile', 'apply', 'one')).code, 0);
  assert.equal(await root('cat /run/app.started'), 'level=1', 'the service has been started again');
  assert.equal((await kiln('profile', 'check', 'one')).code, 0);

  // Many machines have one profile, and names of their own.
  writeFileSync(join(workshop.folder, 'other.yaml'), profile.replace('hostname: web1', 'hostname: web9'));
  const other = await kiln('profile', 'check', 'one', 'other.yaml');
  assert.equal(other.code, 0, other.stdout);
  assert.match(other.stderr, /the host name of one is web1, .* the profile's \(web9\) does not count/);
});
