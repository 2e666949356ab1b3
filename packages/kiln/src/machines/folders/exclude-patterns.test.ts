import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { run } from '../../base/processes.ts';
import { temporaryFolder } from '../../guests/testing/temporary-folder.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';
import { excludePatterns } from './exclude-patterns.ts';
import { listHostFolder } from './host-listing.ts';

const files = [
  'README.md',
  'a/b/c/deep.txt',
  'a/node_modules/x/index.js',
  'build/out.o',
  'node_modules/y/index.js',
  'src/build/keep.c',
  'src/main.c',
  'src/main.o',
  'src/[odd].c',
  'tmp/1',
  'weird name/ü.txt',
  '.git/config',
  '.vagrant/machines',
  'x.o/inside',
];

const lists: readonly (readonly string[])[] = [
  [],
  ['node_modules'],
  ['/node_modules'],
  ['node_modules/'],
  ['*.o'],
  ['*.o/'],
  ['build/'],
  ['/build'],
  ['src/*.o'],
  ['b/c'],
  ['/b/c'],
  ['a/**/deep.txt'],
  ['a/**'],
  ['src/***'],
  ['+ src/main.o', '*.o'],
  ['+ *.md', '+ */', '*'],
  ['*'],
  ['ma?n.c'],
  ['[a-m]*.c'],
  ['[!m]*.c'],
  ['\\[odd\\].c'],
  ['weird name'],
  ['.git', '.vagrant/'],
  ['**/index.js'],
  ['src/main'],
];

const rsync = findProgram('rsync');

test('patterns leave out what rsync leaves out', {
  skip: rsync === undefined ? 'rsync is not installed' : false,
}, async (t) => {
  const root = join(await temporaryFolder(t), 'from');
  for (const file of files) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), file);
  }
  await symlink('src', join(root, 'link'));
  for (const patterns of lists) {
    const words = patterns.flatMap((one) => ['--exclude', one]);
    const { stdout, stderr } = await run(rsync!, [
      ...['-an', '--out-format=%n', '-8'],
      ...words,
      `${root}/`,
      `${root}-to/`,
    ]);
    assert.equal(stderr, '');
    const expected = stdout
      .split('\n')
      .map((line) => line.replace(/\/$/, ''))
      .filter((line) => line !== '' && line !== '.' && !line.startsWith('created directory'));
    const listing = await listHostFolder(root, { excluded: excludePatterns(patterns), followLinks: false });
    assert.deepEqual([...listing.keys()].sort(), expected.sort(), `with ${JSON.stringify(patterns)}`);
  }
});
