import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeDisk, gptParts, gptTypes, openRaw, writeQcow2, writeRaw } from '@kiln/diskimage';
import { filesystemSize, workFolder, writeFilesystem } from '../testing/make-disk.ts';
import { makeTree, type TreeFile } from '../testing/make-tree.ts';
import { openDiskSystem } from './disk-files.ts';

const rootUuid = '11111111-1111-4111-8111-111111111111';
const bootUuid = '22222222-2222-4222-8222-222222222222';
const otherUuid = '33333333-3333-4333-8333-333333333333';
const mebibyte = 1 << 20;

const root: Readonly<Record<string, TreeFile>> = {
  'etc/os-release': 'ID=test\n',
  'etc/fstab': `# comment\nUUID=${rootUuid} / ext4 defaults 0 1\nUUID=${bootUuid.toUpperCase()} /boot ext4 defaults 0 2\nLABEL=nowhere /srv ext4 defaults 0 2\n`,
  'usr/bin/sh': 'the shell\n',
  'usr/bin/sh2': { link: 'usr/bin/sh' },
  bin: { symlink: 'usr/bin' },
  'boot/hidden': 'below the mounted filesystem\n',
};

/** A disk of partitions with these contents, one after the other. */
async function makeDisk(t: TestContext, parts: readonly string[], format: 'raw' | 'qcow2'): Promise<string> {
  const folder = workFolder(t);
  const size = (parts.length * 17 + 4) * mebibyte;
  const partitions = parts.map((_, at) => ({
    typeGuid: gptTypes.linuxData,
    uniqueGuid: `4444444${at}-4444-4444-8444-444444444444`,
    name: `part ${at}`,
    firstLba: ((at * 17 + 1) * mebibyte) / 512,
    lastLba: ((at * 17 + 1) * mebibyte + filesystemSize) / 512 - 1,
  }));
  const layout = { diskGuid: '55555555-5555-4555-8555-555555555555', diskSize: size, partitions };
  const contents = await Promise.all(parts.map((path) => openRaw(path)));
  const disk = composeDisk(size, [
    ...gptParts(layout),
    ...contents.map((content, at) => ({ position: (at * 17 + 1) * mebibyte, content })),
  ]);
  const path = join(folder, `disk.${format}`);
  await (format === 'raw' ? writeRaw(disk, path) : writeQcow2(disk, path));
  await disk.close();
  return path;
}

function filesystem(t: TestContext, files: Readonly<Record<string, TreeFile>>, uuid: string): string {
  const path = join(workFolder(t), 'filesystem');
  writeFilesystem(path, makeTree(files), uuid);
  return path;
}

test('a system is put together as its fstab does it, and what is not in it is said', async (t) => {
  const luks = join(workFolder(t), 'luks');
  writeFileSync(
    luks,
    Buffer.concat([Buffer.from('LUKS\xba\xbe', 'latin1'), Buffer.alloc(filesystemSize - 6)]),
  );
  const disk = await makeDisk(
    t,
    [
      filesystem(t, { vmlinuz: 'kernel\n', 'grub/grub.cfg': 'x' }, bootUuid),
      filesystem(t, root, rootUuid),
      filesystem(t, { data: 'x' }, otherUuid),
      luks,
    ],
    'qcow2',
  );
  const system = await openDiskSystem(disk);
  t.after(() => system.close());
  assert.deepEqual(system.gaps, [
    'partition 4 is left out: it is encrypted',
    'partition 3 is left out: /etc/fstab does not mount it',
  ]);
  const paths = [...system.files.entries.keys()].filter((path) => !path.includes('lost+found'));
  assert.deepEqual(paths, [
    '',
    'bin',
    'boot',
    'boot/grub',
    'boot/grub/grub.cfg',
    'boot/vmlinuz',
    'etc',
    'etc/fstab',
    'etc/os-release',
    'usr',
    'usr/bin',
    'usr/bin/sh',
    'usr/bin/sh2',
  ]);
  const read = async (path: string, limit?: number) =>
    Buffer.from(await system.files.read(path, limit)).toString();
  assert.equal(await read('boot/vmlinuz'), 'kernel\n');
  assert.equal(await read('usr/bin/sh2'), 'the shell\n');
  assert.equal(await read('usr/bin/sh', 3), 'the');
  await assert.rejects(system.files.read('bin'), TypeError);
});

test('a filesystem may fill the disk', async (t) => {
  const system = await openDiskSystem(filesystem(t, root, rootUuid));
  t.after(() => system.close());
  assert.ok(system.files.entries.has('boot/hidden'));
  assert.deepEqual(system.gaps, []);
});

test('a disk without a system that can be read is refused with what it has', async (t) => {
  const xfs = join(workFolder(t), 'xfs');
  writeFileSync(xfs, Buffer.concat([Buffer.from('XFSB'), Buffer.alloc(filesystemSize - 4)]));
  await assert.rejects(openDiskSystem(await makeDisk(t, [xfs], 'raw')), {
    code: 'unsupported',
    message: /no system can be read in .*: partition 1 is left out: it has an XFS filesystem/,
  });
  await assert.rejects(openDiskSystem(filesystem(t, { data: 'x' }, otherUuid)), { code: 'unsupported' });
  const empty = join(workFolder(t), 'empty');
  writeFileSync(empty, Buffer.alloc(mebibyte));
  await assert.rejects(openDiskSystem(empty), { code: 'unsupported', message: /it has no filesystem/ });
});

test('damage is said, with the file', async (t) => {
  const path = filesystem(t, root, rootUuid);
  const bytes = readFileSync(path);
  // The number of blocks in a group, by which everything else is found.
  bytes.writeUInt32LE(0, 0x420);
  writeFileSync(path, bytes);
  await assert.rejects(openDiskSystem(path), (error: Error & { code: string }) =>
    error.message.includes(path),
  );
  const cut = join(workFolder(t), 'cut.qcow2');
  writeFileSync(cut, Buffer.concat([Buffer.from('QFI\xfb', 'latin1'), Buffer.alloc(100)]));
  await assert.rejects(openDiskSystem(cut), { code: 'file-unsafe' });
});
