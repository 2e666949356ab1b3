import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesDisk } from '../bytes-disk.ts';
import { DiskImageError } from '../read.ts';
import { cannotMount, mounted, writeImage } from '../testing/ext4-tools.ts';
import { localTree, readsWhatMke2fsMakes } from '../testing/made-by-mke2fs.ts';
import { seededRandom } from '../testing/random-disk.ts';
import { randomTree } from '../testing/random-tree.ts';
import { readEverything } from '../testing/read-everything.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';

const folder = temporaryFolder('read-ext4-long');
const noTools = missing('mke2fs', 'setfattr', 'getfattr', 'dumpe2fs');
const mebibyte = 1024 * 1024;

test('what mke2fs makes is read, with any features and sizes of blocks', { skip: noTools }, async () => {
  const root = localTree(folder);
  const variants: readonly (readonly string[])[] = [
    ['-t', 'ext4', '-b', '2048', '-O', 'inline_data', '-I', '512'],
    ['-t', 'ext4', '-b', '4096', '-O', 'inline_data,^64bit,metadata_csum_seed'],
    ['-t', 'ext4', '-b', '4096', '-O', '^metadata_csum,uninit_bg,^flex_bg'],
    ['-t', 'ext4', '-b', '1024', '-O', 'meta_bg,^resize_inode'],
    ['-t', 'ext4', '-b', '4096', '-O', 'bigalloc,large_dir,sparse_super2,quota,project'],
    ['-t', 'ext4', '-b', '4096', '-O', '^filetype,^dir_index'],
    ['-t', 'ext4', '-b', '4096', '-O', 'ea_inode,verity,mmp'],
    ['-t', 'ext4', '-b', '4096', '-O', 'casefold', '-E', 'encoding=utf8'],
    ['-t', 'ext4', '-b', '65536', '-F'],
    ['-t', 'ext3', '-b', '1024', '-I', '128'],
    ['-t', 'ext3', '-b', '4096'],
    ['-t', 'ext2', '-b', '1024', '-O', '^sparse_super,^resize_inode'],
    ['-t', 'ext2', '-r', '0', '-b', '2048'],
  ];
  for (const variant of variants) await readsWhatMke2fsMakes(folder, root, variant);
});

/** Images of all sorts, small, so that damage hits what matters. */
async function images(): Promise<Map<string, Buffer>> {
  const found = new Map<string, Buffer>();
  const read = (name: string) => found.set(name, readFileSync(join(folder, name)));
  const tree = randomTree({ seed: 5, entries: 120, largest: 100_000 });
  writeImage(join(folder, 'own.img'), tree, { size: 7 * mebibyte, journal: false });
  read('own.img');
  if (noTools) return found;
  const root = localTree(folder);
  rmSync(join(root, 'a/holes'));
  for (const [name, ...options] of [
    ['inline.img', '-t', 'ext4', '-O', 'inline_data'],
    ['old.img', '-t', 'ext2', '-b', '1024'],
    ['blocks.img', '-t', 'ext3', '-b', '2048', '-J', 'size=2'],
  ] as const) {
    writeFileSync(join(folder, name), '');
    truncateSync(join(folder, name), 8 * mebibyte);
    run(folder, 'mke2fs', '-q', '-d', root, ...options, name);
    read(name);
  }
  if (cannotMount()) return found;
  copyFileSync(join(folder, 'blocks.img'), join(folder, 'mounted.img'));
  await mounted(folder, 'mounted.img', 'rw', (mountPoint) => {
    mkdirSync(join(mountPoint, 'new'));
    for (let number = 0; number < 50; number++) writeFileSync(join(mountPoint, `new/${number}`), `${number}`);
    run(folder, 'sync');
    run(mountPoint, 'rm', '-r', 'many');
    run(folder, 'sync');
    copyFileSync(join(folder, 'mounted.img'), join(folder, 'dirty.img'));
  });
  read('dirty.img');
  return found;
}

test('damaged images end with an error that says so, soon, and with nothing else', async () => {
  for (const [name, image] of await images()) {
    const used: number[] = [];
    for (let at = 0; at < image.length; at += 1024)
      if (image.subarray(at, at + 1024).some((byte) => byte !== 0)) used.push(at);
    await readEverything(bytesDisk(image));
    let refused = 0;
    for (let seed = 0; seed < 150; seed++) {
      const random = seededRandom(seed);
      const started = performance.now();
      try {
        await readEverything(bytesDisk(damaged(image, used, random)));
      } catch (error) {
        if (!(error instanceof DiskImageError)) throw new Error(`${name}, seed ${seed}`, { cause: error });
        refused++;
      }
      const took = performance.now() - started;
      assert.ok(took < 20_000, `${name}, seed ${seed}: ${took} ms`);
    }
    assert.ok(refused > 10, `${name}: ${refused} refused`);
  }
});

function damaged(image: Buffer, used: readonly number[], random: () => number): Buffer {
  const copy = Buffer.from(image);
  const upTo = (limit: number) => Math.floor(random() * limit);
  for (let count = 1 + upTo(8); count > 0; count--) {
    // The tables are in front, and the superblock matters most.
    const start =
      random() < 0.2 ? 1024 : used[upTo(random() < 0.6 ? Math.min(150, used.length) : used.length)]!;
    const at = start + upTo(1024);
    const kind = random();
    if (kind < 0.4) copy[at]! ^= 1 << upTo(8);
    else if (kind < 0.6) copy[at] = upTo(256);
    else if (kind < 0.8) copy.writeUInt32LE([0, 0xffffffff, 1, 2, 0x7fffffff][upTo(5)]!, at & ~3);
    else copy.copyWithin(start, used[upTo(used.length)]!, start + 1024);
  }
  return copy;
}
