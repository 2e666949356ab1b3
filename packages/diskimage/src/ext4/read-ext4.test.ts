import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRaw } from '../raw/raw-reader.ts';
import { DiskImageError } from '../read.ts';
import { assertClean, cannotMount, identity, mounted } from '../testing/ext4-tools.ts';
import { localTree, readsWhatMke2fsMakes } from '../testing/made-by-mke2fs.ts';
import { memoryTarget } from '../testing/memory-target.ts';
import { plainDirectory, plainFile } from '../testing/random-tree.ts';
import { assertSameTree } from '../testing/same-tree.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { type Ext4Filesystem, readExt4 } from './read-ext4.ts';
import { writeExt4 } from './write-ext4.ts';

const folder = temporaryFolder('read-ext4');
const noTools = missing('mke2fs', 'setfattr', 'getfattr', 'debugfs');

async function using<Result>(
  name: string,
  work: (filesystem: Ext4Filesystem) => Promise<Result>,
): Promise<Result> {
  const disk = await openRaw(join(folder, name));
  try {
    return await work(await readExt4(disk));
  } finally {
    await disk.close();
  }
}

async function entriesOf(filesystem: Ext4Filesystem, root = ''): Promise<TreeEntry<unknown>[]> {
  const found: TreeEntry<unknown>[] = [];
  for await (const entry of filesystem.entries(root)) found.push(entry);
  return found;
}

test('what mke2fs makes is read, data in inodes and blocks of 1 KiB too', { skip: noTools }, async () => {
  const root = localTree(folder);
  await readsWhatMke2fsMakes(folder, root, ['-t', 'ext4', '-b', '1024']);
  await readsWhatMke2fsMakes(folder, root, ['-t', 'ext4', '-b', '4096', '-O', 'inline_data']);
  await readsWhatMke2fsMakes(folder, root, ['-t', 'ext2', '-b', '1024', '-I', '128']);
});

test('an image of a filesystem in use is read as its journal would have it', {
  skip: noTools || cannotMount(),
}, async () => {
  writeFileSync(join(folder, 'used.img'), '');
  truncateSync(join(folder, 'used.img'), 64 * 1024 * 1024);
  run(folder, 'mke2fs', '-q', '-t', 'ext4', '-b', '1024', 'used.img');
  await mounted(folder, 'used.img', 'rw', (mountPoint) => {
    mkdirSync(join(mountPoint, 'd'));
    for (let number = 0; number < 300; number++)
      writeFileSync(join(mountPoint, `d/${number}`), `content ${number}`);
    run(folder, 'sync');
    run(mountPoint, 'rm', '-r', 'd');
    mkdirSync(join(mountPoint, 'e'));
    for (let number = 0; number < 50; number++)
      writeFileSync(join(mountPoint, `e/new-${number}`), `new ${number}`);
    run(folder, 'sync');
    copyFileSync(join(folder, 'used.img'), join(folder, 'copied.img'));
  });
  copyFileSync(join(folder, 'copied.img'), join(folder, 'mended.img'));
  // It ends with 1 when it has replayed the journal.
  assert.throws(() => run(folder, 'e2fsck', '-fp', 'mended.img'), /recovering journal/);
  assertClean(folder, 'mended.img');
  await using('copied.img', (before) =>
    using('mended.img', async (after) => {
      assert.deepEqual([before.info.needsRecovery, after.info.needsRecovery], [true, false]);
      const found = (await entriesOf(before)) as TreeEntry[];
      assert.equal(found.length, 1 + 1 + 1 + 50);
      await assertSameTree(found, (await entriesOf(after)) as TreeEntry[], 'recovered');
      assert.equal(Buffer.from(await before.readFile('e/new-7')).toString(), 'new 7');
    }),
  );
});

test('a block of data that looks like the journal’s own comes back whole', {
  skip: noTools || cannotMount(),
}, async () => {
  const content = Buffer.alloc(8192, 5);
  content.writeUInt32BE(0xc03b3998, 0);
  content.writeUInt32BE(0xc03b3998, 4096);
  writeFileSync(join(folder, 'escaped.img'), '');
  truncateSync(join(folder, 'escaped.img'), 64 * 1024 * 1024);
  run(folder, 'mke2fs', '-q', '-t', 'ext4', '-b', '4096', '-O', '^64bit', 'escaped.img');
  run(folder, 'tune2fs', '-o', 'journal_data', 'escaped.img');
  await mounted(folder, 'escaped.img', 'rw', (mountPoint) => {
    writeFileSync(join(mountPoint, 'f'), content);
    run(folder, 'sync');
    copyFileSync(join(folder, 'escaped.img'), join(folder, 'escaped-copy.img'));
  });
  await using('escaped-copy.img', async (filesystem) => {
    assert.equal(filesystem.info.needsRecovery, true);
    assert.ok(content.equals(await filesystem.readFile('f')));
  });
});

