import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Guest } from './guest.ts';
import { guestFolder, guestPath, quotePath } from './guest-path.ts';
import { connectTo } from './testing/connect.ts';
import { sftpServer, startSshd } from './testing/sshd.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

test('paths with a drive letter are understood', () => {
  assert.equal(guestPath('C:\\Windows\\Temp\\x.ps1'), 'C:/Windows/Temp/x.ps1');
  assert.equal(guestPath('a\\b'), 'a\\b');
  assert.equal(guestFolder('C:/x.ps1'), 'C:/');
  assert.equal(guestFolder('C:/Windows/x.ps1'), 'C:/Windows');
  assert.equal(quotePath('c:/Windows/Temp'), 'c:/Windows/Temp');
  assert.equal(quotePath('C:/Program Files/x'), '"C:/Program Files/x"');
  assert.equal(quotePath('/Program Files/x'), "'/Program Files/x'");
});

/** On Linux such a path is a relative one, so a server whose sessions start in a folder can stand for Windows. */
async function driveIn(t: TestContext, method: 'scp' | 'sftp'): Promise<{ root: string; guest: Guest }> {
  const root = await temporaryFolder(t);
  await mkdir(join(root, 'C:', 'Program Files'), { recursive: true });
  const server = await startSshd({
    config: [`ForceCommand cd ${root}; eval "$SSH_ORIGINAL_COMMAND"`, `Subsystem sftp ${await sftpServer()}`],
  });
  t.after(() => server.stop());
  const guest = await connectTo(server, { fileTransfer: method });
  t.after(() => guest.close());
  return { root, guest };
}

for (const method of ['scp', 'sftp'] as const) {
  test(`files go to drives and come back with ${method}`, async (t) => {
    const { root, guest } = await driveIn(t, method);
    const bytes = Buffer.from('hello\r\n');
    await guest.upload({ from: { kind: 'bytes', bytes }, to: 'C:\\Program Files\\a b.txt' });
    await guest.upload({ from: { kind: 'bytes', bytes }, to: 'C:/top.txt' });
    assert.equal(await readFile(join(root, 'C:', 'Program Files', 'a b.txt'), 'utf8'), 'hello\r\n');
    assert.ok(existsSync(join(root, 'C:', 'top.txt')));
    const back = join(root, 'back.txt');
    await guest.download('C:\\Program Files\\a b.txt', back);
    assert.equal(await readFile(back, 'utf8'), 'hello\r\n');
  });

  test(`folders go to drives and come back with ${method}`, async (t) => {
    const { root, guest } = await driveIn(t, method);
    const local = join(root, 'local');
    await mkdir(join(local, 'inner'), { recursive: true });
    await writeFile(join(local, 'inner', 'file'), 'x');
    await symlink('inner/file', join(local, 'link'));
    await symlink('inner', join(local, 'inner again'));
    await symlink('..', join(local, 'around'));
    await symlink('nowhere', join(local, 'broken'));
    const names = ['inner', 'inner again', 'link'];
    await guest.uploadTree(local, 'C:\\Program Files');
    await guest.uploadTree(`${local}/`, 'C:/made');
    await guest.uploadTree(`${local}/`, 'C:/');
    const drive = join(root, 'C:');
    assert.deepEqual(await readdir(join(drive, 'Program Files', 'local')), names);
    assert.deepEqual(await readdir(join(drive, 'made')), names);
    assert.equal(await readFile(join(drive, 'made', 'inner again', 'file'), 'utf8'), 'x');
    assert.ok(existsSync(join(drive, 'inner', 'file')));
    await guest.downloadTree('C:\\made\\', join(root, 'back'));
    assert.deepEqual(await readdir(join(root, 'back')), names);
    await guest.downloadTree('C:\\made', join(root, 'whole'));
    assert.deepEqual(await readdir(join(root, 'whole', 'made')), names);
  });
}
