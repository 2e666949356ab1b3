import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javascriptPattern } from './javascript-pattern.ts';
import { shellWords } from './shell-words.ts';

test('words are split as the Bourne shell quotes them', () => {
  assert.deepEqual(shellWords('  echo "a \\"b\\" $C" \'d e\'f g\\ h ""  '), [
    'echo',
    'a "b" $C',
    'd ef',
    'g h',
    '',
  ]);
  assert.deepEqual(shellWords("don't"), ["don't"]);
  assert.deepEqual(shellWords(''), []);
});

test('Ruby’s regular expressions mean the same in JavaScript', () => {
  assert.deepEqual(javascriptPattern({ regexp: '\\Aweb\\h+\\z', options: 1 }), {
    pattern: '^web[0-9a-fA-F]+$',
    flags: 'i',
  });
  const extended = javascriptPattern({ regexp: 'a b # comment\n [ #]', options: 2 });
  assert.equal(extended.pattern, 'ab[ #]');
});
