import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flag, list, map, number, optionalList, text, value } from '../settings/setting.ts';
import { coerce } from './coerce.ts';
import { bytesOf } from './finish-disks.ts';

test('values are taken for what their setting is, as Ruby would take them', () => {
  assert.equal(coerce('2048', number(1)), 2048);
  assert.equal(coerce(' 1.5 ', number(1)), 1.5);
  assert.equal(coerce('2 GB', number(1)), undefined);
  assert.equal(coerce(5, text('')), '5');
  assert.equal(coerce(false, text('x')), null);
  assert.equal(coerce('false', flag(true)), true, 'every text is true in Ruby');
  assert.equal(coerce(0, flag(false)), true);
  assert.equal(coerce(null, flag(true)), false);
  assert.deepEqual(coerce('one', list()), ['one']);
  assert.deepEqual(coerce(null, list()), []);
  assert.equal(coerce(null, optionalList()), null);
  assert.equal(coerce('text', map()), undefined);
  assert.equal(coerce(['list'], map()), undefined);
  assert.deepEqual(coerce({ any: 1 }, value(null)), { any: 1 });
});

test('sizes of disks', () => {
  assert.equal(bytesOf('10GB'), 10 * 1024 ** 3);
  assert.equal(bytesOf('512 MB'), 512 * 1024 ** 2);
  assert.equal(bytesOf(1024), 1024);
  assert.equal(bytesOf('10'), undefined);
  assert.equal(bytesOf('ten GB'), undefined);
});
