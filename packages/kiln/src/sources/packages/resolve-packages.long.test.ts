import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DiagnosticsError } from '../../base/diagnostics.ts';
import {
  faultsIn,
  namesOf,
  newerPackages,
  ResolveBench,
  skipResolving as skip,
  webPackages,
} from './testing/resolve-bench.ts';
import { smallSystem } from './testing/test-archive.ts';

let bench: ResolveBench;

before(async () => {
  if (!skip) bench = await ResolveBench.open();
});

after(async () => {
  if (!skip) await bench.close();
});

test('the system’s layer is what is essential or required and what it needs; the profile’s adds to it', {
  skip,
}, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const resolved = await bench.resolve({ wishes: ['nginx', 'sudo-'] });
  assert.deepEqual(namesOf(resolved, 'os'), [
    'apt=2.6',
    'base-files=12.4',
    'dpkg=1.21',
    'libc6=2.36-9',
    'mawk=1.3',
    'passwd=1:4.13',
    'sudo=1.9',
  ]);
  assert.deepEqual(namesOf(resolved, 'profile'), ['nginx=1.22.1-9', 'nginx-common=1.22.1-9']);
  assert.deepEqual(resolved.removed, ['sudo']);
  assert.deepEqual(
    resolved.packages.filter((one) => one.automatic).map((one) => one.name),
    ['libc6', 'mawk', 'nginx-common'],
  );
  const { sha256, size, path, repository } = resolved.packages.find((one) => one.name === 'passwd')!;
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.equal(size, statSync(bench.archive.debPath('debian', { name: 'passwd', version: '1:4.13' })).size);
  assert.deepEqual([path, repository], ['pool/main/passwd_4.13_amd64.deb', 'bookworm']);
  assert.equal(resolved.epoch, 1_780_000_000, 'the newest index’s date, not the clock');
  assert.deepEqual(
    resolved.repositories.map((one) => [one.name, one.url, one.indexDate]),
    [
      ['bookworm', 'http://deb.debian.org/debian/', 1_780_000_000],
      ['bookworm-updates', 'http://deb.debian.org/debian/', 1_779_999_000],
      ['bookworm-security', 'http://security.debian.org/debian-security/', 1_779_998_000],
    ],
    'names that everybody knows, whatever mirror it was',
  );
  assert.deepEqual(
    await bench.resolve({ wishes: ['sudo-', 'nginx'] }),
    resolved,
    'the same in another store',
  );
});

test('recommended packages come only when they are asked for', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const resolved = await bench.resolve({ wishes: ['nginx'], recommends: true });
  assert.ok(namesOf(resolved, 'profile').includes('nginx-doc=1.22.1-9'));
});

test('mistakes in what is asked for are told all at once, with what to ask for instead', {
  skip,
}, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  const wishes = ['ngixn', 'nginx=1.18*', 'mta', 'Passwd', 'zzzzzzz', 'libc6:i386'];
  await assert.rejects(bench.resolve({ wishes }), (error) => {
    assert.deepEqual(faultsIn(error), [
      '7: there is no package ngixn in debian 12 (did you mean "nginx"?)',
      '7: nginx is not there in version 1.18* (debian 12 has 1.22.1-9)',
      '7: mta is no package, but what several provide (choose one of exim4, postfix)',
      '7: "Passwd" is no name of a package (they have small letters, digits and + - . only)',
      '7: there is no package zzzzzzz in debian 12 (add the repository that has it (`repositories:`))',
      '7: libc6:i386 is for another architecture than the machine\'s (packages of amd64 and "all" can be had)',
    ]);
    return true;
  });
});

test('packages that do not go together are named with the reason', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  await assert.rejects(bench.resolve({ wishes: ['nginx', 'broken'] }), (error) => {
    assert.match(faultsIn(error).join('\n'), /^7: broken cannot be installed: it needs libc6 \(>= 3\)/);
    return true;
  });
  await assert.rejects(bench.resolve({ wishes: ['postfix', 'exim4'] }), (error) => {
    assert.match(faultsIn(error).join('\n'), /(postfix|exim4) cannot be installed: it excludes mta/);
    return true;
  });
});

test('what is essential cannot be wished away', { skip }, async () => {
  bench.archive.publishDebian([...smallSystem, ...webPackages]);
  await assert.rejects(bench.resolve({ wishes: ['base-files-'] }), (error) => {
    assert.match(faultsIn(error).join('\n'), /packages that every system needs would be taken away/);
    return true;
  });
});

test('without refreshing, the indexes that are there will do', { skip }, async () => {
  bench.archive.publishDebian(smallSystem);
  const own = bench.newHome();
  await bench.resolve({ home: own });
  bench.archive.publishDebian([...smallSystem, ...newerPackages], 1_780_300_000);
  const before = bench.archive.requests.length;
  await assert.rejects(bench.resolve({ wishes: ['curl'], home: own }, { refresh: false }), DiagnosticsError);
  assert.equal(bench.archive.requests.length, before);
  assert.deepEqual(namesOf(await bench.resolve({ wishes: ['curl'], home: own }), 'profile'), ['curl=8.0']);
});

test('this host’s own apt is left as it is', { skip }, async () => {
  const lists = '/var/lib/apt/lists';
  const state = () => {
    try {
      return readdirSync(lists).map((name) => [name, statSync(join(lists, name)).mtimeMs]);
    } catch {
      return [];
    }
  };
  const before = state();
  bench.archive.publishDebian(smallSystem);
  await bench.resolve();
  assert.deepEqual(state(), before);
});
