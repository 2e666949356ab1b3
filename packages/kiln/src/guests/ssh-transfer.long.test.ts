import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join, relative } from 'node:path';
import { after, before, test } from 'node:test';
import type { Guest } from './guest.ts';
import { connectTo } from './testing/connect.ts';
import { linkPrograms, startSshd, type TestSshd } from './testing/sshd.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

/** The ways that files can go: what is asked for, and whether the machine has a tar for trees. */
const ways = [
  { name: 'scp', fileTransfer: 'scp', tar: false },
  { name: 'sftp', fileTransfer: 'sftp', tar: false },
  { name: 'scp with tar', fileTransfer: 'scp', tar: true },
] as const;

const programs = ['sh', 'mkdir', 'chmod', 'rm', 'ln', 'cat', 'scp', 'touch', 'head'];
const servers = new Map<boolean, TestSshd>();
const guests = new Map<string, Guest>();

before(async () => {
  servers.set(true, await startSshd());
  servers.set(false, await startSshd({ path: await linkPrograms(programs) }));
  for (const { name, fileTransfer, tar } of ways) {
    guests.set(name, await connectTo(servers.get(tar)!, { fileTransfer }));
    guests.set(`${name} as Packer`, await connectTo(servers.get(tar)!, { fileTransfer, folders: 'scp' }));
  }
});

after(async () => {
  for (const guest of guests.values()) await guest.close();
  for (const server of servers.values()) await server.stop();
});

const oddNames = [
  'plain',
  'with space',
  "it's",
  '"quoted"',
  'back\\slash',
  '$HOME `x`',
  '-dash',
  'ünï',
  'line\nend',
];

