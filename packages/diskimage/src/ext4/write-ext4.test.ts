import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRaw } from '../raw/raw-reader.ts';
import {
  assertClean,
  cannotMount,
  identity,
  mounted,
  writeImage,
  writeSparse,
} from '../testing/ext4-tools.ts';
import { memoryTarget } from '../testing/memory-target.ts';
import { plainDirectory, plainFile, randomTree, shuffled } from '../testing/random-tree.ts';
import { assertSameTree } from '../testing/same-tree.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import { scanDirectory } from '../tree/scan-directory.ts';
import type { FileContent, TreeEntry } from '../tree/tree-entry.ts';
import { fileTarget } from './block-target.ts';
import type { Ext4Options } from './options.ts';
import { readExt4 } from './read-ext4.ts';
import { ext4SizeFor } from './size.ts';
import { writeExt4 } from './write-ext4.ts';

const folder = temporaryFolder('ext4');
const noTools = missing('e2fsck', 'debugfs', 'resize2fs');
const noMount = noTools || cannotMount();
const mebibyte = 1024 * 1024;

function write(entries: Iterable<TreeEntry>, size: number, options: Partial<Ext4Options> = {}) {
  const target = memoryTarget(size);
  const result = writeExt4(target, entries, { ...identity, size, ...options });
  return { ...target, result };
}

function onDisk(name: string, bytes: Uint8Array): string {
  writeSparse(join(folder, name), bytes);
  return name;
}

async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const found: Value[] = [];
  for await (const value of values) found.push(value);
  return found;
}

test('the same tree gives the same bytes, in whatever order its entries come', () => {
  for (const seed of [1, 2, 3]) {
    const tree = randomTree({ seed });
    const first = write(tree, 32 * mebibyte).bytes;
    assert.ok(first.equals(write(shuffled(tree, seed), 32 * mebibyte).bytes), `seed ${seed}`);
    assert.ok(!first.equals(write(tree.slice(0, -1), 32 * mebibyte).bytes), `seed ${seed}, one entry less`);
  }
});

test('e2fsck has no complaint of random trees, and our reader gives them back', {
  skip: noTools,
}, async () => {
  for (const seed of [11, 12, 13, 14]) {
    const tree = randomTree({ seed, entries: 100 * (seed - 10) });
    const { bytes, disk } = write(tree, ext4SizeFor(tree));
    assertClean(folder, onDisk('random.img', bytes));
    await assertSameTree(await all((await readExt4(disk())).entries()), tree, `seed ${seed}`);
  }
});

test('the kernel sees every file, owner, mode, time and attribute of a random tree', {
  skip: noMount,
}, async () => {
  const tree = randomTree({ seed: 21, entries: 400 });
  writeImage(join(folder, 'mounted.img'), tree, { size: ext4SizeFor(tree) });
  await mounted(folder, 'mounted.img', 'ro', async (mountPoint) => {
    const seen = await scanDirectory(mountPoint, { keepXattr: () => true });
    await assertSameTree(seen, tree, 'mounted');
  });
});

