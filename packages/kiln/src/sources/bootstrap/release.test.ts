import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KilnError } from '../../base/errors.ts';
import { findRelease } from './release.ts';

test('a release is found by its number and by its code name', () => {
  assert.equal(findRelease('debian', '12').codename, 'bookworm');
  assert.equal(findRelease('debian', 'Bookworm').version, '12');
  assert.equal(findRelease('ubuntu', '24.04').codename, 'noble');
});

test('an unknown release is refused with the nearest name, or with what there is', () => {
  assert.throws(
    () => findRelease('debian', 'bokworm'),
    (error: KilnError) => error.code === 'not-found' && error.hint === 'did you mean "bookworm"?',
  );
  assert.throws(
    () => findRelease('ubuntu', 'x'),
    (error: KilnError) => error.hint === 'there are ubuntu/22.04, ubuntu/24.04',
  );
});
