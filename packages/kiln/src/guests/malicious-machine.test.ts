import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import ssh2, { type ServerChannel, type SFTPWrapper } from 'ssh2';
import type { Guest } from './guest.ts';
import { createTemporaryKey } from './temporary-key.ts';
import { connectTo } from './testing/connect.ts';
import { type HeaderArgument, packArchive } from './testing/pack-archive.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

interface Evil {
  readonly scp?: readonly string[];
  readonly tar?: readonly HeaderArgument[];
  readonly sftpNames?: readonly string[];
}

/** A guest on a server that answers copies with what the test wants instead of what was asked for. */
async function evilGuest(test: TestContext, evil: Evil): Promise<Guest> {
  const key = await createTemporaryKey({ type: 'ed25519' });
  const server = new ssh2.Server({ hostKeys: [key.privateKey] }, (connection) => {
    connection.on('error', () => {});
    connection.on('authentication', (context) => context.accept());
    connection.on('session', (accept) => {
      const session = accept();
      session.on('exec', (acceptExec, _reject, { command }) => {
        const channel = acceptExec();
        channel.on('error', () => {});
        if (command.startsWith('scp')) void speakScp(channel, evil.scp ?? []);
        else if (evil.tar) void packArchive(evil.tar).then((bytes) => finish(channel, bytes));
        else finish(channel, '', 97);
      });
      session.on('sftp', (acceptSftp) => speakSftp(acceptSftp(), evil.sftpNames ?? []));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const guest = await connectTo(
    { port, username: 'tester', key },
    { fileTransfer: evil.sftpNames ? 'sftp' : 'scp' },
  );
  test.after(async () => {
    await guest.close();
    server.close();
  });
  return guest;
}

function finish(channel: ServerChannel, output: string | Buffer, code = 0): void {
  channel.write(output);
  channel.exit(code);
  channel.end();
}

/** Sends one message after the other, each after an answer; a file's bytes follow its message. */
async function speakScp(channel: ServerChannel, messages: readonly string[]): Promise<void> {
  const answers = channel[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  await answers.next();
  for (const message of messages) {
    channel.write(message);
    if (message !== messages.at(-1)) await answers.next();
  }
  channel.exit(0);
  channel.end();
}

function speakSftp(sftp: SFTPWrapper, names: readonly string[]): void {
  const { STATUS_CODE } = ssh2.utils.sftp;
  let listed = false;
  sftp.on('OPENDIR', (id) => sftp.handle(id, Buffer.from('folder')));
  sftp.on('READDIR', (id) => {
    if (listed) return sftp.status(id, STATUS_CODE.EOF);
    listed = true;
    const attrs = { mode: 0o100644, uid: 0, gid: 0, size: 4, atime: 0, mtime: 0 };
    sftp.name(
      id,
      names.map((filename) => ({ filename, longname: filename, attrs })),
    );
  });
  sftp.on('OPEN', (id) => sftp.handle(id, Buffer.from('file')));
  sftp.on('FSTAT', (id) => sftp.attrs(id, { mode: 0o100644, uid: 0, gid: 0, size: 4, atime: 0, mtime: 0 }));
  sftp.on('READ', (id, _handle, offset) =>
    offset === 0 ? sftp.data(id, Buffer.from('evil')) : sftp.status(id, STATUS_CODE.EOF),
  );
  sftp.on('CLOSE', (id) => sftp.status(id, STATUS_CODE.OK));
}

async function refuses(test: TestContext, evil: Evil): Promise<void> {
  const folder = await temporaryFolder(test);
  const target = join(folder, 'target');
  await mkdir(target);
  await writeFile(join(folder, 'precious'), 'mine');
  await symlink('..', join(target, 'up'));
  const guest = await evilGuest(test, evil);
  await assert.rejects(guest.downloadTree('/data/', target), { code: 'file-unsafe' });
  assert.equal(await readFile(join(folder, 'precious'), 'utf8'), 'mine');
  assert.deepEqual((await readdir(folder)).sort(), ['precious', 'target']);
}

const dir = 'D0755 0 data\n';

suite('a machine that means harm', { concurrency: 6 }, () => {
  for (const name of ['../precious', '..', '/etc/precious', 'a/b', '.']) {
    test(`scp: a file named ${name} is refused`, (t) =>
      refuses(t, { scp: [dir, `C0644 4 ${name}\n`, 'evil\0', 'E\n'] }));
    test(`scp: a folder named ${name} is refused`, (t) =>
      refuses(t, { scp: [dir, `D0755 0 ${name}\n`, 'E\n'] }));
  }

  test('scp: a folder that is a symlink here is refused', (t) =>
    refuses(t, { scp: [dir, 'D0755 0 up\n', 'C0644 4 precious\n', 'evil\0'] }));

  test('scp: leaving more folders than were entered is an error', async (t) => {
    const guest = await evilGuest(t, { scp: [dir, 'E\n', 'E\n', 'C0644 4 x\n'] });
    const folder = await temporaryFolder(t);
    await assert.rejects(guest.downloadTree('/data/', join(folder, 'target')), { code: 'step-failed' });
  });

  for (const name of ['../precious', './../precious', 'sub/../../precious', '/precious/..']) {
    test(`tar: a file named ${name} is refused`, (t) => refuses(t, { tar: [{ name }] }));
  }

  test('tar: a file behind a symlink of the same archive is refused', (t) =>
    refuses(t, { tar: [{ name: './out', type: 'symlink', linkname: '..' }, { name: './out/precious' }] }));

  test('tar: a file behind a symlink that is here already is refused', (t) =>
    refuses(t, { tar: [{ name: './up/precious' }] }));

  test('tar: a hard link to a file outside is refused', (t) =>
    refuses(t, { tar: [{ name: './x', type: 'link', linkname: '../precious' }] }));

  test('tar: a hard link through a symlink is refused', (t) =>
    refuses(t, { tar: [{ name: './x', type: 'link', linkname: './up/precious' }] }));

  test('tar: a file replaces a symlink instead of writing through it', async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'precious'), 'mine');
    const guest = await evilGuest(t, {
      tar: [{ name: './link', type: 'symlink', linkname: '../precious' }, { name: './link' }],
    });
    await guest.downloadTree('/data/', join(folder, 'target'));
    assert.equal(await readFile(join(folder, 'precious'), 'utf8'), 'mine');
    assert.equal(await readFile(join(folder, 'target', 'link'), 'utf8'), 'evil');
  });

  for (const name of ['../precious', 'a/b']) {
    test(`sftp: a file named ${name} is refused`, (t) => refuses(t, { sftpNames: [name] }));
  }

  test('a single download goes where it was asked to, whatever the machine calls the file', async (t) => {
    const folder = await temporaryFolder(t);
    const guest = await evilGuest(t, { scp: ['C0644 4 ../precious\n', 'evil\0'] });
    await guest.download('/data', join(folder, 'wanted'));
    assert.deepEqual(await readdir(folder), ['wanted']);
  });

  test('a single download that breaks off leaves no half file', async (t) => {
    const folder = await temporaryFolder(t);
    const guest = await evilGuest(t, { scp: ['C0644 400 data\n', 'only this'] });
    await assert.rejects(guest.download('/data', join(folder, 'wanted')), { code: 'step-failed' });
    assert.deepEqual(await readdir(folder), []);
  });
});
