import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shortened } from './shorten.ts';

test('ordinary messages stay as they are', () => {
  const message = `"${'x'.repeat(190)}" is not one of ${'name, '.repeat(100)}`;
  assert.equal(shortened(message), message);
});

test('very long words and messages lose their middle', () => {
  const word = shortened(`there is no ${'ab'.repeat(5000)}!`);
  assert.match(word, /^there is no (ab)+a?…b?(ab)+!$/);
  assert.ok(word.length < 220);
  assert.ok(shortened('a b '.repeat(5000)).length <= 2000);
});

test('a character is never cut in two', () => {
  assert.doesNotMatch(shortened(`x${'\u{1f600}'.repeat(300)}`), /\p{Surrogate}/u);
});
