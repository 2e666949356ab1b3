import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { DiskImageError } from '../read.ts';
import { assertClean, identity, writeSparse } from '../testing/ext4-tools.ts';
import { type MemoryTarget, memoryTarget } from '../testing/memory-target.ts';
import { seededRandom } from '../testing/random-disk.ts';
import { plainDirectory, plainFile, randomTree } from '../testing/random-tree.ts';
import { missing, temporaryFolder } from '../testing/tools.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import type { Ext4Layout, FileLayout } from './layout.ts';
import { layoutFromJson, layoutToJson } from './layout-json.ts';
import { readExt4 } from './read-ext4.ts';
import { writeExt4 } from './write-ext4.ts';

const folder = temporaryFolder('layout');
const noTools = missing('e2fsck');
const mebibyte = 1024 * 1024;

function write(entries: readonly TreeEntry[], previous?: Ext4Layout, size = 48 * mebibyte) {
  const target = memoryTarget(size);
  const { layout } = writeExt4(target, entries, { ...identity, size, ...(previous ? { previous } : {}) });
  return { ...target, layout };
}

function check(target: MemoryTarget): void {
  if (noTools) return;
  writeSparse(join(folder, 'checked.img'), target.bytes);
  assertClean(folder, 'checked.img');
}

/** Of the second image's blocks that are not zeros, the share that the first has at the same place. */
function sharedBlocks(
  first: Uint8Array,
  second: Uint8Array,
): { readonly share: number; readonly changed: number } {
  const zeros = Buffer.alloc(4096);
  let used = 0;
  let same = 0;
  for (let at = 0; at < second.length; at += 4096) {
    const block = second.subarray(at, at + 4096);
    if (zeros.equals(block)) continue;
    used++;
    if (Buffer.compare(first.subarray(at, at + 4096), block) === 0) same++;
  }
  return { share: same / used, changed: used - same };
}

/** Each block is one of its own. */
function randomData(seed: number, length: number): Buffer {
  const random = seededRandom(seed);
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1000) bytes.fill(`${random()} `, at, Math.min(at + 1000, length));
  return bytes;
}

/** Something like a small system: directories of some files each. */
function system(files: number): TreeEntry[] {
  const tree: TreeEntry[] = [plainDirectory('usr'), plainDirectory('etc')];
  for (let number = 0; number < files; number++) {
    if (number % 20 === 0) tree.push(plainDirectory(`usr/d${number / 20}`));
    const length = number % 15 === 0 ? 90_000 : 300 + ((number * 997) % 20_000);
    tree.push(plainFile(`usr/d${Math.floor(number / 20)}/f${number}`, randomData(number, length)));
  }
  return tree;
}

test('versions one small package apart share nearly all blocks at the same places', () => {
  const before = system(1500);
  const first = write(before);
  const added = Array.from({ length: 12 }, (_, number) =>
    plainFile(`usr/d3/new-${number}`, randomData(9000 + number, 3000)),
  );
  const changed = plainFile('usr/d7/f150', randomData(99, 92_000));
  const after = [
    ...before.filter(({ path }) => path !== 'usr/d7/f150' && path !== 'usr/d2/f41'),
    changed,
    ...added,
  ];
  const second = write(after, first.layout);
  check(second);
  const { share, changed: blocks } = sharedBlocks(first.bytes, second.bytes);
  assert.ok(share > 0.97, `${share}`);
  // 12 new blocks, 23 changed ones, and the rest is the filesystem's own.
  assert.ok(blocks < 35 + 25, `${blocks} blocks`);
  assert.ok(sharedBlocks(first.bytes, write(after).bytes).share < 0.5, 'and it is the layout that does it');
});

test('the same tree with its own layout is the same image', () => {
  for (const seed of [41, 42, 43]) {
    const tree = randomTree({ seed, entries: 300 });
    const first = write(tree);
    assert.ok(first.bytes.equals(write(tree, first.layout).bytes), `seed ${seed}`);
  }
});

test('a file that got another name keeps its blocks, and its old name may be taken', () => {
  const data = randomData(1, 200_000);
  const other = randomData(2, 200_000);
  const first = write([plainFile('lib.so.1', data), plainFile('z', other)]);
  const second = write([plainFile('lib.so.2', data), plainFile('z', other)], first.layout);
  check(second);
  assert.deepEqual(second.layout.files.get('lib.so.2')!.extents, first.layout.files.get('lib.so.1')!.extents);
  assert.equal(second.layout.files.get('lib.so.2')!.inode, first.layout.files.get('lib.so.1')!.inode);
});

