import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bytesDisk } from '../bytes-disk.ts';
import { openRaw } from '../raw/raw-reader.ts';
import { writeRaw } from '../raw/write-raw.ts';
import { DiskImageError } from '../read.ts';
import { missing, run, temporaryFolder } from '../testing/tools.ts';
import type { TreeEntry } from '../tree/tree-entry.ts';
import { fatDisk } from './fat-disk.ts';
import type { FatOptions } from './fat-options.ts';
import { readFat } from './read-fat.ts';

const skip = missing('fsck.vfat', 'mdir', 'mcopy', 'mkfs.vfat');
const folder = temporaryFolder('fat');
const at = (name: string) => join(folder, name);
const mebibyte = 2 ** 20;
const mtime = Date.UTC(2024, 4, 17, 12, 34, 56) / 1000;

function bytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

function file(path: string, content: string | Buffer): TreeEntry {
  const data = Buffer.from(content);
  const open = () => ({ read: (into: Uint8Array, from: number) => data.copy(into, 0, from), close() {} });
  return {
    ...{ kind: 'file', path: bytes(path), mode: 0o600, uid: 1, gid: 1 },
    mtime,
    size: data.length,
    content: { open },
  };
}

function directory(path: string): TreeEntry {
  return { kind: 'directory', path: bytes(path), mode: 0o700, uid: 1, gid: 1, mtime };
}

/** Names of every kind, directories of more than one cluster, files of none, one and many. */
const tree: readonly TreeEntry[] = [
  directory(''),
  directory('empty'),
  file('EFI/BOOT/BOOTX64.EFI', Buffer.alloc(300_001, 'MZ')),
  file('EFI/debian/grub.cfg', 'set root=x\n'),
  file('EFI/debian/Ein langer Name mit Ümlaut und 😀.txt', 'x'),
  file('EFI/debian/ein langer name.text', 'y'),
  file('nothing', ''),
  file('.hidden', 'h'),
  file('a.b.c.d', 'dots'),
  file('x+y=z; [1],2', 'signs'),
  file('EIGHT888.EXT', 'short'),
  file('thirteen-char', '13 units fill an entry'),
  file(`${'n'.repeat(250)}.long`, 'longest'),
  ...Array.from({ length: 110 }, (_, index) => file(`many/file number ${index}.txt`, `number ${index}`)),
];

const options: FatOptions = { size: 16 * mebibyte, volumeId: 0xcafe1234, label: 'KILN-EFI', time: mtime };

test('fsck and mtools read every kind as it was meant, and so do we', { skip }, async () => {
  const kinds: [Partial<FatOptions>, string][] = [
    [{ size: 3 * mebibyte }, 'FAT16'],
    [{ size: 16 * mebibyte + 512 }, 'FAT16'],
    [{ size: 511 * mebibyte }, 'FAT16'],
    [{ size: 512 * mebibyte }, 'FAT32'],
    [{ size: 34 * mebibyte, kind: 'fat32', hiddenSectors: 2048 }, 'FAT32'],
  ];
  for (const [index, [change, kind]] of kinds.entries()) {
    const name = `kind-${index}`;
    await writeRaw(fatDisk(tree, { ...options, ...change }), at(name));
    const said = run(folder, 'fsck.vfat', '-n', '-v', name);
    assert.match(said, new RegExp(`${tree.length + 4} files`), said);
    assert.doesNotMatch(said, /differ|bad|wrong|free cluster summary \w|dirty/i, said);
    assert.match(run(folder, 'mdir', '-i', name, '::'), /Volume in drive : is KILN-EFI +\n.*CAFE-1234/);
    mkdirSync(at(`out-${index}`));
    run(folder, 'mcopy', '-s', '-m', '-i', name, '::*', `out-${index}`);
    const reader = await openRaw(at(name));
    const filesystem = await readFat(reader);
    assert.equal(filesystem.info.kind, kind.toLowerCase());
    assert.deepEqual([filesystem.info.label, filesystem.info.volumeId], ['KILN-EFI', 0xcafe1234]);
    await assertTree(filesystem, `out-${index}`);
    await reader.close();
  }
});

/** mtools cannot write what is beyond the Basic Multilingual Plane into a file's name. */
const forMtools = (path: string) => path.replace('😀', '__');

