import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import type { PackageWish, Profile } from '../../plan/profile.ts';
import { type Applied, applied } from './testing/applied.ts';
import { type DebianSystem, debianObstacle, debianSystem } from './testing/debian-system.ts';
import { type MadePackage, makeRepository } from './testing/package-repository.ts';
import { profileOf, scriptOf } from './testing/profile-parts.ts';

const skip = (await debianObstacle()) ?? false;

const some: readonly MadePackage[] = [
  { name: 'alpha', version: '1.0-1' },
  { name: 'alpha', version: '1.1-1' },
  { name: 'alpha', version: '2.0-1' },
  { name: 'beta', version: '1:3.0' },
  { name: 'needs-beta', version: '1.0', fields: ['Depends: beta'] },
  { name: 'foe', version: '1.0', fields: ['Conflicts: beta'] },
  { name: 'broken', version: '1.0', postinst: '#!/bin/sh\necho "my postinst is no good" >&2\nexit 7\n' },
  { name: 'impossible', version: '1.0', fields: ['Depends: nowhere (>= 5)'] },
  { name: 'suggested', version: '1.0' },
  { name: 'suggesting', version: '1.0', fields: ['Recommends: suggested'] },
];

interface PackageScene extends DebianSystem {
  readonly run: (mode: 'apply' | 'check', profile: Profile | readonly PackageWish[]) => Promise<Applied>;
  /** `name version want` of what is installed. */
  readonly installed: (...names: readonly string[]) => Promise<string>;
}

async function packageScene(t: TestContext, packages = some): Promise<PackageScene> {
  const folder = await temporaryFolder(t);
  await makeRepository(join(folder, 'repository'), packages);
  const system = await debianSystem(t, {
    binds: [{ from: join(folder, 'repository'), to: '/srv/repository', readOnly: true }],
  });
  await system.sh(`
    rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/*
    echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list`);
  const scratch = join(folder, 'scratch');
  await mkdir(scratch);
  return {
    ...system,
    run: (mode, profile) =>
      applied(
        system.guest,
        Array.isArray(profile) ? profileOf({ packages: profile }) : (profile as Profile),
        mode,
        scratch,
      ),
    installed: (...names) =>
      system.sh(
        `dpkg-query -W -f '\${db:Status-Status} \${Package} \${Version} \${db:Status-Want}\\n' ${names.join(' ')} 2>/dev/null | sed -n 's/^installed //p'`,
      ),
  };
}

function wish(name: string, more: Partial<PackageWish> = {}): PackageWish {
  return { name, state: 'present', ...more };
}

test('packages come, go, change versions and are held; a second time nothing changes', {
  skip,
}, async (t) => {
  const { run, installed, sh } = await packageScene(t);
  const first = [wish('alpha', { version: '1.*' }), wish('needs-beta'), wish('suggesting')];
  const before = await run('check', first);
  assert.deepEqual(before.told, [
    'package alpha would change',
    '  installed: no, should be 1.*',
    'package needs-beta would change',
    '  installed: no, should be yes',
    'package suggesting would change',
    '  installed: no, should be yes',
  ]);
  assert.equal(
    await sh('ls /var/lib/apt/lists | grep -c Packages || :'),
    '0',
    'a check does not fetch lists either',
  );
  assert.equal((await run('apply', first)).counts.changed, 3);
  assert.equal(
    await installed('alpha', 'beta', 'needs-beta', 'suggested'),
    'alpha 1.1-1 install\nbeta 1:3.0 install\nneeds-beta 1.0 install',
    'the newest that fits; recommended packages do not come along',
  );
  for (const mode of ['apply', 'check'] as const) assert.deepEqual((await run(mode, first)).told, []);

  const second = [wish('alpha', { version: '1.0-1', held: true }), wish('needs-beta', { state: 'absent' })];
  assert.deepEqual((await run('apply', second)).told, [
    'package alpha changed',
    '  version: 1.1-1 → 1.0-1',
    '  held: no → yes',
    'package needs-beta changed',
    '  installed: 1.0 → no',
  ]);
  assert.equal(await installed('alpha', 'needs-beta'), 'alpha 1.0-1 hold');
  assert.deepEqual((await run('check', second)).told, []);

  const third = [wish('alpha', { state: 'latest' })];
  assert.deepEqual((await run('apply', third)).told, ['package alpha changed', '  version: 1.0-1 → 2.0-1']);
  assert.equal(await installed('alpha'), 'alpha 2.0-1 hold', 'it stays held, as nobody said otherwise');
  assert.deepEqual((await run('apply', [wish('alpha', { held: false })])).told, [
    'package alpha changed',
    '  held: yes → no',
  ]);
  assert.equal(await installed('alpha'), 'alpha 2.0-1 install');
  assert.deepEqual((await run('check', third)).told, []);
});

