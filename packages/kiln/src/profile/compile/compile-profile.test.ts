import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../base/processes.ts';
import type { Profile } from '../../plan/profile.ts';
import { profileOf, scriptOf, serviceOf, textFile, userOf } from '../apply/testing/profile-parts.ts';
import { noConfig } from '../profile-parts.ts';
import { compileProfile } from './compile-profile.ts';
import type { Platform } from './compiled-profile.ts';

const platforms: readonly Platform[] = [
  { manager: 'apt', init: 'systemd' },
  { manager: 'dnf', init: 'systemd' },
  { manager: 'zypper', init: 'systemd' },
  { manager: 'apk', init: 'openrc' },
];

const fetch = async (url: string) => Promise.reject(new Error(`${url} is not to be downloaded`));
const odd = `it's "$HOME" \`x\` $(y) \\n\tü`;

/** Uses everything that every platform has. */
function everything(): Profile {
  return profileOf({
    name: `odd ${odd}\nname`,
    repositories: [
      {
        name: 'extra',
        absent: false,
        urls: [`https://example.org/${odd}`],
        suites: ['x'],
        components: ['main'],
        architectures: [],
        key: { kind: 'text', text: '-----BEGIN PGP PUBLIC KEY BLOCK-----\n' },
      },
      { name: 'gone', absent: true, urls: [], suites: [], components: [], architectures: [] },
    ],
    packages: [
      { name: 'one', state: 'present', version: '1.2*' },
      { name: 'two', state: 'absent' },
      { name: 'three', state: 'latest', held: false },
    ],
    groups: [{ name: odd, absent: false, system: true }],
    users: [
      userOf(odd, { comment: odd, shell: odd, home: `/${odd}`, sshKeys: [odd], sudo: [odd] }),
      userOf('x', { absent: true }),
    ],
    files: [
      textFile(`/etc/${odd}`, `${odd}\nEND\n`),
      { kind: 'link', path: '/etc/link', target: odd },
      { kind: 'absent', path: `/srv/${odd}`, recursive: true },
    ],
    services: [serviceOf(`${odd}.service`, { enabled: true, restartOn: [`/etc/${odd}`] })],
    config: {
      ...noConfig,
      hostname: odd,
      timezone: 'Europe/London',
      locale: 'en_GB.UTF-8',
      locales: ['de_DE.UTF-8'],
      keyboard: { layout: 'gb', variant: odd, model: odd },
      sysctl: { 'net/ipv4/conf/eth0.1/forwarding': '1', 'vm.swappiness': odd },
      modules: { load: ['a'], blacklist: ['b'] },
      limits: [{ domain: '*', type: '-', item: 'core', value: '0' }],
      environment: { ODD: odd },
      hosts: { '192.0.2.1': ['a', 'b'] },
      dns: { servers: ['192.0.2.2'], search: ['example.org'] },
      cron: [{ name: 'job', schedule: '@daily', user: odd, command: odd, absent: false }],
      swap: { path: '/swap', size: 1 << 20 },
    },
    scripts: [
      scriptOf(odd, odd, { at: 'first', unless: odd }),
      scriptOf('made', `#!/usr/bin/env ${odd}\n${odd}`, { creates: `/${odd}`, at: 'before-packages' }),
      scriptOf('boot', odd, { at: 'first-boot' }),
    ],
  });
}

for (const platform of platforms) {
  test(`scripts for ${platform.manager} can be read by every shell, whatever is in the profile`, async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kiln-compile-'));
    t.after(() => rm(folder, { recursive: true }));
    const { script, resources } = await compileProfile(everything(), { platform, fetch });
    const path = join(folder, 'script.sh');
    await writeFile(path, script);
    for (const shell of [['dash'], ['bash', '--posix'], ['busybox', 'ash']]) {
      const [program, ...args] = shell;
      const { code } = await run('sh', ['-c', 'command -v "$1"', 'sh', program!]);
      if (code !== 0) {
        t.diagnostic(`${program} is not installed`);
        continue;
      }
      const result = await run(program!, [...args, '-n', path]);
      assert.deepEqual([result.code, result.stderr], [0, ''], shell.join(' '));
    }
    assert.ok(resources.some(({ kind, name }) => kind === 'user' && name === odd));
  });
}

test('the same profile always gives the same script, and carries large content beside it or within', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-compile-'));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, 'large');
  await writeFile(path, Buffer.alloc(100_000, 'x'));
  const profile = profileOf({
    files: [{ kind: 'file', path: '/large', content: { kind: 'local', path }, secret: false }],
  });
  const platform = platforms[0]!;
  const first = await compileProfile(profile, { platform, fetch });
  assert.equal((await compileProfile(profile, { platform, fetch })).script, first.script);
  assert.deepEqual(
    first.payload.map(({ name }) => name),
    ['content-1'],
  );
  const whole = await compileProfile(profile, { platform, fetch, standalone: true });
  assert.deepEqual(whole.payload, []);
  assert.ok(whole.script.length > 130_000);
});

test('content that is given twice is carried once, and text stays readable', async () => {
  const text = `${'a line\n'.repeat(20)}`;
  const profile = profileOf({
    files: [textFile('/a', text), textFile('/b', text), textFile('/c', 'no end')],
  });
  const { script } = await compileProfile(profile, { platform: platforms[0]!, fetch });
  assert.equal(script.split(text).length, 2);
  assert.ok(!script.includes('no end'), 'without a line end it would not come out as it went in');
});

test('what a platform cannot do is an error before anything is done', async () => {
  const refused = async (platform: Platform, parts: Partial<Profile>, message: RegExp) => {
    await assert.rejects(compileProfile(profileOf(parts), { platform, fetch }), { message });
  };
  const [apt, , , apk] = platforms as [Platform, Platform, Platform, Platform];
  const timer = { name: 't', calendar: 'daily', command: 'x', user: 'root', persistent: true, absent: false };
  await refused(apk, { config: { ...noConfig, timers: [timer] } }, /OpenRC, which has no timers/);
  await refused(
    apk,
    { services: [serviceOf('a.service', { unit: '[Service]\n' })] },
    /a\.service has a unit for systemd/,
  );
  await refused(apk, { services: [serviceOf('a.service', { masked: true })] }, /cannot be masked/);
  await refused(apk, { packages: [{ name: 'a', state: 'present', version: '1.*-r0' }] }, /only at the end/);
  await refused(
    apt,
    { packages: [{ name: 'a b', state: 'present' }] },
    /"a b" cannot be the name of a package/,
  );
  await refused(apt, { packages: [{ name: '-y', state: 'present' }] }, /"-y" cannot be the name/);
  await refused(
    apt,
    { packages: [{ name: 'a', state: 'present', version: '1;reboot' }] },
    /cannot be a version/,
  );
  await refused(apt, { config: { ...noConfig, environment: { A: 'x # y' } } }, /variable A cannot stand/);
  await refused(
    apt,
    { config: { ...noConfig, swap: { path: '/swap file', size: 1 } } },
    /path of a swap file/,
  );
  await refused(
    apt,
    { files: [{ kind: 'file', path: '/x', content: { kind: 'local', path: '/not/there' }, secret: false }] },
    /\/not\/there of the profile cannot be read/,
  );
  const condition = { kind: 'fact', name: 'memory', operator: '>', value: 1 } as const;
  await refused(
    apt,
    { packages: [{ name: 'a', state: 'present', when: { kind: 'not', of: condition } }] },
    /not known of the machine: memory/,
  );
});