test('a file that grows goes on where it ends, if it can', () => {
  const first = write([plainFile('a', randomData(1, 70_000)), plainFile('b', randomData(2, 70_000))]);
  const grown = Buffer.concat([randomData(1, 70_000), randomData(3, 40_000)]);
  const second = write([plainFile('a', grown), plainFile('b', randomData(2, 70_000))], first.layout);
  check(second);
  const [extent, ...more] = second.layout.files.get('a')!.extents;
  const [before] = first.layout.files.get('a')!.extents;
  assert.equal(extent!.physical, before!.physical);
  assert.ok(more.length <= 1);
  const shrunk = write(
    [plainFile('a', randomData(1, 5000)), plainFile('b', randomData(2, 70_000))],
    second.layout,
  );
  check(shrunk);
  assert.deepEqual(shrunk.layout.files.get('a')!.extents, [{ ...before!, length: 2 }]);
});

test('a filesystem that got larger leaves everything where it was', () => {
  const tree = system(300);
  const first = write(tree, undefined, 60 * mebibyte);
  const second = write(tree, first.layout, 80 * mebibyte);
  check(second);
  const moved = [...second.layout.files].filter(
    ([path, { inode, extents }]) =>
      inode !== first.layout.files.get(path)!.inode ||
      JSON.stringify(extents) !== JSON.stringify(first.layout.files.get(path)!.extents),
  );
  assert.deepEqual(
    moved.map(([path]) => path),
    [],
  );
});

test('many versions one after the other stay sound, and what is left is what it was', async () => {
  const random = seededRandom(77);
  let tree = randomTree({ seed: 51, entries: 200, largest: 100_000 });
  let layout: Ext4Layout | undefined;
  for (let version = 0; version < 12; version++) {
    const next = write(tree, layout);
    if (version % 4 === 3) check(next);
    layout = layoutFromJson(layoutToJson(next.layout));
    const links = new Set(tree.flatMap((entry) => (entry.kind === 'link' ? [entry.to, entry.path] : [])));
    tree = tree
      .filter((entry) => entry.kind === 'directory' || links.has(entry.path) || random() > 0.05)
      .map((entry) =>
        entry.kind === 'file' && random() < 0.1
          ? { ...entry, ...plainFile(entry.path, randomData(version, Math.floor(random() * 90_000))) }
          : entry,
      );
    for (let count = 0; count < 15; count++)
      tree.push(plainFile(`v${version}-${count}`, randomData(count, Math.floor(random() * 40_000))));
  }
});

test('a layout says the same as text, and as read from the image', async () => {
  const tree = [...randomTree({ seed: 61, entries: 300 }), ...system(300), plainDirectory('many')];
  for (let number = 0; number < 400; number++) tree.push(plainFile(`many/${'n'.repeat(60)}${number}`, ''));
  const { layout, disk } = write(tree);
  const text = layoutToJson(layout);
  assert.equal(layoutToJson(layoutFromJson(text)), text);
  const filesystem = await readExt4(disk());
  assert.equal(layoutToJson(await filesystem.layout({ contents: true })), text);
  const without = await filesystem.layout();
  assert.equal(without.files.get('usr/d0/f1')!.content!.head, undefined);
});

test('text that is no layout is refused', () => {
  const good = layoutToJson(write([plainFile('a', 'x')]).layout);
  for (const [text, message] of [
    ['', /no layout of an ext4 filesystem: Unexpected end/],
    ['{}', /does not say that it is one/],
    [good.replace('layout/1', 'layout/9'), /does not say that it is one/],
    [good.replace(/"blocks":\d+/, '"blocks":"x"'), /how large/],
    [good.replace(/"journal":\[/, '"journal":["x",'), /journal or files are missing/],
    [good.replace('[0,"",2,', '[0,"",[],'), /file 1 is no row/],
  ] as const)
    assert.throws(
      () => layoutFromJson(text),
      (error) => error instanceof DiskImageError && message.test(error.message),
      `${message}`,
    );
});

test('a layout full of nonsense still gives a sound filesystem', async () => {
  const random = seededRandom(5);
  const tree = randomTree({ seed: 71, entries: 150, largest: 90_000 });
  const odd = [
    0,
    -1,
    1,
    2,
    11,
    257,
    1000,
    16_000,
    16_384,
    2 ** 33,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ];
  const number = () =>
    random() < 0.4 ? odd[Math.floor(random() * odd.length)]! : Math.floor(random() * 16_500);
  const numbers = (most: number) => Array.from({ length: Math.floor(random() * most) }, number);
  for (let round = 0; round < 6; round++) {
    const files = new Map<string, FileLayout>();
    for (const { path } of tree)
      files.set(random() < 0.9 ? path : `${path}-gone`, {
        inode: number(),
        extents: numbers(5).map((logical) => ({ logical, physical: number(), length: number() })),
        treeBlocks: numbers(4),
        attributeBlock: number(),
        leaves: numbers(4),
        content: { size: number(), head: number() },
      });
    const journal = numbers(3).map((logical) => ({ logical, physical: number(), length: number() }));
    const previous = {
      blocks: number(),
      inodesPerGroup: number(),
      descriptorBlocks: number(),
      journal,
      files,
    };
    const next = write(tree, previous);
    check(next);
    let count = 0;
    for await (const _ of (await readExt4(next.disk())).entries()) count++;
    assert.equal(count, tree.length + 1);
  }
});
