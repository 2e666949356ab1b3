import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiagnosticsError } from '../../base/diagnostics.ts';
import type { ResolvedPackage } from '../../sources/packages/resolved-packages.ts';
import { compareLocks } from './compare-locks.ts';
import type { LockedProfile, LockFile } from './lock.ts';
import { parseLock, readLock } from './read-lock.ts';
import { lockText } from './write-lock.ts';

const digest = (letter: string) => letter.repeat(64);

function pack(name: string, version: string, more: Partial<ResolvedPackage> = {}): ResolvedPackage {
  return {
    ...{ name, version, architecture: 'amd64', sha256: digest('a'), size: 1234, automatic: false },
    ...{ path: `pool/main/${name}_${version}_amd64.deb`, repository: 'bookworm', layer: 'os' },
    ...more,
  };
}

const web: LockedProfile = {
  os: { distribution: 'debian', release: '12' },
  asked: {
    packages: ['curl=7.*', 'less (absent)', 'nginx'],
    recommends: false,
    base: ['sudo'],
    repositories: ['deb [arch=amd64] https://vendor.example/apt/ stable main key=sha256:0123'],
  },
  resolved: {
    epoch: 1_795_432_957,
    architecture: 'amd64',
    repositories: [
      {
        ...{
          name: 'bookworm',
          url: 'http://deb.debian.org/debian/',
          suite: 'bookworm',
          components: ['main'],
        },
        ...{ indexDigest: digest('1'), indexDate: 1_795_432_957 },
        snapshot: 'https://snapshot.debian.org/archive/debian/20261123T172237Z/',
      },
      {
        ...{ name: 'vendor', url: 'https://vendor.example/apt/', suite: './', components: [] },
        ...{ indexDigest: digest('e'), indexDate: 1_780_000_000 },
      },
    ],
    packages: [
      pack('0ad', '1:0.0.26-3', { automatic: true }),
      pack('libstdc++6', '12.2.0-14~x'),
      pack('odd', '1', { path: 'a b%/odd.deb', repository: 'vendor', sha256: digest('f') }),
      pack('nginx', '1.22', { layer: 'profile' }),
    ],
    removed: ['less'],
  },
  fetched: [{ url: 'https://example.org/base.yaml?a=b#c', sha256: digest('c') }],
};

const lock: LockFile = { profiles: new Map([['web', web]]) };

function mistakes(text: string): string[] {
  try {
    parseLock(text, 'kiln.lock');
  } catch (error) {
    assert.ok(error instanceof DiagnosticsError, String(error));
    return error.diagnostics.map((one) => {
      assert.ok(one.hint, one.message);
      return `${one.at.line}:${one.at.column}: ${one.message}`;
    });
  }
  return [];
}

test('a lock is text that people can read and compare, a package a line, and is read as it was', () => {
  const text = lockText(lock);
  assert.equal(
    text,
    `# What the profiles of this folder were resolved to. Written by Kiln: \`kiln profile lock\` makes it again,
# \`kiln profile lock --update\` moves it to what is newest. Belongs into version control.
schema: 1
profiles:
  web:
    os: debian/12
    architecture: amd64
    time: 2026-11-23T11:22:37Z
    asked:
      packages:
        - "curl=7.*"
        - less (absent)
        - nginx
      recommends: false
      base:
        - sudo
      repositories:
        - "deb [arch=amd64] https://vendor.example/apt/ stable main key=sha256:0123"
    repositories:
      bookworm:
        url: http://deb.debian.org/debian/
        suite: bookworm
        components: [main]
        date: 2026-11-23T11:22:37Z
        index: ${digest('1')}
        snapshot: https://snapshot.debian.org/archive/debian/20261123T172237Z/
      vendor:
        url: https://vendor.example/apt/
        suite: "./"
        components: []
        date: 2026-05-28T20:26:40Z
        index: ${digest('e')}
    packages:
      os:
        - "0ad 1:0.0.26-3 amd64 1234 ${digest('a')} bookworm pool/main/0ad_1:0.0.26-3_amd64.deb auto"
        - libstdc++6 12.2.0-14~x amd64 1234 ${digest('a')} bookworm pool/main/libstdc++6_12.2.0-14~x_amd64.deb
        - odd 1 amd64 1234 ${digest('f')} vendor a%20b%25/odd.deb
      profile:
        - nginx 1.22 amd64 1234 ${digest('a')} bookworm pool/main/nginx_1.22_amd64.deb
    removed: [less]
    fetched:
      - "${digest('c')} https://example.org/base.yaml?a=b#c"
    seal: 4 packages, sha256 ${/sha256 (\w+)\n$/.exec(text)![1]}
`,
  );
  assert.deepEqual(parseLock(text, 'kiln.lock'), lock);
  assert.equal(
    lockText({
      profiles: new Map([
        ['a', web],
        ['web', web],
      ]),
    }),
    lockText({
      profiles: new Map([
        ['web', web],
        ['a', web],
      ]),
    }),
  );
});

