import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { compareVersions, matchesVersion } from './debian-version.ts';

const versions = [
  '0',
  '1.0',
  '1.0-1',
  '1.0-1+b1',
  '1.0~rc1-1',
  '1.0~',
  '1.0~~a',
  '1.0a',
  '1.0+dfsg',
  '1.10',
  '1.9',
  '1.09',
  '1:0.1',
  '2:0-0',
  '0:1.0',
  '10-1-1',
  '10-1~bpo12+1',
  '7.88.1-10+deb12u14',
  '7.88.1-10+deb12u5',
  '20240203',
  '2.36-9+deb12u9',
  '99999999999999999999.1',
  '99999999999999999998.2',
];

test('versions are ordered as dpkg orders them', (t) => {
  if (spawnSync('dpkg', ['--version']).error) return t.skip('dpkg is not installed');
  for (const a of versions) {
    for (const b of versions) {
      const relation = Math.sign(compareVersions(a, b));
      const operator = relation < 0 ? 'lt' : relation > 0 ? 'gt' : 'eq';
      const { status } = spawnSync('dpkg', ['--force-bad-version', '--compare-versions', a, operator, b]);
      assert.equal(status, 0, `${a} ${operator} ${b}`);
    }
  }
});

test('a wish is a version, or a pattern with stars whose other characters stand for themselves', () => {
  assert.ok(matchesVersion('1.2-3', '1.2-3'));
  assert.ok(!matchesVersion('1.2-3', '1.2'));
  assert.ok(matchesVersion('1.22.1-9+deb12u2', '1.22.*'));
  assert.ok(matchesVersion('2:9.0.1378-2', '2:9*'));
  assert.ok(!matchesVersion('1x22.1', '1.22*'));
  assert.ok(matchesVersion('1.0+dfsg-1', '*+dfsg*'));
});