async function assertTree(filesystem: Awaited<ReturnType<typeof readFat>>, copied: string): Promise<void> {
  const seen = new Map<string, string>();
  for await (const entry of filesystem.entries()) {
    assert.equal('mtime' in entry && entry.mtime, entry.path === '' ? 0 : mtime, entry.path);
    if (entry.kind !== 'file') continue;
    const path = Buffer.from(entry.path, 'latin1').toString('utf8');
    const content = await filesystem.readFile(entry.path);
    assert.equal(content.length, entry.size);
    seen.set(path, sha(content));
    assert.equal(sha(readFileSync(at(`${copied}/${forMtools(path)}`))), sha(content), path);
  }
  const expected = tree.flatMap((entry) => {
    if (entry.kind !== 'file') return [];
    const content = Buffer.alloc(entry.size);
    entry.content.open().read(content, 0);
    return [[Buffer.from(entry.path, 'latin1').toString('utf8'), sha(content)] as const];
  });
  assert.deepEqual([...seen].sort(), expected.sort());
}

function sha(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

test('filesystems that others filled are read, FAT12 too', { skip }, async () => {
  mkdirSync(at('in/sub dir/Deep'), { recursive: true });
  writeFileSync(at('in/lower.txt'), 'lower');
  writeFileSync(at('in/MiXed Case.Txt'), 'mixed');
  writeFileSync(at('in/sub dir/Deep/data.bin'), Buffer.alloc(100_000, 'data'));
  for (const [bits, size] of [
    [12, 2048],
    [16, 16384],
    [32, 40960],
  ] as const) {
    const name = `made-${bits}`;
    writeFileSync(at(name), Buffer.alloc(size * 1024));
    run(folder, 'mkfs.vfat', '-F', `${bits}`, '-n', 'MADE', '-i', '0badf00d', name);
    for (const path of ['lower.txt', 'MiXed Case.Txt', 'sub dir'])
      run(folder, 'mcopy', '-s', '-i', name, `in/${path}`, '::');
    // Deleted names and a chain with a gap.
    run(folder, 'mcopy', '-i', name, 'in/lower.txt', '::second file with a long name');
    run(folder, 'mdel', '-i', name, '::lower.txt');
    run(folder, 'mcopy', '-i', name, 'in/sub dir/Deep/data.bin', '::again');
    const filesystem = await readFat(bytesDisk(readFileSync(at(name))));
    const { kind, label, volumeId } = filesystem.info;
    assert.deepEqual([kind, label, volumeId], [`fat${bits}`, 'MADE', 0x0badf00d]);
    assert.deepEqual(
      (await filesystem.list('')).map(({ name }) => name),
      ['MiXed Case.Txt', 'again', 'second file with a long name', 'sub dir'],
    );
    assert.equal(
      sha(await filesystem.readFile('SUB DIR/deep/DATA.BIN')),
      sha(readFileSync(at('in/sub dir/Deep/data.bin'))),
    );
    assert.equal(sha(await filesystem.readFile('again')), sha(readFileSync(at('in/sub dir/Deep/data.bin'))));
    assert.equal(await filesystem.stat('lower.txt'), undefined);
    assert.equal((await filesystem.stat('sub dir'))?.kind, 'directory');
    const piece = new Uint8Array(10);
    assert.equal(await (await filesystem.content('again')).read(piece, 99_995), 5);
    assert.equal(Buffer.from(piece).toString('latin1'), 'adata\0\0\0\0\0');
  }
});

test('the same tree gives the same bytes, in whatever order it comes', async () => {
  await writeRaw(fatDisk(tree, options), at('once'));
  await writeRaw(fatDisk([...tree].reverse(), options), at('twice'));
  assert.ok(readFileSync(at('once')).equals(readFileSync(at('twice'))));
});

test('names that need short ones get them as Windows gives them', { skip }, async () => {
  await writeRaw(fatDisk(tree, options), at('short'));
  const listing = run(folder, 'mdir', '-i', 'short', '-a', '::', '::/many', '::/EFI/debian');
  for (const [short, long] of [
    ['HIDDEN~1', '\\.hidden'],
    ['ABC~1 +D', 'a\\.b\\.c\\.d'],
    ['X_Y_Z_~1 +\\d', 'x\\+y=z; \\[1\\],2'],
    ['NNNNNN~1 LON', 'n{250}\\.long'],
    ['FILENU~1 TXT', 'file number 0\\.txt'],
    ['FILEN~10 TXT', 'file number 106\\.txt'],
    ['GRUB +CFG', 'grub\\.cfg'],
  ] as const)
    assert.match(listing, new RegExp(`^${short} .*${long}$`, 'm'), listing);
  assert.match(listing, /^EIGHT888 EXT [^:]*:\d\d $/m);
});

test('a tree that FAT cannot hold is refused with the path and the reason', () => {
  const refused: [readonly TreeEntry[], RegExp][] = [
    [[file('a', ''), file('A', '')], /"A" and "a" are one name/],
    [[file('a', ''), file('a/b', '')], /"a\/b" and "a" are one name/],
    [[file('what?', '')], /"what\?" has a name/],
    [[file('end.', '')], /has a name/],
    [[file('x'.repeat(256), '')], /has a name/],
    [[{ ...file('b', ''), path: '\xff' } as TreeEntry], /has a name/],
    [[{ kind: 'symlink', path: 'l', target: 'x', mode: 0o777, uid: 0, gid: 0, mtime: 0 }], /"l" is neither/],
    [[{ ...file('big', ''), size: 2 ** 32 } as TreeEntry], /4 GiB at most/],
    [[{ ...file('big', ''), size: 2 ** 31 } as TreeEntry], /do not fit/],
  ];
  for (const [entries, message] of refused)
    assert.throws(() => fatDisk(entries, options), { name: 'DiskImageError', message });
  const wrong: [Partial<FatOptions>, RegExp][] = [
    [{ size: mebibyte }, /FAT16 filesystem cannot have/],
    [{ size: 3 * 2 ** 30, kind: 'fat16' }, /FAT16 filesystem cannot have/],
    [{ size: 16 * mebibyte, kind: 'fat32' }, /FAT32 filesystem cannot have/],
    [{ size: 16 * mebibyte + 1 }, /whole number of sectors/],
    [{ size: 2 ** 42 }, /2 TiB at most/],
    [{ label: 'twelve chars' }, /label/],
    [{ label: 'ü' }, /label/],
    [{ volumeId: 2 ** 32 }, /serial number/],
  ];
  for (const [change, message] of wrong)
    assert.throws(() => fatDisk([], { ...options, ...change }), { name: 'RangeError', message });
});

test('a root directory of FAT16 holds 512 entries, other directories more', { skip }, async () => {
  const names = (count: number, folder: string) =>
    Array.from({ length: count }, (_, index) => file(`${folder}F${index}`, ''));
  await writeRaw(fatDisk(names(511, ''), options), at('full'));
  run(folder, 'fsck.vfat', '-n', 'full');
  assert.throws(() => fatDisk(names(512, ''), options), /512 entries at most/);
  await writeRaw(fatDisk(names(3000, 'D/'), options), at('deep'));
  run(folder, 'fsck.vfat', '-n', 'deep');
});

test('what leads in circles or out of the filesystem is found', async () => {
  const good = new Uint8Array(options.size);
  await fatDisk([file('a/b/c', 'x'), file('large', Buffer.alloc(9000))], options).read(good, 0);
  const at = (text: string) => Buffer.from(good).indexOf(text, 0, 'latin1');
  const damaged = async (change: (bytes: Buffer) => void) => {
    const bytes = Buffer.from(good);
    change(bytes);
    const filesystem = await readFat(bytesDisk(bytes));
    for await (const entry of filesystem.entries())
      if (entry.kind === 'file') await filesystem.readFile(entry.path);
  };
  await damaged(() => {});
  const b = at('B          \x10');
  const large = at('LARGE      \x20');
  const cases: [RegExp, (bytes: Buffer) => void][] = [
    [/in two places/, (bytes) => void bytes.writeUInt16LE(2, b + 26)],
    [/leads out/, (bytes) => void bytes.writeUInt16LE(0xfff0, b + 26)],
    [/leads out/, (bytes) => void bytes.writeUInt16LE(1, large + 26)],
    [/fewer clusters than bytes/, (bytes) => void bytes.writeUInt32LE(1 << 20, large + 28)],
    [/more than the 67108864/, (bytes) => void bytes.writeUInt32LE(1 << 30, large + 28)],
    [/no FAT filesystem/, (bytes) => void bytes.writeUInt8(3, 13)],
    [/more than the/, (bytes) => void bytes.writeUInt16LE(65535, 19)],
    [/too small for it/, (bytes) => void bytes.writeUInt16LE(1, 22)],
    [/no room for files/, (bytes) => void bytes.writeUInt16LE(32760, 14)],
  ];
  for (const [message, change] of cases)
    await assert.rejects(damaged(change), (error) => {
      assert.ok(error instanceof DiskImageError, String(error));
      assert.match(error.message, message);
      return true;
    });
});