test('the kernel takes ACLs, capabilities and attributes of users for what they are', {
  skip: noMount,
}, async () => {
  const acl = (group: string) =>
    Buffer.from(
      `0200000001000600ffffffff02000400e803000004000400ffffffff08000${group}00e903000010000600ffffffff20000000ffffffff`,
      'hex',
    );
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex');
  const long = Buffer.alloc(3000, 'long');
  const file = (path: string, xattrs: Record<string, Uint8Array>): TreeEntry => ({
    ...plainFile(path, path),
    mode: 0o660,
    xattrs: new Map(Object.entries(xattrs)),
  });
  const tree: TreeEntry[] = [
    plainDirectory(''),
    {
      ...{ path: 'd', mode: 0o770, uid: 0, gid: 0, mtime: 0 },
      kind: 'directory',
      xattrs: new Map([['system.posix_acl_default', acl('6')]]),
    },
    file('acl', { 'system.posix_acl_access': acl('4') }),
    file('all', {
      'system.posix_acl_access': acl('6'),
      'security.capability': capability,
      'user.long': long,
      'user.empty': Buffer.alloc(0),
    }),
  ];
  writeImage(join(folder, 'acl.img'), tree, { size: 32 * mebibyte });
  assertClean(folder, 'acl.img');
  await mounted(folder, 'acl.img', 'rw', async (mountPoint) => {
    const kept = { keepXattr: (name: string) => !name.startsWith('security.selinux') };
    await assertSameTree(await scanDirectory(mountPoint, kept), tree, 'mounted');
    // The kernel works with what it found: it hands a default ACL down, and changes what is in a block.
    writeFileSync(join(mountPoint, 'd/new'), '');
    const [, inherited] = (await scanDirectory(join(mountPoint, 'd'))) as {
      xattrs?: ReadonlyMap<string, unknown>;
    }[];
    assert.ok(inherited?.xattrs?.has('system.posix_acl_access'));
    run(mountPoint, 'setfattr', '-n', 'user.more', '-v', 'x'.repeat(500), 'all');
    run(mountPoint, 'setfattr', '-x', 'user.long', 'all');
  });
  assertClean(folder, 'acl.img');
});

test('GRUB reads it', { skip: missing('grub-fstest') }, () => {
  const content = Buffer.alloc(3_000_000, 'a kernel ');
  const tree = [plainDirectory('boot'), plainFile('boot/vmlinuz', content)];
  for (let number = 0; number < 300; number++)
    tree.push(plainFile(`boot/module-of-some-length-${number}`, `${number}`));
  writeImage(join(folder, 'grub.img'), tree, { size: 32 * mebibyte });
  run(folder, 'grub-fstest', 'grub.img', 'cp', '/boot/vmlinuz', 'copied');
  assert.ok(content.equals(readFileSync(join(folder, 'copied'))));
  assert.match(run(folder, 'grub-fstest', 'grub.img', 'cat', '/boot/module-of-some-length-250'), /250/);
});

test('a filesystem is written into a part of a file, and what is around it stays', () => {
  const tree = randomTree({ seed: 22 });
  const around = Buffer.alloc(5000, 'around');
  writeFileSync(join(folder, 'part.img'), around);
  const file = openSync(join(folder, 'part.img'), 'r+');
  writeExt4(fileTarget(file, around.length), tree, { ...identity, size: 32 * mebibyte });
  closeSync(file);
  const written = readFileSync(join(folder, 'part.img'));
  assert.ok(written.subarray(0, around.length).equals(around));
  const alone = write(tree, 32 * mebibyte).bytes;
  assert.ok(written.subarray(around.length).equals(alone.subarray(0, written.length - around.length)));
});

test('every size of filesystem is sound, from the smallest', { skip: noTools }, () => {
  const sizes = [256 * 1024, 300 * 1024, mebibyte + 5, 7 * mebibyte, 8 * mebibyte, 128 * mebibyte];
  // Around a group's end, where the last group is too small to be worth it, and just not.
  for (const extra of [1, 40, 60, 200, 306, 307, 400]) sizes.push(128 * mebibyte + extra * 4096);
  sizes.push(400 * mebibyte, 2048 * mebibyte, 3000 * mebibyte, 70_000 * mebibyte);
  for (const size of sizes) {
    const { blocks } = writeImage(join(folder, 'size.img'), [plainFile('a', 'hello')], { size });
    assert.ok(blocks * 4096 <= size);
    assertClean(folder, 'size.img');
  }
});

