import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { PackageWish, Profile } from '../../plan/profile.ts';
import { type Applied, applied } from './testing/applied.ts';
import { debianObstacle, debianSystem } from './testing/debian-system.ts';
import { profileOf } from './testing/profile-parts.ts';

/*
 * The real dnf and zypper, as Debian has them, with a database of rpm and a repository of their own beside Debian's.
 */
const obstacle = (await debianObstacle()) ?? false;
/** The plugin that dnf holds packages with and zypper keep each other away. */
const tools = {
  dnf: ['createrepo-c', 'dnf', 'dnf-plugins-core', 'gnupg', 'rpm'],
  zypper: ['createrepo-c', 'gnupg', 'rpm', 'zypper'],
};

type Manager = 'dnf' | 'zypper';

/** Makes packages, signs them, and makes a repository of them. */
const makeRepository = `
set -e
export HOME=/root GNUPGHOME=/root/gnupg
mkdir -p -m 700 $GNUPGHOME
gpg --batch --quiet --passphrase '' --quick-generate-key 'Tests <tests@example.org>' rsa2048 sign never 2>/dev/null
mkdir -p /srv/keys
gpg --armor --export tests@example.org >/srv/keys/key.asc
spec() {
  printf '%s\\n' "Name: $1" "Version: $2" 'Release: 1' 'Summary: for tests' 'License: MIT' 'BuildArch: noarch' "$3" \\
    '%description' 'for tests' '%install' "mkdir -p %{buildroot}/usr/share/$1" "echo $2 >%{buildroot}/usr/share/$1/version" \\
    '%files' "/usr/share/$1" >/tmp/$1.spec
  rpmbuild --quiet -bb --define '_rpmdir /srv/repository' /tmp/$1.spec >/tmp/log 2>&1 || cat /tmp/log
}
spec alpha 1.0; spec alpha 1.1; spec alpha 2.0
spec beta 3.0 'Epoch: 1'
spec needs-beta 1.0 'Requires: beta'
spec foe 1.0 'Conflicts: beta'
spec impossible 1.0 'Requires: nowhere >= 5'
spec suggested 1.0
spec suggesting 1.0 'Recommends: suggested'
rpmsign --define '__gpg /usr/bin/gpg' --define '_gpg_name tests@example.org' --addsign /srv/repository/noarch/*.rpm >/tmp/log 2>&1 || cat /tmp/log
createrepo_c -q /srv/repository
gpg --batch --quiet --armor --detach-sign /srv/repository/repodata/repomd.xml
`;

async function scene(t: TestContext, manager: Manager) {
  const system = await debianSystem(t, {}, tools[manager]);
  const { guest, folder, sh } = system;
  await sh(makeRepository);
  // Debian's rpm has its database in a home folder, and apt is found first.
  await sh(`
    rm /usr/bin/apt-get
    mkdir -p /etc/yum.repos.d /etc/zypp/repos.d /etc/dnf/vars /etc/dnf/plugins
    echo 12 >/etc/dnf/vars/releasever
    mkdir -p /etc/rpm
    echo '%_dbpath /var/lib/rpm' >/etc/rpm/macros
    printf '[main]\\nenabled = false\\n' >/etc/dnf/plugins/local.conf`);
  const key = await sh('cat /srv/keys/key.asc');
  const repository = {
    ...{ name: 'tests', absent: false, urls: ['file:///srv/repository'], suites: [], components: [] },
    ...{ architectures: [], key: { kind: 'text', text: `${key}\n` } as const },
  };
  const run = (
    mode: 'apply' | 'check',
    packages: readonly PackageWish[],
    more: Partial<Profile> = {},
  ): Promise<Applied> =>
    applied(guest, profileOf({ repositories: [repository], packages, ...more }), mode, folder);
  const installed = () => sh("rpm -qa --qf '%{NAME} %{VERSION}\\n' | grep -v gpg-pubkey | sort");
  return { run, installed, sh, repository };
}

function wish(name: string, more: Partial<PackageWish> = {}): PackageWish {
  return { name, state: 'present', ...more };
}

for (const manager of ['dnf', 'zypper'] as const) {
  test(`packages come, go, change versions and are held with ${manager}`, { skip: obstacle }, async (t) => {
    const { run, installed, sh } = await scene(t, manager);
    const first = [wish('alpha', { version: '1.*' }), wish('needs-beta'), wish('suggesting')];
    assert.equal((await run('check', first)).counts['would-change'], 4);
    const made = await run('apply', first);
    assert.equal(made.counts.changed, 4, [...made.told, ...made.output].join('\n'));
    assert.equal(await installed(), 'alpha 1.1\nbeta 3.0\nneeds-beta 1.0\nsuggesting 1.0');
    for (const mode of ['apply', 'check'] as const) assert.deepEqual((await run(mode, first)).told, []);

    const second = [wish('alpha', { version: '1.0', held: true }), wish('needs-beta', { state: 'absent' })];
    const changed = await run('apply', second);
    assert.deepEqual(
      changed.told,
      [
        'package alpha changed',
        '  version: 1.1-1 → 1.0',
        '  held: no → yes',
        'package needs-beta changed',
        '  installed: 1.0-1 → no',
      ],
      changed.output.join('\n'),
    );
    assert.equal(await installed(), 'alpha 1.0\nbeta 3.0\nsuggesting 1.0');
    assert.deepEqual((await run('check', second)).told, []);

    const third = [wish('alpha', { state: 'latest', held: false })];
    const newest = await run('apply', third);
    assert.equal(newest.counts.changed, 1, [...newest.told, ...newest.output].join('\n'));
    assert.equal(await installed(), 'alpha 2.0\nbeta 3.0\nsuggesting 1.0');
    assert.deepEqual((await run('check', third)).told, []);
    assert.deepEqual(
      (await run('check', [wish('beta', { version: '3.0' }), wish('alpha', { version: '2.0-1' })])).told,
      [],
    );
    const folder = manager === 'dnf' ? '/etc/yum.repos.d' : '/etc/zypp/repos.d';
    assert.match(
      await sh(`cat ${folder}/tests.repo`),
      /^\[tests\]\nname=tests\nbaseurl=file:\/\/\/srv\/repository\nenabled=1\ngpgcheck=1\ngpgkey=file:/,
    );
  });

  test(`one that cannot be had does not keep the others away with ${manager}`, {
    skip: obstacle,
  }, async (t) => {
    const { run, installed } = await scene(t, manager);
    const { reports, told, output } = await run('apply', [
      wish('impossible'),
      wish('alpha'),
      wish('not-there'),
    ]);
    assert.deepEqual(
      reports.map(({ resource, outcome }) => `${resource.name} ${outcome}`),
      ['tests changed', 'impossible failed', 'alpha changed', 'not-there failed'],
      [...told, ...output].join('\n'),
    );
    assert.match(reports[1]?.message ?? '', /impossible/);
    assert.match(reports[3]?.message ?? '', /not-there/);
    assert.equal(await installed(), 'alpha 2.0');
  });

  test(`what the profile wants is not removed with what it does not want, with ${manager}`, {
    skip: obstacle,
  }, async (t) => {
    const { run, installed } = await scene(t, manager);
    await run('apply', [wish('needs-beta')]);
    const { reports, output } = await run('apply', [wish('needs-beta'), wish('beta', { state: 'absent' })]);
    assert.deepEqual(
      reports[2]?.message,
      'removing it would remove needs-beta, which the profile wants',
      output.join('\n'),
    );
    assert.equal(await installed(), 'beta 3.0\nneeds-beta 1.0');
  });
}
