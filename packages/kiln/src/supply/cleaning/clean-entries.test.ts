import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TreeEntry } from '@kiln/diskimage';
import { makeTree } from '../testing/make-tree.ts';
import { soiledFiles } from '../testing/soiled-files.ts';
import { cleanEntries } from './clean-entries.ts';

const tree = makeTree(Object.fromEntries(soiledFiles.map(([path, file]) => [path, file])));

const isNothing = (entry: TreeEntry | undefined) => !entry || (entry.kind === 'file' && entry.size === 0);

for (const [path, , isCleaned] of soiledFiles) {
  test(`/${path} ${isCleaned ? 'does not stay' : 'stays'}`, () => {
    const before = tree.find((entry) => entry.path === path);
    const after = cleanEntries(tree).find((entry) => entry.path === path);
    if (isCleaned) assert.ok(isNothing(after));
    else assert.equal(after, before);
  });
}

test('the machine id becomes an empty file, and folders that services expect stay', () => {
  const cleaned = cleanEntries(tree);
  const machineId = cleaned.find(({ path }) => path === 'etc/machine-id');
  assert.ok(machineId?.kind === 'file' && machineId.size === 0 && machineId.mode === 0o644);
  assert.equal(machineId.content.open().read(new Uint8Array(8), 0), 0);
  const folders = new Set(cleaned.filter(({ kind }) => kind === 'directory').map(({ path }) => path));
  for (const folder of [
    'tmp',
    'var/tmp',
    'var/log',
    'var/lib/apt/lists',
    'var/cache/apt/archives',
    'var/log/journal',
  ])
    assert.ok(folders.has(folder), folder);
  assert.ok(!folders.has('var/tmp/leftover') && !folders.has('root/.cache'));
});

test('cleaning what is clean changes nothing', () => {
  const once = cleanEntries(tree);
  assert.deepEqual(cleanEntries(once), once);
});

test('what somebody put there on purpose stays, with the folders on the way to it', () => {
  const keep = ['/var/tmp/leftover/deep', '/etc/ssh/ssh_host_*', '/home/*/.viminfo', '/etc/machine-id'];
  const paths = new Set(cleanEntries(tree, { keep }).map(({ path }) => path));
  for (const path of [
    'var/tmp/leftover',
    'var/tmp/leftover/deep/file',
    'etc/ssh/ssh_host_ed25519_key',
    'home/jane/.viminfo',
  ])
    assert.ok(paths.has(path), path);
  assert.ok(!paths.has('home/jane/.python_history'));
  const machineId = cleanEntries(tree, { keep }).find(({ path }) => path === 'etc/machine-id');
  assert.ok(machineId?.kind === 'file' && machineId.size > 0);
});

test('a file whose first name goes lives on under its others', () => {
  const linked = makeTree({
    'tmp/first': 'content',
    'usr/bin/second': { link: 'tmp/first' },
    'usr/bin/third': { link: 'tmp/first' },
    'var/tmp/fourth': { link: 'tmp/first' },
  });
  const cleaned = cleanEntries(linked).filter(({ kind }) => kind !== 'directory');
  assert.deepEqual(
    cleaned.map((entry) => [entry.path, entry.kind, entry.kind === 'link' ? entry.to : '']),
    [
      ['usr/bin/second', 'file', ''],
      ['usr/bin/third', 'link', 'usr/bin/second'],
    ],
  );
  const [second] = cleaned;
  assert.ok(second?.kind === 'file' && second.size === 7);
});

test('a link is never followed: what it leads to stays', () => {
  const files = makeTree({
    'var/log': { symlink: '../srv/logs' },
    'srv/logs/app.log': 'x',
    tmp: { symlink: 'srv' },
  });
  const paths = cleanEntries(files).map(({ path }) => path);
  assert.deepEqual(
    paths,
    files.map(({ path }) => path),
  );
});
