import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DiskImageError } from '../read.ts';
import { identity } from '../testing/ext4-tools.ts';
import { memoryTarget } from '../testing/memory-target.ts';
import { plainDirectory, plainFile, randomTree } from '../testing/random-tree.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { FilesystemFullError } from './filesystem-full.ts';
import type { Ext4Options } from './options.ts';
import { ext4SizeFor } from './size.ts';
import { writeExt4 } from './write-ext4.ts';

const mebibyte = 1024 * 1024;

function write(entries: Iterable<TreeEntry>, options: Partial<Ext4Options> = {}) {
  const size = options.size ?? 16 * mebibyte;
  return writeExt4(memoryTarget(Math.min(size, 64 * mebibyte)), entries, { ...identity, size, ...options });
}

const symlink = (path: string, target: string): TreeEntry => ({
  ...{ path, mode: 0o777, uid: 0, gid: 0, mtime: 0 },
  kind: 'symlink',
  target,
});
const link = (path: string, to: string): TreeEntry => ({ kind: 'link', path, to });
const attribute = (name: string, value: Uint8Array = Buffer.from('x')): TreeEntry => ({
  ...plainFile('f', ''),
  xattrs: new Map([[name, value]]),
});

test('a tree that contradicts itself is refused, and the message says what is wrong where', () => {
  const wrong: readonly (readonly [tree: TreeEntry[], message: RegExp])[] = [
    [[plainFile('a', ''), plainFile('a', '')], /^"a" is in the tree twice$/],
    [[plainFile('a/b', '')], /^"a\/b" is in a directory that the tree does not have$/],
    [[plainFile('a', ''), plainFile('a/b', '')], /^"a\/b" is in "a", which is no directory$/],
    [[plainFile('', '')], /^the root of the tree is no directory$/],
    [[plainFile('lost+found', '')], /^"lost\+found" is no directory/],
    [[plainDirectory('a'), plainFile('a/..', '')], /^"a\/\.\." has a part that is empty or made of dots$/],
    [[plainDirectory('a'), plainFile('a/', '')], /has a part that is empty/],
    [[plainFile('/a', '')], /^"\/a" has a part that is empty/],
    [[plainFile('n'.repeat(256), '')], /has a part longer than 255 bytes$/],
    [[plainFile('a\0b', '')], /^"a\\u0000b" has a character that is no byte, or is 0$/],
    [[plainFile('\u20ac', '')], /has a character that is no byte/],
    [[symlink('s', '')], /^the symlink "s" has an empty target, or one over 4095 bytes$/],
    [[symlink('s', 'x'.repeat(4096))], /over 4095 bytes$/],
    [[link('l', 'nothing')], /^"l" links to "nothing", which the tree does not have$/],
    [[link('l', 'm'), link('m', 'l')], /links to itself$/],
    [[plainDirectory('d'), link('l', 'd')], /^"l" is a second name of the directory "d"$/],
    [[{ ...plainFile('f', ''), size: -1 }], /^"f" has an impossible size \(-1\)$/],
    [[{ ...plainFile('f', ''), uid: 2 ** 32 }], /^"f" has an impossible owner/],
    [[{ ...plainFile('f', ''), mtime: Number.NaN }], /^"f" has an impossible time/],
    [[{ ...plainFile('f', 'abc'), size: 10 }], /^"f" was said to have 10 bytes and ended after 3/],
    [[attribute('strange.name')], /^"f" has the extended attribute "strange\.name", which ext4 cannot name$/],
    [[attribute('user.')], /whose name ext4 does not allow$/],
    [[attribute('user.x', Buffer.alloc(4100))], /^"f" has \d+ bytes of extended attributes/],
    [
      [attribute('system.posix_acl_access')],
      /^"f" has the attribute "system\.posix_acl_access", which is no access/,
    ],
  ];
  for (const [tree, message] of wrong)
    assert.throws(
      () => write(tree),
      (error) => error instanceof DiskImageError && message.test(error.message),
      `${message}`,
    );
});

test('options that no filesystem can have are refused', () => {
  const wrong: readonly (readonly [options: Partial<Ext4Options>, message: RegExp])[] = [
    [{ size: 1000 }, /an ext4 filesystem of 1000 bytes is not possible/],
    [{ size: 2 ** 50 }, /256 KiB to 16 TiB/],
    [{ uuid: 'none' }, /"none" is not a UUID/],
    [{ hashSeed: '' }, /"" is not a UUID/],
    [{ label: 'seventeen letters' }, /longer than 16 bytes/],
    [{ reservedPercent: 51 }, /0 to 50/],
    [{ bytesPerInode: 10 }, /one inode for 10 bytes/],
    [{ time: -1 }, /no time/],
  ];
  for (const [options, message] of wrong)
    assert.throws(() => write([], options), { name: 'RangeError', message });
});

test('a tree that is too large says what is lacking', () => {
  const large = plainFile('large', Buffer.alloc(9 * mebibyte, 1));
  assert.throws(
    () => write([large, plainFile('later', Buffer.alloc(mebibyte, 2))], { size: 9 * mebibyte }),
    (error) => error instanceof FilesystemFullError && error.lacking === 'blocks' && error.missing > 256,
  );
  const many = Array.from({ length: 70_000 }, (_, number) => symlink(`${number}`, 'x'));
  assert.throws(
    () => write(many, { size: 64 * mebibyte }),
    (error) => error instanceof FilesystemFullError && error.lacking === 'inodes' && error.missing > 30_000,
  );
});

test('the size that is said to be needed is enough, and not much more', () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const tree = randomTree({ seed, entries: seed * 100, largest: 1_000_000 });
    const size = ext4SizeFor(tree, { free: 3 * mebibyte });
    const target = memoryTarget(size);
    const { freeBlocks, blocks } = writeExt4(target, tree, { ...identity, size });
    const free = (freeBlocks - Math.floor(blocks * 0.05)) * 4096;
    assert.ok(free >= 3 * mebibyte, `seed ${seed}: ${free}`);
    assert.ok(free < 3 * mebibyte + size * 0.35, `seed ${seed}: ${free} of ${size}`);
  }
});
