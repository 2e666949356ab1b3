import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RsyncOptions } from '../../plan/synced-folder.ts';
import { copyOptions, rsyncWords } from './copy-options.ts';

const plain: RsyncOptions = { exclude: [], auto: true, chown: true };

test('without arguments a folder is a copy with what links lead to, and without what is gone', () => {
  const always = ['.vagrant/', '.kiln/'];
  assert.deepEqual(copyOptions(plain), { exclude: always, delete: true, followLinks: true, isExact: true });
  assert.deepEqual(copyOptions({ ...plain, arguments: ['--verbose', '--archive', '-z'] }), {
    exclude: always,
    delete: false,
    followLinks: false,
    isExact: true,
  });
  assert.deepEqual(
    copyOptions({
      ...plain,
      arguments: ['-avzL', '--delete', '--exclude=a', '--exclude', 'b'],
      exclude: ['c'],
    }),
    { exclude: [...always, 'c', 'a', 'b'], delete: true, followLinks: true, isExact: true },
  );
});

test('what only rsync does is left to rsync', () => {
  for (const words of [
    ['-rlt'],
    ['-a', '--chmod=go-w'],
    ['-aH'],
    ['-a', '--no-owner'],
    ['-a', '--copy-unsafe-links'],
  ])
    assert.equal(copyOptions({ ...plain, arguments: words }).isExact, false, words.join(' '));
  assert.deepEqual(rsyncWords({ ...plain, arguments: ['-aH'], exclude: ['x'] }), [
    '-aH',
    ...['--exclude', '.vagrant/', '--exclude', '.kiln/', '--exclude', 'x'],
  ]);
});
