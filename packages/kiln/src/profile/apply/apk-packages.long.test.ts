import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { run, runOrFail } from '../../base/processes.ts';
import { namespaceObstacle } from '../../base/user-namespace.ts';
import { ChrootGuest } from '../../guests/chroot-guest.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { makeTinyTree } from '../../guests/testing/tiny-tree.ts';
import type { PackageWish, Profile } from '../../plan/profile.ts';
import { applied } from './testing/applied.ts';
import { profileOf } from './testing/profile-parts.ts';

/*
 * Alpine's apk (version 3, which can make packages) where this host has it, in a tree of nothing but busybox.
 */
const skip = (await obstacleToApk()) ?? false;

async function obstacleToApk(): Promise<string | undefined> {
  const obstacle = await namespaceObstacle();
  if (obstacle) return `${obstacle.message} (${obstacle.hint})`;
  const { code, stdout } = await run('sh', ['-c', 'command -v busybox openssl >/dev/null && apk --version']);
  return code === 0 && /^apk-tools 3/.test(stdout)
    ? undefined
    : 'apk (version 3), busybox and openssl are not all installed';
}

interface ApkPackage {
  readonly name: string;
  readonly version: string;
  readonly depends?: string;
}

const some: readonly ApkPackage[] = [
  { name: 'alpha', version: '1.0-r0' },
  { name: 'alpha', version: '1.1-r0' },
  { name: 'alpha', version: '2.0-r0' },
  { name: 'beta', version: '3.0-r1' },
  { name: 'needs-beta', version: '1.0-r0', depends: 'beta' },
  { name: 'impossible', version: '1.0-r0', depends: 'nowhere>5' },
];

async function makeRepository(folder: string): Promise<void> {
  const key = join(folder, 'tests.rsa');
  const publicKey = `${key}.pub`;
  await mkdir(join(folder, 'index'), { recursive: true });
  await runOrFail('openssl', ['genrsa', '-out', key, '2048']);
  await runOrFail('openssl', ['rsa', '-in', key, '-pubout', '-out', publicKey]);
  const files: string[] = [];
  for (const { name, version, depends } of some) {
    const tree = join(folder, 'tree');
    await mkdir(join(tree, 'usr/share', name), { recursive: true });
    await writeFile(join(tree, 'usr/share', name, 'version'), `${version}\n`);
    const file = join(folder, 'index', `${name}-${version}.apk`);
    const facts = [
      `name:${name}`,
      `version:${version}`,
      'arch:noarch',
      'description:for tests',
      'license:MIT',
    ];
    if (depends !== undefined) facts.push(`depends:${depends}`);
    const info = facts.flatMap((fact) => ['--info', fact]);
    await runOrFail('apk', ['--sign-key', key, 'mkpkg', '--files', tree, ...info, '--output', file]);
    await rm(tree, { recursive: true });
    files.push(file);
  }
  const index = join(folder, 'index/Packages.adb');
  await runOrFail('apk', ['--keys-dir', folder, '--sign-key', key, 'mkndx', '--output', index, ...files]);
}

