import assert from 'node:assert/strict';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertClean, cannotMount, mounted, writeImage } from '../testing/ext4-tools.ts';
import { plainDirectory, plainFile } from '../testing/random-tree.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { directoryHash } from './directory-hash.ts';
import { planDirectory } from './directory-plan.ts';
import type { Child, Node } from './tree-nodes.ts';

const folder = temporaryFolder('ext4-directories');
const noTools = missing('e2fsck', 'debugfs');
const seed = [0x6e6c696b, 0x400000, 0x80, 0x2000000] as const;

/** Names as long as they can be make many blocks of few entries. */
function names(count: number, length: number): string[] {
  return Array.from({ length: count }, (_, index) => `${index}-`.padEnd(length, 'long name '));
}

function children(all: readonly string[]): Child[] {
  return [...all].sort().map((name) => ({ name, node: {} as Node }));
}

/** The first block of a directory at the top. */
function rootOf(directory: string): { readonly bytes: Buffer } {
  run(folder, 'debugfs', '-R', `dump ${directory} root.bin`, 'names.img');
  return { bytes: readFileSync(join(folder, 'root.bin')) };
}

test('names are hashed as debugfs hashes them', { skip: noTools }, () => {
  writeImage(join(folder, 'hash.img'), [], { size: 1024 * 1024 });
  for (const name of [
    'a',
    'hello',
    'x'.repeat(31),
    'y'.repeat(32),
    'z'.repeat(255),
    'caf\u00e9',
    '\u00ff\u0080',
  ]) {
    const uuid = '6b696c6e-0000-4000-8000-000000000002';
    const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
    const words = [0, 4, 8, 12].map((at) => bytes.readInt32LE(at)) as [number, number, number, number];
    // What debugfs gets is UTF-8, and so are names.
    const asBytes = Buffer.from(name).toString('latin1');
    const printed = run(folder, 'debugfs', '-R', `dx_hash -h half_md4 -s ${uuid} ${name}`, 'hash.img');
    assert.match(printed, new RegExp(`is 0x${directoryHash(asBytes, words).toString(16)} `), name);
  }
});

test('the kernel finds every name in directories of one, two and three levels', {
  skip: noTools || cannotMount(),
}, async () => {
  const tree: TreeEntry[] = [];
  const all = new Map([
    ['list', names(100, 20)],
    ['index', names(2000, 120)],
    ['deep', names(9000, 250)],
  ]);
  for (const [directory, inside] of all) {
    tree.push(plainDirectory(directory), plainFile(`${directory}/first`, 'x'));
    for (const name of inside)
      tree.push({ kind: 'link', path: `${directory}/${name}`, to: `${directory}/first` });
  }
  writeImage(join(folder, 'names.img'), tree, { size: 64 * 1024 * 1024 });
  assertClean(folder, 'names.img');
  const { bytes } = rootOf('deep');
  assert.equal(bytes[30], 1, 'a level between root and leaves');
  await mounted(folder, 'names.img', 'ro', (mountPoint) => {
    for (const [directory, inside] of all) {
      const found = readdirSync(join(mountPoint, directory));
      assert.deepEqual(found.sort(), ['first', ...inside].sort());
      const { ino } = lstatSync(join(mountPoint, directory, 'first'));
      for (const name of inside) assert.equal(lstatSync(join(mountPoint, directory, name)).ino, ino);
      assert.throws(() => lstatSync(join(mountPoint, directory, 'nothing of that name')), /ENOENT/);
    }
  });
});

test('one more name changes one leaf of a directory, or cuts one in two', () => {
  const before = names(3000, 40);
  const plan = planDirectory(children(before), seed);
  const after = planDirectory(children([...before, 'one more']), seed, plan.index!.table);
  const own = new Map(plan.index!.leaves.map((leaf) => [leaf.block, leaf.children.map(({ name }) => name)]));
  const changed = after.index!.leaves.filter(
    ({ block, children: inside }) => own.get(block)?.join('/') !== inside.map(({ name }) => name).join('/'),
  );
  assert.ok(changed.length === 1 || (changed.length === 2 && after.blocks === plan.blocks + 1));
  // Without the layout of before, the leaves' bounds are the same all the same.
  const canonical = planDirectory(children([...before, 'one more']), seed);
  const bounds = new Set(plan.index!.leaves.map(({ hash }) => hash));
  assert.ok(canonical.index!.leaves.filter(({ hash }) => !bounds.has(hash)).length <= 1);
});

test('a directory that has lost most of its names is put together anew', () => {
  const plan = planDirectory(children(names(3000, 40)), seed);
  const after = planDirectory(children(names(200, 40)), seed, plan.index!.table);
  assert.ok(after.blocks < 6);
  assert.deepEqual(after, planDirectory(children(names(200, 40)), seed));
});

test('nonsense in the leaves of a previous layout changes nothing but places', () => {
  const inside = children(names(300, 40));
  const canonical = planDirectory(inside, seed);
  for (const leaves of [[], [1], [0, 0], [-1], [4], [0, 2 ** 32], [0, Number.NaN], [0, 1.5]])
    assert.deepEqual(planDirectory(inside, seed, leaves), canonical, `${leaves}`);
  for (const leaves of [[0], [0, 2], [8, 0, 6]]) {
    const { index } = planDirectory(inside, seed, leaves);
    assert.equal(index!.leaves.flatMap((leaf) => leaf.children).length, 300);
  }
});

test('a directory whose names all have the same hash goes on from leaf to leaf', { skip: noTools }, () => {
  // Found by trying: the hash has 31 bits, so names of equal hash are had by the pair, not by the hundred.
  const byHash = new Map<number, string>();
  const pairs: string[] = [];
  for (let number = 0; pairs.length < 4 && number < 400_000; number++) {
    const name = `${number}`;
    const hash = directoryHash(name, seed);
    const other = byHash.get(hash);
    if (other) pairs.push(other, name);
    else byHash.set(hash, name);
  }
  assert.ok(pairs.length >= 2);
  const plan = planDirectory(children([...pairs, ...names(300, 200)]), seed);
  const leafOf = (name: string) =>
    plan.index!.leaves.findIndex((leaf) => leaf.children.some((c) => c.name === name));
  assert.equal(leafOf(pairs[0]!), leafOf(pairs[1]!));
});
