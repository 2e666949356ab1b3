import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeDisk, writeFilesystem } from '../profile/testing/disk-image.ts';
import { makeWorkshop } from './testing.ts';

const files = {
  '/etc/app.conf': { text: 'port = 80\n', mode: 0o640, uid: 33, gid: 33 },
  '/etc/app/größe': 'x',
  '/etc/link.conf': { link: '/etc/app.conf' },
  '/srv/up': { link: '../../../../etc/link.conf' },
} as const;

async function workshopWithDisk(t: TestContext) {
  const workshop = makeWorkshop(t);
  await writeDisk(join(workshop.folder, 'disk.qcow2'), { files }, 'qcow2');
  return workshop;
}

test('kiln image ls lists partitions, folders and files of a disk', async (t) => {
  const { kiln } = await workshopWithDisk(t);
  assert.deepEqual(await kiln('image', 'ls', 'disk.qcow2', '--partitions'), {
    code: 0,
    stdout:
      '1  1048576   16.0 MB  efi   FAT filesystem "EFI"\n2  17825792  16.0 MB  root  ext filesystem "root"\n',
    stderr: '',
  });
  const { stdout } = await kiln('image', 'ls', 'disk.qcow2', '/etc/app');
  assert.equal(stdout, 'größe\n');
  assert.match(
    (await kiln('image', 'ls', 'disk.qcow2')).stdout,
    /^bin\netc\/\nlib\nlost\+found\/\nroot\/\nsrv\/\nusr\/\nvar\/\n$/,
  );
  const long = await kiln('image', 'ls', 'disk.qcow2', '/etc', '-l');
  assert.match(long.stdout, /^-0640 +33:33 +10 +2023-11-14T22:13:20Z +app\.conf$/m);
  assert.match(long.stdout, /^l0777 +0:0 +13 +\S+ +link\.conf -> \/etc\/app\.conf$/m);
  const efi = await kiln('image', 'ls', 'disk.qcow2', '--partition', '1', '-R');
  assert.equal(efi.stdout, 'EFI/\nEFI/BOOT/\nEFI/BOOT/BOOTX64.EFI\n');
  const json = JSON.parse(
    (await kiln('image', 'ls', 'disk.qcow2', '/etc/app.conf', '--json')).stdout,
  ) as unknown;
  assert.deepEqual(json, [
    {
      name: 'app.conf',
      kind: 'file',
      mode: '0640',
      uid: 33,
      gid: 33,
      size: 10,
      time: '2023-11-14T22:13:20Z',
    },
  ]);
});

test('kiln image cat writes files, through links that stay in the image', async (t) => {
  const { kiln } = await workshopWithDisk(t);
  assert.deepEqual(await kiln('image', 'cat', 'disk.qcow2', '/srv/up', '/etc/app.conf'), {
    code: 0,
    stdout: 'port = 80\nport = 80\n',
    stderr: '',
  });
  const efi = await kiln('image', 'cat', 'disk.qcow2', 'EFI/BOOT/bootx64.efi', '--partition', '1');
  assert.deepEqual([efi.code, efi.stdout], [0, 'boots\n']);
});

test('a filesystem that fills a file is read as one', async (t) => {
  const { folder, kiln } = makeWorkshop(t);
  writeFilesystem(join(folder, 'root.img'), { files });
  assert.equal((await kiln('image', 'cat', 'root.img', '/etc/app.conf')).stdout, 'port = 80\n');
  assert.match(
    (await kiln('image', 'ls', 'root.img', '--partitions')).stdout,
    /^- +0 +16\.0 MB +ext filesystem "root"\n$/,
  );
});

