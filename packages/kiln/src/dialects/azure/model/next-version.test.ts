import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextVersion } from './next-version.ts';

const existing = ['2.0.0', '1.0.0', '1.3.2'];

test('the highest version gets its patch counted up, within a major version if one is given', () => {
  assert.equal(nextVersion(existing), '2.0.1');
  assert.equal(nextVersion(existing, { scheme: 'Latest', major: -1 }), '2.0.1');
  assert.equal(nextVersion(existing, { scheme: 'Latest', major: 1 }), '1.3.3');
});

test('numbers are compared as numbers', () => {
  assert.equal(nextVersion(['0.9.0', '0.10.0', '0.10.9', '0.10.10', 'latest', '1.0']), '0.10.11');
});

test('a first version has a number too', () => {
  assert.equal(nextVersion([]), '0.0.1');
  assert.equal(nextVersion(existing, { scheme: 'Latest', major: 3 }), '3.0.0');
  assert.equal(nextVersion([], { scheme: 'Latest', major: 0 }), '0.0.1');
});

test("the source's version is taken, or the next that is free", () => {
  assert.equal(nextVersion(existing, { scheme: 'Source' }, '22.4.7'), '22.4.7');
  assert.equal(nextVersion(['22.4.7', '22.4.8'], { scheme: 'Source' }, '22.4.7'), '22.4.9');
  assert.equal(nextVersion(existing, { scheme: 'Source' }), '2.0.1');
  assert.equal(nextVersion(existing, { scheme: 'Source' }, 'latest'), '2.0.1');
});