test('blocks of zeros are never written, and pieces of 64 KiB of them are holes', {
  skip: noTools,
}, async () => {
  const bytes = Buffer.alloc(mebibyte + 100);
  bytes.fill('data', 0, 5000);
  bytes.fill('more', 200_000, 200_100);
  bytes.fill('end', mebibyte);
  const target = memoryTarget(32 * mebibyte);
  const checking = {
    write(from: Uint8Array, position: number) {
      for (let at = 0; at < from.length; at += 4096)
        assert.ok(
          from.subarray(at, at + 4096).some((byte) => byte !== 0),
          `zeros at ${position + at}`,
        );
      target.write(from, position);
    },
  };
  writeExt4(checking, [plainFile('sparse', bytes)], { ...identity, size: 32 * mebibyte });
  onDisk('sparse.img', target.bytes);
  assertClean(folder, 'sparse.img');
  assert.match(
    run(folder, 'debugfs', '-R', 'stat sparse', 'sparse.img'),
    /\(0-15\):\d+-\d+, \(48-63\):\d+-\d+, \(256\):/,
  );
  const read = await (await readExt4(target.disk())).readFile('sparse');
  assert.ok(bytes.equals(read));
});

test('a swap file has no holes', { skip: noTools }, () => {
  const bytes = Buffer.alloc(mebibyte);
  bytes.write('SWAPSPACE2', 4086, 'latin1');
  onDisk('swap.img', write([plainFile('swapfile', bytes)], 32 * mebibyte).bytes);
  assert.match(run(folder, 'debugfs', '-R', 'stat swapfile', 'swap.img'), /\(0-255\):\d+-\d+\n/);
  assertClean(folder, 'swap.img');
});

test('a file of 5 GiB with far parts is read in those parts only', { skip: noTools }, async () => {
  const size = 5 * 1024 * mebibyte;
  const parts = new Map([
    [0, Buffer.from('start')],
    [size - 3, Buffer.from('end')],
  ]);
  const reads: number[] = [];
  const content: FileContent = {
    open: () => ({
      read(into, position) {
        reads.push(position);
        into.fill(0);
        for (const [at, part] of parts)
          if (at < position + into.length && at + part.length > position)
            into.set(part, Math.max(0, at - position));
        return Math.min(into.length, size - position);
      },
      ranges: () => [...parts].map(([start, { length }]) => ({ start, length })),
      close() {},
    }),
  };
  const entry: TreeEntry = { ...plainFile('huge', ''), size, content };
  writeImage(join(folder, 'huge.img'), [entry], { size: 64 * mebibyte });
  assertClean(folder, 'huge.img');
  assert.ok(reads.length <= 4, `${reads.length} reads`);
  const dumped = run(folder, 'debugfs', '-R', 'stat huge', 'huge.img');
  assert.match(dumped, /Size: 5368709120/);
  assert.match(dumped, /\(0-15\):\d+-\d+, \(1310704-1310719\):\d+-\d+\n/);
});

test('a file in many pieces has a deep tree of extents', { skip: noTools }, async () => {
  const piece = 128 * 1024;
  const count = 1500;
  const content: FileContent = {
    open: () => ({
      read(into, position) {
        const length = Math.min(into.length, piece * count - position);
        into.fill(0, 0, length);
        for (let at = Math.ceil(position / piece) * piece; at < position + length; at += piece)
          into[at - position] = 1 + ((at / piece) % 255);
        return length;
      },
      close() {},
    }),
  };
  const entry: TreeEntry = { ...plainFile('pieces', ''), size: piece * count, content };
  writeImage(join(folder, 'deep.img'), [entry], { size: 300 * mebibyte });
  assertClean(folder, 'deep.img');
  assert.match(run(folder, 'debugfs', '-R', 'extents pieces', 'deep.img'), /2\/ 2 +1\//);
  const disk = await openRaw(join(folder, 'deep.img'));
  const read = await (await readExt4(disk)).content('pieces');
  const byte = new Uint8Array(2);
  for (const index of [0, 1, 700, 1499]) {
    await read.read(byte, index * piece);
    assert.deepEqual([...byte], [1 + (index % 255), 0]);
  }
  await disk.close();
});
