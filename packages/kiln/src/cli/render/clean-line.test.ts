import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cleanLine, truncate, widthOf } from './clean-line.ts';

test('nothing that moves the cursor or changes the terminal is left in a line', () => {
  assert.equal(cleanLine('\x1b[2J\x1b]0;title\x07\x1b[31mred\x1b[0m\b\x00 ok\x9b1m'), 'red ok');
  assert.equal(cleanLine('a\tb'), 'a    b');
});

test('of a line that overwrites itself the last state is left', () => {
  assert.equal(cleanLine('10%\r50%\r100%\r'), '100%');
});

test('wide characters count double and marks not at all', () => {
  assert.equal(widthOf('abc'), 3);
  assert.equal(widthOf('漢字'), 4);
  assert.equal(widthOf('e\u0301'), 1);
  assert.equal(widthOf('🚀'), 2);
});

test('a text is cut to the columns there are', () => {
  assert.equal(truncate('hello', 5), 'hello');
  assert.equal(truncate('hello', 4), 'hel…');
  assert.equal(truncate('漢字漢字', 5), '漢字…');
  assert.equal(truncate('hello', 0), '');
});