test('names that YAML would take for something else survive', () => {
  for (const name of ['true', '12', 'a: b', 'null', '"quoted"', 'ü', '- x', '1e3', 'y']) {
    const odd = { profiles: new Map([[name, { ...web, asked: { ...web.asked, packages: [name] } }]]) };
    assert.deepEqual(parseLock(lockText(odd), 'kiln.lock'), odd, name);
  }
});

test('a lock that somebody changed is refused at its place, with what was changed', () => {
  const text = lockText(lock);
  const changed = (from: string | RegExp, to: string) => mistakes(text.replace(from, to));
  const seal = `${text.split('\n').findIndex((line) => line.includes('seal:')) + 1}:11`;
  assert.deepEqual(changed(/ {8}- libstdc.*\n/, ''), [
    '42:11: the lock of "web" is not whole: it has 3 packages, and 4 when Kiln wrote it',
  ]);
  for (const [from, to] of [
    ['nginx 1.22 amd64', 'nginx 1.23 amd64'],
    [digest('f'), digest('0')],
    ['time: 2026', 'time: 2025'],
    ['recommends: false', 'recommends: true'],
    [digest('c'), digest('d')],
  ] as const)
    assert.deepEqual(changed(from, to), [
      `${seal}: the lock of "web" is not whole: something in it was changed since Kiln wrote it`,
    ]);
  assert.deepEqual(changed(`${digest('f')} vendor`, `${digest('f')} elsewhere`), [
    '37:11: odd comes of the repository elsewhere, which the lock does not have',
  ]);
  assert.deepEqual(changed(digest('f'), `${digest('f')}0`), [
    '37:11: entry 3 of os: a digest of SHA-256 has 64 hexadecimal digits, and the one of odd is none',
  ]);
  assert.deepEqual(changed('a%20b%25/odd', '../odd'), [
    '37:11: entry 3 of os: the path of odd leaves its repository',
  ]);
});

test('mistakes of form are told with their places, all at once', () => {
  assert.deepEqual(mistakes(''), ['1:1: the file is empty']);
  assert.deepEqual(mistakes('schema: 2\nprofiles: {}\n'), [
    '1:9: schema: found "2", expected a whole number from 1 to 1',
  ]);
  assert.deepEqual(mistakes('schema: 1\nprofils: {}\n'), [
    '1:1: a lock needs "profiles"',
    '2:1: a lock has no field "profils"',
  ]);
  const text = lockText(lock);
  const both = text.replace('os: debian/12', 'os: plan9').replace('- nginx 1.22 amd64 1234', '- nginx 1.22');
  assert.deepEqual(
    mistakes(both).map((one) => one.slice(0, 24)),
    ['6:9: os: found "plan9", ', '39:11: entry 1 of profil'],
  );
  assert.match(mistakes(text.replace('    os:', '\tos:'))[0]!, /^6:1: a tab is used to indent/);
  assert.deepEqual(mistakes(text.replace('    removed:', '<<<<<<< ours\n    removed:')), [
    '40:1: the file has marks of a merge that is not finished',
  ]);
});

test('no lock file is no mistake', async () => {
  assert.equal(await readLock('/nonexistent/kiln.lock', 'kiln.lock'), undefined);
});

test('two locks are compared by what is installed in the end', () => {
  const now: LockedProfile = {
    ...web,
    resolved: {
      ...web.resolved,
      packages: [
        pack('0ad', '1:0.0.26-3', { sha256: digest('b') }),
        pack('libstdc++6', '12.2.0-13', { sha256: digest('b') }),
        pack('nginx', '1.22'),
        pack('nginx', '1.24', { layer: 'profile', sha256: digest('b') }),
        pack('less', '590'),
        pack('new', '1', { architecture: 'i386' }),
      ],
      removed: [],
    },
    fetched: [{ url: 'https://example.org/other.yaml', sha256: digest('d') }],
  };
  assert.deepEqual(compareLocks(web, now), [
    { kind: 'changed', package: '0ad', before: '1:0.0.26-3', after: '1:0.0.26-3', direction: 'rebuilt' },
    { kind: 'added', package: 'less', version: '590' },
    { kind: 'changed', package: 'libstdc++6', before: '12.2.0-14~x', after: '12.2.0-13', direction: 'older' },
    { kind: 'added', package: 'new:i386', version: '1' },
    { kind: 'changed', package: 'nginx', before: '1.22', after: '1.24', direction: 'newer' },
    { kind: 'removed', package: 'odd', version: '1' },
    { kind: 'fetched', url: 'https://example.org/base.yaml?a=b#c', before: digest('c') },
    { kind: 'fetched', url: 'https://example.org/other.yaml', after: digest('d') },
  ]);
  assert.deepEqual(compareLocks(web, web), []);
  assert.equal(compareLocks(undefined, web).length, 5);
});
