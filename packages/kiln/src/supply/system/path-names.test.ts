import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pathText, treePath } from './path-names.ts';
import { pathMatcher } from './path-patterns.ts';

test('names are shown as text where their bytes are text, and with every byte where they are not', () => {
  assert.equal(pathText('usr/bin/ls'), 'usr/bin/ls');
  assert.equal(pathText(treePath('/srv/größe')), 'srv/größe');
  assert.equal(pathText('srv/\xff\xfe'), 'srv/\\xff\\xfe');
});

test('paths of people become paths of a tree', () => {
  assert.equal(treePath('/etc//ssh/./x/'), 'etc/ssh/x');
});

const patterns: readonly (readonly [
  pattern: string,
  kind: 'path' | 'path-or-below' | 'below',
  path: string,
  is: boolean,
])[] = [
  ['/etc/x', 'path', 'etc/x', true],
  ['/etc/x', 'path', 'etc/x/y', false],
  ['/etc/x', 'path-or-below', 'etc/x/y', true],
  ['/etc/x', 'path-or-below', 'etc/xy', false],
  ['/etc/x', 'below', 'etc/x', false],
  ['/home/*/.ssh', 'path-or-below', 'home/jane/.ssh/id', true],
  ['/home/*/.ssh', 'path-or-below', 'home/a/b/.ssh', false],
  ['/srv/*', 'path', 'srv/.hidden', false],
  ['/srv/.*', 'path', 'srv/.hidden', true],
  ['/srv/a.b', 'path', 'srv/axb', false],
  ['/srv/größe', 'path', treePath('/srv/größe'), true],
  ['/srv/', 'path-or-below', 'srv/x', true],
];

for (const [pattern, kind, path, is] of patterns) {
  test(`the pattern ${pattern} (${kind}) ${is ? 'is' : 'is not'} for ${pathText(path)}`, () => {
    assert.equal(pathMatcher([pattern], kind)(path), is);
  });
}

test('no pattern is for nothing', () => assert.equal(pathMatcher([], 'path-or-below')('etc'), false));