test('one that cannot be had does not keep the others away, and says why', { skip }, async (t) => {
  const { run, installed } = await packageScene(t);
  const wishes = [
    wish('impossible'),
    wish('alpha'),
    wish('not-there'),
    wish('beta', { version: '9*' }),
    wish('broken'),
  ];
  const { reports, told } = await run('apply', wishes);
  assert.deepEqual(
    reports.map(({ resource, outcome }) => [resource.name, outcome]),
    [
      ['impossible', 'failed'],
      ['alpha', 'changed'],
      ['not-there', 'failed'],
      ['beta', 'failed'],
      ['broken', 'failed'],
    ],
    told.join('\n'),
  );
  const message = (name: string) => reports.find(({ resource }) => resource.name === name)?.message ?? '';
  assert.match(message('impossible'), /nowhere/);
  assert.match(message('not-there'), /Unable to locate package not-there/);
  assert.match(message('beta'), /Version '9\*' for 'beta' was not found/);
  assert.match(message('broken'), /broken/);
  assert.equal(await installed('alpha', 'beta', 'impossible'), 'alpha 2.0-1 install');
});

test('what the profile wants is not removed with what it does not want', { skip }, async (t) => {
  const { run, installed } = await packageScene(t);
  await run('apply', [wish('needs-beta')]);
  const { reports } = await run('apply', [wish('needs-beta'), wish('beta', { state: 'absent' })]);
  assert.deepEqual(
    reports.map(({ outcome, message }) => [outcome, message]),
    [
      ['ok', undefined],
      ['failed', 'removing it would remove needs-beta, which the profile wants'],
    ],
  );
  assert.equal(await installed('beta', 'needs-beta'), 'beta 1:3.0 install\nneeds-beta 1.0 install');
  const swapped = [wish('foe'), wish('beta', { state: 'absent' }), wish('needs-beta', { state: 'absent' })];
  assert.equal((await run('apply', swapped)).counts.changed, 3);
  assert.equal(await installed('beta', 'needs-beta', 'foe'), 'foe 1.0 install');
});

test('a repository of the profile is looked at before packages come from it', { skip }, async (t) => {
  const { run, sh, installed } = await packageScene(t);
  await sh(
    `rm /etc/apt/sources.list; echo 'Acquire::AllowInsecureRepositories "true"; APT::Get::AllowUnauthenticated "true";' >/etc/apt/apt.conf.d/99test`,
  );
  const repository = {
    ...{ name: 'mine', absent: false, urls: ['file:/srv/repository'], suites: ['./'] },
    ...{ components: ['main'], architectures: ['amd64'] },
  };
  const profile = profileOf({ repositories: [repository], packages: [wish('alpha')] });
  assert.equal((await run('apply', profile)).counts.changed, 2);
  assert.equal(
    await sh(
      'cat /etc/apt/sources.list.d/mine.sources; stat -c "%a %U" /etc/apt/sources.list.d/mine.sources',
    ),
    'Types: deb\nURIs: file:/srv/repository\nSuites: ./\nArchitectures: amd64\n644 root',
  );
  assert.equal(await installed('alpha'), 'alpha 2.0-1 install');
  assert.deepEqual((await run('check', profile)).told, []);
  const gone = profileOf({ repositories: [{ ...repository, absent: true }] });
  assert.equal((await run('apply', gone)).counts.changed, 1);
  assert.equal(await sh('ls /etc/apt/sources.list.d'), '');
  assert.deepEqual((await run('check', gone)).told, []);
});

