import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeTree } from '../testing/make-tree.ts';
import { folderFollower, followPath } from './follow-path.ts';
import { treeFiles } from './tree-files.ts';

const files = treeFiles(
  makeTree({
    'usr/bin/ls': 'x',
    bin: { symlink: 'usr/bin' },
    'usr/sbin': { symlink: '/bin' },
    'etc/up': { symlink: '../../../../usr/bin/ls' },
    'etc/a': { symlink: 'b' },
    'etc/b': { symlink: 'a' },
    'etc/broken': { symlink: 'nothing' },
  }),
);

const cases: readonly (readonly [path: string, leadsTo: string | undefined])[] = [
  ['bin/ls', 'usr/bin/ls'],
  ['usr/sbin/ls', 'usr/bin/ls'],
  ['etc/up', 'usr/bin/ls'],
  ['usr/../bin/./ls', 'usr/bin/ls'],
  ['', ''],
  ['etc/a', undefined],
  ['etc/broken', undefined],
  ['usr/bin/nothing', undefined],
];

for (const [path, leadsTo] of cases) {
  test(`"${path}" leads to ${leadsTo === undefined ? 'nothing' : `"${leadsTo}"`}`, () => {
    assert.equal(followPath(files, path), leadsTo);
  });
}

test('a link that the last name is can be left as it is', () => {
  assert.equal(followPath(files, 'usr/sbin', { last: false }), 'usr/sbin');
});

test('packed paths are found where their folders lead to', () => {
  const follow = folderFollower(files);
  assert.deepEqual(['bin/ls', 'usr/sbin/gone', 'vmlinuz', 'no/such/file'].map(follow), [
    'usr/bin/ls',
    'usr/bin/gone',
    'vmlinuz',
    'no/such/file',
  ]);
});