async function scene(t: TestContext) {
  let guest: ChrootGuest | undefined;
  // Clean-ups run in the order in which they are registered.
  t.after(() => guest?.close());
  const folder = await temporaryFolder(t);
  const tree = join(folder, 'tree');
  const { stdout } = await run('busybox', ['--list']);
  const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox');
  await makeTinyTree(tree, ['busybox', 'apk'], Object.fromEntries(applets.map((name) => [name, 'busybox'])));
  await symlink('usr/sbin', join(tree, 'sbin'));
  for (const name of ['etc/apk/keys', 'var/lib', 'etc/crontabs'])
    await mkdir(join(tree, name), { recursive: true });
  await writeFile(join(tree, 'etc/os-release'), 'ID=alpine\nVERSION_ID=3.22.0\n');
  await writeFile(join(tree, 'etc/alpine-release'), '3.22.0\n');
  await writeFile(join(tree, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(tree, 'etc/group'), 'root:x:0:\nwheel:x:10:\n');
  await writeFile(join(tree, 'etc/shadow'), 'root:*:1::::::\n');
  await writeFile(join(tree, 'etc/apk/repositories'), '# by hand\n');
  await makeRepository(join(folder, 'made'));
  const opened = await ChrootGuest.open({
    root: { kind: 'directory', path: tree },
    scratch: folder,
    binds: [{ from: join(folder, 'made'), to: '/srv/made', readOnly: true }],
  });
  guest = opened;
  const sh = async (script: string) => {
    const lines: string[] = [];
    const exit = await opened.exec({ command: script, onLine: (line) => lines.push(line) });
    assert.deepEqual(exit, { kind: 'exited', code: 0 }, `${script}: ${lines.join('\n')}`);
    return lines.join('\n');
  };
  await sh('chown -R 0:0 /etc; apk --initdb add >/dev/null');
  const key = await sh('cat /srv/made/tests.rsa.pub');
  const repository = {
    ...{ name: 'tests', absent: false, urls: ['/srv/made/index/Packages.adb'], suites: [], components: [] },
    ...{ architectures: [], key: { kind: 'text', text: `${key}\n` } as const },
  };
  const runProfile = (
    mode: 'apply' | 'check',
    packages: readonly PackageWish[],
    more: Partial<Profile> = {},
  ) => applied(opened, profileOf({ repositories: [repository], packages, ...more }), mode, folder);
  const installed = () => sh("sed -n 's/^[PV]://p' /lib/apk/db/installed | paste - - | sort");
  return { run: runProfile, installed, sh, repository };
}

function wish(name: string, more: Partial<PackageWish> = {}): PackageWish {
  return { name, state: 'present', ...more };
}

test('packages come, go, change versions and are held with apk', { skip }, async (t) => {
  const { run, installed, sh } = await scene(t);
  const first = [wish('alpha', { version: '1.*' }), wish('needs-beta')];
  assert.equal((await run('check', first)).counts['would-change'], 3);
  const made = await run('apply', first);
  assert.equal(made.counts.changed, 3, [...made.told, ...made.output].join('\n'));
  assert.equal(await installed(), 'alpha\t1.1-r0\nbeta\t3.0-r1\nneeds-beta\t1.0-r0');
  assert.equal(
    await sh('cat /etc/apk/repositories'),
    '# by hand\n# kiln: tests\n/srv/made/index/Packages.adb\n# kiln: end of tests',
  );
  for (const mode of ['apply', 'check'] as const) assert.deepEqual((await run(mode, first)).told, []);

  const second = [wish('alpha', { version: '1.0-r0', held: true }), wish('needs-beta', { state: 'absent' })];
  const changed = await run('apply', second);
  assert.deepEqual(
    changed.told,
    [
      'package alpha changed',
      '  version: 1.1-r0 → 1.0-r0',
      '  held: no → yes',
      'package needs-beta changed',
      '  installed: 1.0-r0 → no',
    ],
    changed.output.join('\n'),
  );
  assert.equal(await installed(), 'alpha\t1.0-r0');
  assert.deepEqual((await run('check', second)).told, []);
  const third = [wish('alpha', { state: 'latest', held: false })];
  const newest = await run('apply', third);
  assert.equal(newest.counts.changed, 1, [...newest.told, ...newest.output].join('\n'));
  assert.equal(await installed(), 'alpha\t2.0-r0');
  assert.deepEqual((await run('check', third)).told, []);
});

test('one that cannot be had does not keep the others away with apk', { skip }, async (t) => {
  const { run, installed } = await scene(t);
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
  assert.match(reports[1]?.message ?? '', /nowhere|impossible/);
  assert.match(reports[3]?.message ?? '', /not-there/);
  assert.equal(await installed(), 'alpha\t2.0-r0');
});

test('what the profile wants is not removed with what it does not want, with apk', { skip }, async (t) => {
  const { run, installed } = await scene(t);
  await run('apply', [wish('needs-beta')]);
  const { reports, output } = await run('apply', [wish('needs-beta'), wish('beta', { state: 'absent' })]);
  assert.equal(reports[2]?.outcome, 'failed', output.join('\n'));
  assert.equal(await installed(), 'beta\t3.0-r1\nneeds-beta\t1.0-r0');
});
