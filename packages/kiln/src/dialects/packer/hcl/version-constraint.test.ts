import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meetsConstraint, parseVersion, parseVersionConstraint } from './version-constraint.ts';

const rows: readonly (readonly [constraint: string, version: string, meets: boolean])[] = [
  ['1.16.0', '1.16.0', true],
  ['= 1.16', '1.16.0', true],
  ['>= 1.7.0', '1.16.0', true],
  ['>=1.7', '1.6.6', false],
  ['> 1.16.0', '1.16.0', false],
  ['>= 1.7.0, < 2.0.0', '1.16.0', true],
  ['>= 1.7.0, < 2.0.0', '2.0.0', false],
  ['!= 1.16.0', '1.16.0', false],
  ['<= 1.16.0', '1.16.0', true],
  ['~> 1.2', '1.16.0', true],
  ['~> 1.2', '2.0.0', false],
  ['~> 1.2.0', '1.2.9', true],
  ['~> 1.2.0', '1.3.0', false],
  ['~> 1.2.3', '1.2.2', false],
  ['~> 1', '2.0.0', true],
  ['~> 1', '0.9.0', false],
  ['< 1.16.0-beta1', '1.16.0', false],
  ['v1.16.0', '1.16.0', true],
];

test('versions meet their constraints', () => {
  for (const [constraint, version, meets] of rows) {
    const conditions = parseVersionConstraint(constraint);
    assert.ok(conditions, constraint);
    assert.equal(meetsConstraint(parseVersion(version)!, conditions), meets, `${version} ${constraint}`);
  }
});

test('what is no constraint is told', () => {
  for (const text of ['', 'latest', '>=', '1.2.x', '>> 1', '1,', '~1.2', '^1.0'])
    assert.equal(parseVersionConstraint(text), undefined, text);
});