for (const { name } of ways) {
  const guest = () => guests.get(name)!;

  test(`${name}: a file keeps its bytes and mode under every odd name`, async (t) => {
    const folder = await temporaryFolder(t);
    await writeFile(join(folder, 'source'), 'content', { mode: 0o600 });
    await chmod(join(folder, 'source'), 0o751);
    for (const odd of oddNames) {
      const to = join(folder, odd);
      await guest().upload({ from: { kind: 'file', path: join(folder, 'source') }, to });
      assert.equal(await readFile(to, 'utf8'), 'content', odd);
      assert.equal((await stat(to)).mode & 0o7777, 0o751, odd);
      const back = join(folder, 'back');
      await guest().download(to, back);
      assert.equal(await readFile(back, 'utf8'), 'content', odd);
      assert.equal((await stat(back)).mode & 0o7777, 0o751, odd);
    }
  });

  test(`${name}: bytes replace a longer file, with the mode that is asked for`, async (t) => {
    const to = join(await temporaryFolder(t), 'target');
    await writeFile(to, 'something longer than the new content', { mode: 0o600 });
    await guest().upload({ from: { kind: 'bytes', bytes: Buffer.from('new') }, to, mode: 0o4755 });
    assert.equal(await readFile(to, 'utf8'), 'new');
    assert.equal((await stat(to)).mode & 0o7777, 0o4755);
    await guest().upload({ from: { kind: 'bytes', bytes: Buffer.from('') }, to });
    assert.equal((await stat(to)).size, 0);
    assert.equal((await stat(to)).mode & 0o7777, 0o644);
  });

  test(`${name}: megabytes arrive unharmed in both directions, with progress`, async (t) => {
    const folder = await temporaryFolder(t);
    const bytes = Buffer.alloc(5_000_003, 'some bytes that are not all the same ');
    let last = 0;
    await guest().upload({
      from: { kind: 'bytes', bytes },
      to: join(folder, 'big'),
      onProgress: (done, total) => {
        assert.equal(total, bytes.length);
        assert.ok(done >= last);
        last = done;
      },
    });
    assert.equal(last, bytes.length);
    assert.ok(bytes.equals(await readFile(join(folder, 'big'))));
    await guest().download(join(folder, 'big'), join(folder, 'back'));
    assert.ok(bytes.equals(await readFile(join(folder, 'back'))));
  });

  test(`${name}: a tree goes in and comes back with modes, symlinks, odd names and empty folders`, async (t) => {
    const folder = await temporaryFolder(t);
    const source = join(folder, 'source');
    await makeTree(source);
    const before = await describeTree(source);
    await guest().uploadTree(source, join(folder, 'in machine'));
    assert.deepEqual(await describeTree(join(folder, 'in machine', 'source')), before);
    await guest().uploadTree(`${source}/`, join(folder, 'content'));
    assert.deepEqual(await describeTree(join(folder, 'content')), before);
    // scp itself follows symlinks and cannot carry line ends, so what comes back by it is compared without them.
    const comparable = name === 'scp' ? withoutSpecial(before) : before;
    const show = (tree: Readonly<Record<string, string>>) => (name === 'scp' ? withoutSpecial(tree) : tree);
    if (name === 'scp') await removeSpecial(source);
    await guest().downloadTree(source, join(folder, 'back'));
    assert.deepEqual(show(await describeTree(join(folder, 'back', 'source'))), comparable);
    await guest().downloadTree(`${source}/`, join(folder, 'back content'));
    assert.deepEqual(show(await describeTree(join(folder, 'back content'))), comparable);
  });

  test(`${name}: a tree goes into an existing one and through its symlinked folders`, async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, 'source', 'lib'), { recursive: true });
    await writeFile(join(folder, 'source', 'lib', 'new'), 'new');
    await mkdir(join(folder, 'target', 'usr', 'lib'), { recursive: true });
    await writeFile(join(folder, 'target', 'usr', 'lib', 'old'), 'old');
    await symlink('usr/lib', join(folder, 'target', 'lib'));
    await guest().uploadTree(`${folder}/source/`, join(folder, 'target'));
    assert.equal(await readlink(join(folder, 'target', 'lib')), 'usr/lib');
    assert.deepEqual((await readdir(join(folder, 'target', 'usr', 'lib'))).sort(), ['new', 'old']);
  });

  test(`${name}: as Packer has it, a folder sent to where nothing is becomes that, and links are followed`, async (t) => {
    const packer = guests.get(`${name} as Packer`)!;
    const folder = await temporaryFolder(t);
    const source = join(folder, 'source');
    await mkdir(join(source, 'sub'), { recursive: true });
    await mkdir(join(folder, 'beside'));
    await writeFile(join(folder, 'beside', 'file'), 'beside');
    await writeFile(join(source, 'sub', 'file'), 'inside');
    await symlink('sub/file', join(source, 'link'));
    await symlink('../beside', join(source, 'folder'));
    await symlink('..', join(source, 'sub', 'around'));
    const whole = { link: 'inside', 'sub/file': 'inside', 'folder/file': 'beside' };
    const there = join(folder, 'there');
    await mkdir(there);
    for (const [from, to, found] of [
      [source, join(folder, 'new'), join(folder, 'new')],
      [source, there, join(there, 'source')],
      [`${source}/`, join(folder, 'content'), join(folder, 'content')],
    ] as const) {
      await packer.uploadTree(from, to);
      assert.deepEqual(await filesUnder(found), whole, to);
    }
    await rm(join(source, 'sub', 'around'));
    for (const from of [source, `${source}/`]) {
      const back = join(folder, `back${from.length}`);
      await packer.downloadTree(from, back);
      assert.deepEqual(await filesUnder(join(back, 'source')), whole, 'a fetched folder keeps its name');
    }
  });

  test(`${name}: excluded names stay behind`, async (t) => {
    const folder = await temporaryFolder(t);
    await mkdir(join(folder, 'source', 'sub'), { recursive: true });
    for (const file of ['keep', 'skip', 'sub/keep', 'sub/skip'])
      await writeFile(join(folder, 'source', file), '');
    await guest().uploadTree(`${folder}/source/`, join(folder, 'up'), { exclude: ['skip', 'sub/keep'] });
    assert.deepEqual((await readdir(join(folder, 'up'), { recursive: true })).sort(), [
      'keep',
      'sub',
      'sub/skip',
    ]);
    await guest().downloadTree(`${folder}/source/`, join(folder, 'down'), { exclude: ['sub'] });
    assert.deepEqual((await readdir(join(folder, 'down'))).sort(), ['keep', 'skip']);
  });

  test(`${name}: what cannot be written or read is an error that names it`, async (t) => {
    const folder = await temporaryFolder(t);
    const from = { kind: 'bytes', bytes: Buffer.from('x') } as const;
    await assert.rejects(guest().upload({ from, to: join(folder, 'no', 'such', 'file') }), {
      code: 'step-failed',
      message: /no\/such\/file/,
    });
    await assert.rejects(
      guest().upload({ from: { kind: 'file', path: join(folder, 'none') }, to: '/tmp/x' }),
      {
        code: 'file-missing',
      },
    );
    await assert.rejects(guest().download(join(folder, 'none'), join(folder, 'x')), {
      code: 'step-failed',
      message: /none/,
    });
    await assert.rejects(guest().download(folder, join(folder, 'x')), { code: 'step-failed' });
    await assert.rejects(guest().uploadTree(join(folder, 'none'), '/tmp'), { code: 'file-missing' });
    await assert.rejects(guest().downloadTree(join(folder, 'none'), join(folder, 'x')), {
      code: 'step-failed',
      message: /none/,
    });
    assert.deepEqual(await guest().exec({ command: 'exit 5' }), { kind: 'exited', code: 5 });
  });

  test(`${name}: a cancelled upload ends at once and leaves the connection usable`, async (t) => {
    const folder = await temporaryFolder(t);
    const cancel = new AbortController();
    const copying = guest().upload({
      from: { kind: 'bytes', bytes: Buffer.alloc(50_000_000) },
      to: join(folder, 'big'),
      signal: cancel.signal,
      onProgress: () => cancel.abort(),
    });
    await assert.rejects(copying, { code: 'cancelled' });
    assert.deepEqual(await guest().exec({ command: 'true' }), { kind: 'exited', code: 0 });
  });
}