test('a repository that the machine has in lists of its own is not written again', { skip }, async (t) => {
  const { run, sh } = await packageScene(t);
  await sh(`printf '%s\n' '# deb http://a.example.net/debian trixie main' \
    'deb [arch=amd64 signed-by=/etc/apt/keyrings/a.gpg] http://a.example.net/debian/ bookworm main contrib # ours' \
    'deb [trusted=yes] http://b.example.net/debian bookworm main' >/etc/apt/sources.list.d/a.list
    printf '%s\n' 'Types: deb deb-src' 'URIs: http://c.example.net/x' ' http://d.example.net/x' 'Suites: s t' \
    'Components: main' '' 'Types: deb' 'Enabled: no' 'URIs: http://e.example.net' 'Suites: s' 'Components: main' '' \
    'Types: deb' 'URIs: http://f.example.net' 'Suites: flat/' >/etc/apt/sources.list.d/c.sources`);
  const repository = (name: string, url: string, suite: string, ...components: string[]) => ({
    ...{ name, absent: false, urls: [url], suites: [suite] },
    ...{ components, architectures: [] },
  });
  const known = [
    repository('one', 'http://a.example.net/debian', 'bookworm', 'contrib'),
    repository('two', 'http://d.example.net/x', 't', 'main'),
    repository('three', 'http://f.example.net', 'flat/'),
  ];
  assert.deepEqual((await run('check', profileOf({ repositories: known }))).told, []);
  const unknown = [
    repository('commented', 'http://a.example.net/debian', 'trixie', 'main'),
    repository('more', 'http://a.example.net/debian', 'bookworm', 'main', 'non-free'),
    repository('unsigned', 'http://b.example.net/debian', 'bookworm', 'main'),
    repository('disabled', 'http://e.example.net', 's', 'main'),
  ];
  const { counts } = await run('check', profileOf({ repositories: unknown }));
  assert.equal(counts['would-change'], unknown.length);
  await sh('rm /etc/apt/sources.list.d/a.list; printf "Types: deb\n" >/etc/apt/sources.list.d/two.sources');
  const later = await run('check', profileOf({ repositories: known }));
  assert.equal(later.counts['would-change'], 2, 'what is written under its own name is looked at there');
});

test('a script before the packages that fails keeps them away, and nothing else', { skip }, async (t) => {
  const { run, installed, sh } = await packageScene(t);
  const profile = profileOf({
    packages: [wish('alpha')],
    groups: [{ name: 'app', absent: false, system: false }],
    scripts: [
      scriptOf('no good', 'echo about to fail; exit 3', { at: 'before-packages' }),
      scriptOf('after', 'touch /root/after', { at: 'after-packages' }),
    ],
  });
  const { told, reports } = await run('apply', profile);
  assert.deepEqual(told.slice(0, 2), [
    'script no good failed: it ended with 3',
    'package alpha skipped: script no good failed',
  ]);
  assert.deepEqual(reports[0]?.output, ['about to fail']);
  assert.equal(await installed('alpha'), '');
  assert.equal(await sh('ls /root/after; grep -c ^app: /etc/group'), '/root/after\n1');
});

test('somebody else’s lock on the lists is waited for', { skip }, async (t) => {
  const { run, guest, sh, installed } = await packageScene(t);
  // fcntl(2) locks, as apt takes them: held by another apt that waits for a program of its own.
  const other = guest.exec({
    command: `apt-get update -o APT::Update::Pre-Invoke::='touch /tmp/locked; sleep 4; touch /tmp/free' >/dev/null 2>&1`,
  });
  for (;;) {
    const exit = await guest.exec({ command: 'test -e /tmp/locked' });
    if (exit.kind === 'exited' && exit.code === 0) break;
  }
  assert.equal((await run('apply', [wish('alpha')])).counts.changed, 1);
  assert.equal(await sh('ls /tmp'), 'free\nlocked', 'not before the other had done with it');
  await other;
  assert.equal(await installed('alpha'), 'alpha 2.0-1 install');
});
