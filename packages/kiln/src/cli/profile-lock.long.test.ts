import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { basePackages } from '../sources/bootstrap/base-packages.ts';
import { findRelease } from '../sources/bootstrap/release.ts';
import { ResolveBench, skipResolving as skip } from '../sources/packages/testing/resolve-bench.ts';
import { smallSystem, type TestPackage } from '../sources/packages/testing/test-archive.ts';
import { makeWorkshop } from './testing.ts';

let bench: ResolveBench;
let env: Record<string, string>;
const release = findRelease('debian', '12');
/** What every system of Kiln's has, as far as the archive of the tests does not have it already. */
const system: readonly TestPackage[] = [
  ...smallSystem,
  ...[...basePackages, ...release.extraPackages, release.kernelPackage]
    .filter((name) => !smallSystem.some((one) => one.name === name))
    .map((name) => ({ name, version: '1' })),
];
/** With nginx and curl. */
const whole = system.length + 2;
const nginx = (version: string): TestPackage => ({ name: 'nginx', version, fields: { Depends: 'libc6' } });
const profile = 'profile: 1\nos: debian/12\nextends: ./common.yaml\npackages:\n  - nginx\n';
const files = { 'web.profile.yaml': profile, 'common.yaml': 'profile: 1\npackages: [curl]\n' };

before(async () => {
  if (skip) return;
  bench = await ResolveBench.open();
  // As a host would be that has this archive as its mirror.
  const settings = join(bench.folder, 'apt.conf');
  writeFileSync(settings, `Dir::Etc::parts "/dev/null";\nDir::Etc "${bench.archive.aptFolder}";\n`);
  env = { APT_CONFIG: settings };
});

after(async () => {
  if (!skip) await bench.close();
});

test('a lock is made, kept, and moved to what has come out', { skip }, async (t) => {
  const curl = { name: 'curl', version: '8.0' };
  bench.archive.publishDebian([...system, nginx('1.22'), curl]);
  const { kiln, folder } = makeWorkshop(t, files, env);
  const lockFile = join(folder, 'kiln.lock');
  const first = await kiln('profile', 'lock', 'web.profile.yaml');
  assert.deepEqual(
    [first.code, first.stdout, first.stderr],
    [0, `web: ${whole} packages of debian/12\n`, 'web: resolving packages\nkiln.lock is written\n'],
  );
  const text = readFileSync(lockFile, 'utf8');
  assert.match(
    text,
    /^ {8}- nginx 1\.22 amd64 \d+ [0-9a-f]{64} bookworm pool\/main\/nginx_1\.22_amd64\.deb$/m,
  );
  const again = await kiln('profile', 'lock', 'web.profile.yaml');
  assert.deepEqual([again.code, again.stdout, again.stderr], [0, 'web: nothing has changed\n', '']);

  const newer = [nginx('1.24'), { name: 'curl', version: '8.1' }];
  bench.archive.publishDebian([...system, nginx('1.22'), curl, ...newer], 1_780_100_000);
  const dry = await kiln('profile', 'lock', './web.profile.yaml', '--update', '--dry-run');
  assert.equal(dry.stdout, 'web: 2 changes\n   ~  curl   8.0 → 8.1\n   ~  nginx  1.22 → 1.24\n');
  assert.match(dry.stderr, /kiln\.lock stays as it is: this was a dry run\n$/);
  assert.equal(readFileSync(lockFile, 'utf8'), text);
  const one = await kiln('profile', 'lock', 'web.profile.yaml', '--update', 'nginx', '--json');
  assert.deepEqual(JSON.parse(one.stdout), {
    dryRun: false,
    profiles: [
      {
        ...{ name: 'web', isNew: false, written: true, packages: whole, reasons: [] },
        changes: [{ kind: 'changed', package: 'nginx', before: '1.22', after: '1.24', direction: 'newer' }],
      },
    ],
  });
});

test('mistakes are told at the line of the profile, or of the lock', { skip }, async (t) => {
  bench.archive.publishDebian([...system, nginx('1.22'), { name: 'curl', version: '8.0' }]);
  const { kiln, folder } = makeWorkshop(t, files, env);
  assert.equal((await kiln('profile', 'lock', 'web.profile.yaml')).code, 0);
  writeFileSync(join(folder, 'common.yaml'), 'profile: 1\npackages: [crul, nginx=2.*]\n');
  const wrong = await kiln('profile', 'lock', 'web.profile.yaml');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /^common\.yaml:2:12: error: there is no package crul in debian 12$/m);
  assert.match(wrong.stderr, /hint: did you mean "curl"\?/);
  assert.match(wrong.stderr, /web\.profile\.yaml:5:5: error: nginx is not there in version 2\.\*/);
  assert.match(wrong.stderr, /hint: debian 12 has 1\.22/);
  const lockFile = join(folder, 'kiln.lock');
  writeFileSync(lockFile, readFileSync(lockFile, 'utf8').replace(/^ {8}- sudo .*\n/m, ''));
  const damaged = await kiln('profile', 'lock', 'web.profile.yaml');
  assert.equal(damaged.code, 1);
  assert.match(
    damaged.stderr,
    /^kiln\.lock:\d+:11: error: the lock of "web" is not whole: it has 29 packages, and 30 when/m,
  );
  assert.match(damaged.stderr, /hint: take the file from version control/);
});

test('words that make no sense together are refused', async (t) => {
  const { kiln } = makeWorkshop(t, files);
  const named = await kiln('profile', 'lock', 'nginx');
  assert.equal(named.code, 2);
  assert.match(named.stderr, /nginx: packages are named to be updated/);
  const two = await kiln('profile', 'lock', 'a.yaml', 'b/c');
  assert.equal(two.code, 2);
  const kilnYaml = await kiln('profile', 'lock');
  assert.equal(kilnYaml.code, 1);
});