async function written(entries: readonly TreeEntry[]): Promise<Ext4Filesystem> {
  const target = memoryTarget(32 * 1024 * 1024);
  writeExt4(target, entries, { ...identity, size: 32 * 1024 * 1024 });
  return readExt4(target.disk());
}

const symlink = (path: string, target: string): TreeEntry => ({
  ...{ path, mode: 0o777, uid: 0, gid: 0, mtime: 0 },
  kind: 'symlink',
  target,
});

test('paths are followed over symlinks as in a root of their own', async () => {
  const filesystem = await written([
    plainDirectory('usr'),
    plainDirectory('usr/lib'),
    plainFile('usr/lib/os-release', 'NAME=x'),
    plainDirectory('etc'),
    symlink('lib', 'usr/lib'),
    symlink('etc/os-release', '../usr/lib/os-release'),
    symlink('etc/absolute', '/lib/os-release'),
    symlink('etc/outside', '../../../../usr/lib/./os-release'),
    symlink('etc/circle', 'circle'),
    symlink('etc/nowhere', 'nothing'),
  ]);
  for (const path of [
    'etc/os-release',
    '/etc//absolute',
    'etc/outside',
    'lib/os-release',
    'etc/../lib/os-release',
  ])
    assert.equal(Buffer.from(await filesystem.readFile(path)).toString(), 'NAME=x', path);
  assert.equal((await filesystem.stat('etc/os-release'))?.kind, 'symlink');
  assert.equal((await filesystem.stat('etc/os-release', { follow: true }))?.size, 6);
  assert.equal(await filesystem.stat('etc/nowhere', { follow: true }), undefined);
  assert.equal(await filesystem.stat('usr/lib/os-release/more'), undefined);
  assert.equal(await filesystem.readLink('lib'), 'usr/lib');
  assert.deepEqual(
    (await filesystem.list('')).map(({ name, kind }) => [name, kind]),
    [
      ['etc', 'directory'],
      ['lib', 'symlink'],
      ['lost+found', 'directory'],
      ['usr', 'directory'],
    ],
  );
  assert.deepEqual(
    (await entriesOf(filesystem, 'lib')).map(({ path }) => path),
    ['', 'os-release'],
  );
  const refused: readonly (readonly [work: () => Promise<unknown>, message: RegExp])[] = [
    [() => filesystem.readFile('etc/circle'), /^"etc\/circle" leads over more than 40 symlinks$/],
    [() => filesystem.readFile('etc/nowhere'), /^there is no "etc\/nowhere"$/],
    [() => filesystem.readFile('etc'), /^"etc" is no file but a directory$/],
    [
      () => filesystem.readFile('etc/os-release', { limit: 5 }),
      /^"etc\/os-release": it has 6 bytes, more than/,
    ],
    [() => filesystem.readLink('etc'), /^"etc" is no symlink$/],
    [() => filesystem.list('usr/lib/os-release'), /is no directory/],
  ];
  for (const [work, message] of refused)
    await assert.rejects(
      work,
      (error) => error instanceof DiskImageError && message.test(error.message),
      `${message}`,
    );
});

test('what is no filesystem, or one of features that are not read, is refused', async () => {
  const target = memoryTarget(1024 * 1024);
  await assert.rejects(readExt4(target.disk()), /there is no ext2, ext3 or ext4 filesystem/);
  await assert.rejects(readExt4(memoryTarget(100).disk()), /there is no ext2, ext3 or ext4 filesystem/);
  writeExt4(target, [], { ...identity, size: target.bytes.length });
  const features = target.bytes.readUInt32LE(1024 + 96);
  target.bytes.writeUInt32LE((features | 0x8 | 0x80000000) >>> 0, 1024 + 96);
  await assert.rejects(readExt4(target.disk()), /features that are not read: journal_dev, FEATURE_I31/);
});

test('ownership, device numbers and attributes are told as they are', async () => {
  const acl = Buffer.from(
    '0200000001000600ffffffff02000400e803000004000400ffffffff10000400ffffffff20000400ffffffff',
    'hex',
  );
  const base = { mode: 0o6751, uid: 100_000, gid: 4_000_000_000, mtime: 2 ** 32 + 5 };
  const filesystem = await written([
    { ...plainFile('f', 'x'), ...base, xattrs: new Map([['system.posix_acl_access', acl]]) },
    { ...base, path: 'null', kind: 'character', major: 1, minor: 3 },
    { ...base, path: 'disk', kind: 'block', major: 259, minor: 70_000 },
  ]);
  const { mode, uid, gid, mtime } = (await filesystem.stat('f'))!;
  assert.deepEqual({ mode, uid, gid, mtime }, base);
  assert.deepEqual([...(await filesystem.xattrs('f'))], [['system.posix_acl_access', acl]]);
  const { major, minor } = (await filesystem.stat('disk'))!;
  assert.deepEqual([major, minor], [259, 70_000]);
  assert.deepEqual((await filesystem.stat('null'))!.minor, 3);
});
