import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { composeDisk, gptParts, openRaw, type TreeEntry, writeQcow2 } from '@kiln/diskimage';
import { withContent } from '../supply/cleaning/settle-volatile.ts';
import { writeFilesystem } from '../supply/testing/make-disk.ts';
import { readBootFiles } from './boot-files.ts';
import { guestFiles } from './bootstrap/guest-files.ts';
import { findRelease } from './bootstrap/release.ts';
import { systemLayout, systemPartitions } from './bootstrap/system-layout.ts';

const uuid = '0f0e0d0c-0b0a-4908-8706-050403020100';
const release = findRelease('debian', '12');
const grub = guestFiles(release, uuid).find(({ path }) => path === '/boot/grub/grub.cfg')!.content;

/** A disk with the partitions that systems of Kiln have, and these files in the third: contents, or links (`-> …`). */
async function makeImage(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-boot-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const owner = { uid: 0, gid: 0, mtime: 1_700_000_000 };
  const folders = ['', 'boot', 'boot/grub'].map(
    (path): TreeEntry => ({ ...owner, kind: 'directory', path, mode: 0o755 }),
  );
  const entries = Object.entries(files).map(([path, text]): TreeEntry => {
    if (text.startsWith('-> '))
      return { ...owner, kind: 'symlink', path, mode: 0o777, target: text.slice(3) };
    return withContent({ ...owner, kind: 'file', path, mode: 0o600 }, Buffer.from(text));
  });
  writeFilesystem(join(folder, 'root'), [...folders, ...entries], uuid);
  const layout = systemLayout(34 << 20);
  const disk = composeDisk(layout.diskSize, [
    ...gptParts(systemPartitions(layout, release)),
    { position: layout.root.start, content: await openRaw(join(folder, 'root')) },
  ]);
  const path = join(folder, 'disk.qcow2');
  await writeQcow2(disk, path);
  await disk.close();
  return path;
}

const read = (path: string, seeded = true) => readBootFiles({ path, format: 'qcow2', seeded });

test('what the boot loader of an image would start is read from its disk', async (t) => {
  const path = await makeImage(t, {
    'boot/grub/grub.cfg': grub,
    'boot/vmlinuz-6.1': 'the kernel',
    'boot/initrd.img-6.1': 'its files',
    vmlinuz: '-> boot/vmlinuz-6.1',
    'initrd.img': '-> boot/initrd.img-6.1',
  });
  const files = await read(path);
  assert.equal(Buffer.from(files!.kernel).toString(), 'the kernel');
  assert.equal(Buffer.from(files!.initrd).toString(), 'its files');
  assert.equal(files!.arguments, `root=UUID=${uuid} ro quiet console=tty0 console=ttyS0,115200`);
  assert.equal(await read(path, false), undefined, 'images of others are not looked into');
});

test('links in /boot count where there are none above it, as the boot loader has it', async (t) => {
  const path = await makeImage(t, {
    'boot/grub/grub.cfg': grub,
    'boot/vmlinuz': 'the kernel',
    'boot/initrd.img': 'its files',
  });
  assert.equal(Buffer.from((await read(path))!.kernel).toString(), 'the kernel');
});

test('a boot loader that is set up in another way, or starts what is not there, is left to itself', async (t) => {
  const kernel = { vmlinuz: 'the kernel', 'initrd.img': 'its files' };
  for (const files of [
    kernel,
    { ...kernel, 'boot/grub/grub.cfg': grub.replace('quiet', 'quiet mitigations=off') },
    { ...kernel, 'boot/grub/grub.cfg': `${grub}# more\n` },
    { 'boot/grub/grub.cfg': grub },
    { 'boot/grub/grub.cfg': grub, vmlinuz: '-> boot/gone', 'initrd.img': 'its files' },
  ]) {
    assert.equal(await read(await makeImage(t, files)), undefined);
  }
});