test('a path in the home directory may start with a tilde', async () => {
  const guest = guests.get('scp')!;
  const name = `kiln test ${process.pid}`;
  await guest.upload({ from: { kind: 'bytes', bytes: Buffer.from('home') }, to: `~/${name}` });
  const lines: string[] = [];
  await guest.exec({
    command: `cat "$HOME/${name}" && rm "$HOME/${name}"`,
    onLine: (line) => lines.push(line),
  });
  assert.deepEqual(lines, ['home']);
});

test('without scp in the machine sftp is used, and without sftp scp, with a word about it', async (t) => {
  const folder = await temporaryFolder(t);
  const from = { kind: 'bytes', bytes: Buffer.from('x') } as const;
  const withoutScp = await startSshd({ path: await linkPrograms(['sh', 'mkdir', 'cat']) });
  t.after(() => withoutScp.stop());
  const withoutSftp = await startSshd({ config: ['Subsystem sftp /bin/false'] });
  t.after(() => withoutSftp.stop());
  const cases = [
    { server: withoutScp, fileTransfer: 'scp', said: /no scp; copying with sftp/ },
    { server: withoutSftp, fileTransfer: 'sftp', said: /no sftp; copying with scp/ },
  ] as const;
  for (const { server, fileTransfer, said } of cases) {
    const messages: string[] = [];
    const guest = await connectTo(server, { fileTransfer }, { onMessage: (text) => messages.push(text) });
    const to = join(folder, fileTransfer);
    await guest.upload({ from, to });
    await guest.upload({ from, to });
    assert.equal(await readFile(to, 'utf8'), 'x');
    await guest.download(to, `${to}-back`);
    assert.equal(await readFile(`${to}-back`, 'utf8'), 'x');
    assert.equal(messages.filter((text) => said.test(text)).length, 1);
    await guest.close();
  }
});

async function makeTree(root: string): Promise<void> {
  await mkdir(join(root, 'sub', 'deep er'), { recursive: true });
  await mkdir(join(root, 'empty'));
  await chmod(join(root, 'empty'), 0o750);
  for (const odd of oddNames) await writeFile(join(root, 'sub', odd), odd);
  await writeFile(join(root, 'sub', 'deep er', 'run'), '#!/bin/sh\n');
  await chmod(join(root, 'sub', 'deep er', 'run'), 0o755);
  await writeFile(join(root, 'private'), 'x'.repeat(100_000));
  await chmod(join(root, 'private'), 0o600);
  await symlink('sub/plain', join(root, 'link'));
  await symlink('../nowhere', join(root, 'sub', 'broken link'));
  await symlink('sub', join(root, 'folder link'));
}

/** Every path with its kind, mode and content. */
async function describeTree(root: string, inside = ''): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const name of (await readdir(join(root, inside))).sort()) {
    const path = join(inside, name);
    const facts = await lstat(join(root, path));
    const mode = (facts.mode & 0o7777).toString(8);
    if (facts.isSymbolicLink()) tree[path] = `-> ${await readlink(join(root, path))}`;
    else if (facts.isFile()) tree[path] = `file ${mode} ${digest(await readFile(join(root, path)))}`;
    else Object.assign(tree, { [path]: `folder ${mode}` }, await describeTree(root, path));
  }
  return tree;
}

/** Content of every regular file, by its path; a link is none. */
async function filesUnder(root: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[relative(root, path)] = await readFile(path, 'utf8');
  }
  return files;
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 8);
}

function withoutSpecial(tree: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(tree).filter(([path, what]) => !what.startsWith('->') && !path.includes('\n')),
  );
}

async function removeSpecial(root: string): Promise<void> {
  for (const path of ['link', 'folder link', 'sub/broken link', 'sub/line\nend']) await rm(join(root, path));
}
