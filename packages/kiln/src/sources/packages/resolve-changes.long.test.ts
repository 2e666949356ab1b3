import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { KilnError } from '../../base/errors.ts';
import { fetchPackages } from './fetch-packages.ts';
import { toRootfsLock } from './rootfs-lock.ts';
import {
  namesOf,
  newerPackages,
  ResolveBench,
  skipResolving as skip,
  webPackages,
} from './testing/resolve-bench.ts';
import { smallSystem, type TestPackage } from './testing/test-archive.ts';

let bench: ResolveBench;

before(async () => {
  if (!skip) bench = await ResolveBench.open();
});

after(async () => {
  if (!skip) await bench.close();
});

test('a version brings the packages that belong to it, although newer ones are there', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages, ...newerPackages]);
  assert.deepEqual(namesOf(await bench.resolve({ wishes: ['nginx'] }), 'profile'), [
    'nginx=1.22.1-10',
    'nginx-common=1.22.1-10',
  ]);
  assert.deepEqual(namesOf(await bench.resolve({ wishes: ['nginx=1.22.1-9'] }), 'profile'), [
    'nginx=1.22.1-9',
    'nginx-common=1.22.1-9',
  ]);
  assert.deepEqual(namesOf(await bench.resolve({ wishes: ['nginx=1.22.*'] }), 'profile'), [
    'nginx=1.22.1-10',
    'nginx-common=1.22.1-10',
  ]);
});

test('earlier versions are stayed at, but for those that are to move and what must move with them', {
  skip,
}, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const own = bench.newHome();
  const keep = await bench.resolve({ wishes: ['nginx'], home: own });
  bench.archive.publishDebian(
    [
      ...smallSystem,
      ...webPackages,
      ...newerPackages,
      { name: 'passwd', version: '1:4.14', fields: { Priority: 'required' } },
    ],
    1_780_100_000,
  );
  const more = await bench.resolve({ wishes: ['nginx', 'curl'], home: own }, { keep });
  assert.deepEqual(namesOf(more, 'profile'), ['curl=8.0', 'nginx=1.22.1-9', 'nginx-common=1.22.1-9']);
  assert.ok(namesOf(more, 'os').includes('passwd=1:4.13'));
  assert.equal(more.epoch, 1_780_100_000);
  const one = await bench.resolve({ wishes: ['nginx'], home: own }, { keep, update: ['nginx'] });
  assert.deepEqual(namesOf(one, 'profile'), ['nginx=1.22.1-10', 'nginx-common=1.22.1-10']);
  assert.ok(namesOf(one, 'os').includes('passwd=1:4.13'));
  const all = await bench.resolve({ wishes: ['nginx'], home: own });
  assert.ok(namesOf(all, 'os').includes('passwd=1:4.14'));
  // What is gone from the archive cannot be stayed at.
  bench.archive.publishDebian([...smallSystem, ...newerPackages], 1_780_200_000);
  assert.deepEqual(namesOf(await bench.resolve({ wishes: ['nginx'], home: own }, { keep }), 'profile'), [
    'nginx=1.22.1-10',
    'nginx-common=1.22.1-10',
  ]);
});

test('a repository of the profile is checked by its own key, and nobody else’s', { skip }, async () => {
  bench.archive.publishDebian(smallSystem);
  const key = bench.archive.makeKey('vendor');
  const tool: TestPackage = { name: 'tool', version: '3', fields: { Depends: 'libc6' } };
  bench.archive.publish('vendor', 'stable', [tool, { name: 'sudo', version: '2.0' }], {
    date: 1_780_400_000,
    signer: 'vendor',
  });
  const at = { file: 'web.yaml', line: 3, column: 3 };
  const vendor = {
    name: 'vendor',
    urls: [bench.archive.url('vendor')],
    suites: ['stable'],
    components: ['main'],
    architectures: [],
    at,
  };
  const resolved = await bench.resolve({ wishes: ['tool'], repositories: [{ ...vendor, key }] });
  assert.deepEqual(namesOf(resolved, 'profile'), ['tool=3']);
  assert.ok(namesOf(resolved, 'os').includes('sudo=1.9'), 'the system is the distribution’s alone');
  assert.deepEqual(resolved.repositories.at(-1)?.name, 'vendor');
  assert.equal(resolved.packages.at(-1)?.repository, 'vendor');
  for (const wrong of [vendor, { ...vendor, key: bench.archive.makeKey('somebody') }]) {
    await assert.rejects(bench.resolve({ wishes: ['tool'], repositories: [wrong] }), (error: KilnError) => {
      assert.equal(error.code, 'checksum-mismatch');
      assert.match(error.message, /\/vendor\/ stable is not signed as it should be/);
      assert.deepEqual(error.at, at);
      return true;
    });
  }
  bench.archive.publish('vendor', 'stable', [tool], { date: 1_780_500_000, signer: null });
  await assert.rejects(bench.resolve({ wishes: ['tool'], repositories: [{ ...vendor, key }] }), {
    code: 'checksum-mismatch',
  });
  const elsewhere = { ...vendor, key, suites: ['unstable'] };
  await assert.rejects(bench.resolve({ wishes: ['tool'], repositories: [elsewhere] }), (error: KilnError) => {
    assert.equal(error.code, 'not-found');
    assert.match(error.message, /there is no repository at .*\/vendor\/ unstable/);
    return true;
  });
});

test('an index that somebody changed behind its signature is refused', { skip }, async () => {
  bench.archive.publishDebian(smallSystem);
  const path = join(bench.archive.folder, 'www/debian/dists/bookworm/main/binary-amd64/Packages');
  writeFileSync(path, 'Package: evil\nVersion: 1\nArchitecture: amd64\n');
  await assert.rejects(bench.resolve(), { code: 'download-failed' });
});

test('flat repositories and those on this disk are repositories too', { skip }, async () => {
  const { archive } = bench;
  archive.publishDebian(smallSystem);
  const key = archive.makeKey('flat');
  const signing = { date: 1_780_400_000, signer: 'flat' };
  archive.publishFlat('flat', [{ name: 'tool', version: '3', fields: { Depends: 'libc6' } }], signing);
  const parts = { components: [], architectures: [], key };
  for (const [url, suite] of [
    [archive.url('flat'), './'],
    [archive.url('flat'), '/'],
    [`file:${archive.folder}/www/flat`, './'],
  ] as const) {
    const resolved = await bench.resolve({
      wishes: ['tool'],
      repositories: [{ ...parts, name: 'flat', urls: [url], suites: [suite] }],
    });
    assert.deepEqual(namesOf(resolved, 'profile'), ['tool=3'], `${url} ${suite}`);
    assert.equal(resolved.repositories.at(-1)!.indexDate, 1_780_400_000);
    const { base, more } = toRootfsLock(resolved);
    const home = bench.newHome();
    const { signal } = new AbortController();
    await fetchPackages([...base, ...more], { home, signal, aptFolder: archive.aptFolder });
    assert.equal(toRootfsLock(resolved).sources.length, 3, 'the profile brings its repositories itself');
  }
});