test('what cannot be listed or written is told with what to do', async (t) => {
  const { folder, kiln } = await workshopWithDisk(t);
  writeFileSync(join(folder, 'empty.img'), Buffer.alloc(1 << 20));
  writeFileSync(
    join(folder, 'broken.qcow2'),
    Buffer.concat([Buffer.from('QFI\xfb\0\0\0\x03', 'latin1'), Buffer.alloc(600, 0xff)]),
  );
  const cases: [args: string[], code: number, message: RegExp][] = [
    [
      ['image', 'cat', 'disk.qcow2', '/nope'],
      1,
      /^error: there is no \/nope in disk\.qcow2\nhint: see `kiln image ls`\n$/,
    ],
    [['image', 'cat', 'disk.qcow2', '/etc'], 2, /^error: \/etc in disk\.qcow2 is no file but a directory\n/],
    [['image', 'cat', 'disk.qcow2', '/etc/app.conf', '/nope'], 1, /there is no \/nope/],
    [['image', 'ls', 'disk.qcow2', '/nope'], 1, /there is no \/nope in disk\.qcow2/],
    [['image', 'ls', 'disk.qcow2', '--partition', '7'], 1, /has no partition 7\nhint: it has 1, 2\n$/],
    [
      ['image', 'ls', 'empty.img'],
      1,
      /^error: empty\.img has nothing in it that can be read: no filesystem\nhint: ext2, ext3, ext4 and FAT/,
    ],
    [['image', 'ls', 'broken.qcow2'], 1, /^error: broken\.qcow2 cannot be read: /],
    [['image', 'ls', 'none.qcow2'], 1, /^error: there is no file none\.qcow2\n$/],
    [['image', 'ls', 'none'], 1, /^error: there is no file, machine or image "none"\n/],
  ];
  for (const [args, code, message] of cases) {
    const result = await kiln(...args);
    assert.deepEqual([result.code, result.stdout], [code, ''], args.join(' '));
    assert.match(result.stderr, message, args.join(' '));
  }
});

test('kiln image diff compares two disks of different formats, and every file when asked', async (t) => {
  const { folder, kiln } = makeWorkshop(t);
  const program = {
    name: 'tool',
    version: '1.0-1',
    files: { '/usr/bin/tool': 'one', '/usr/share/tool': 'same' },
  };
  await writeDisk(join(folder, 'a.qcow2'), { packages: [program], files }, 'qcow2');
  await writeDisk(join(folder, 'b.raw'), {
    packages: [
      { ...program, version: '1.1-1', files: { '/usr/bin/tool': 'two', '/usr/share/tool': 'same' } },
    ],
    files: {
      ...files,
      '/etc/app.conf': { text: 'port = 81\n', mode: 0o640, uid: 33, gid: 33 },
      '/usr/lib/extra.so': 'ELF',
      '/var/log/x.log': 'log',
    },
  });
  assert.deepEqual(await kiln('image', 'diff', 'a.qcow2', 'a.qcow2'), {
    code: 0,
    stdout: 'nothing that matters differs\n',
    stderr: '',
  });
  const short = await kiln('image', 'diff', 'a.qcow2', 'b.raw', '--text');
  assert.deepEqual([short.code, short.stderr], [2, '']);
  assert.equal(
    short.stdout,
    `--- a.qcow2
+++ b.raw

packages
  ~ tool  1.0-1 → 1.1-1

files
  ~ /etc/app.conf  content

--- a/etc/app.conf
+++ b/etc/app.conf
@@ -1 +1 @@
-port = 80
+port = 81

2 differences
`,
  );
  const whole = await kiln('image', 'diff', 'a.qcow2', 'b.raw', '--files');
  assert.match(
    whole.stdout,
    /\nother files\n {2}\/usr\/lib\/extra\.so {2}only in the second\n\n3 differences; \d+ more do not matter/,
  );
  const all = JSON.parse(
    (await kiln('image', 'diff', 'a.qcow2', 'b.raw', '--files', '--all', '--format', 'json')).stdout,
  ) as {
    readonly otherFiles: {
      readonly byPackage: object;
      readonly written: readonly { readonly path: string }[];
    };
  };
  assert.deepEqual(all.otherFiles.byPackage, { tool: 1 });
  assert.ok(all.otherFiles.written.some(({ path }) => path === '/var/log/x.log'));
});
