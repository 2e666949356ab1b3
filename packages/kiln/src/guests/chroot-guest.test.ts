import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sleep } from '../base/cancellation.ts';
import { processStartTime } from '../base/processes.ts';
import { namespaceObstacle } from '../base/user-namespace.ts';
import { ChrootGuest, type ChrootOptions } from './chroot-guest.ts';
import { temporaryFolder as makeFolder } from './testing/temporary-folder.ts';
import { makeTinyTree, tinyPrograms } from './testing/tiny-tree.ts';

const obstacle = await namespaceObstacle();
const options = obstacle ? { skip: `${obstacle.message} (${obstacle.hint})` } : {};

const open = new WeakMap<TestContext, ChrootGuest[]>();

/** Clean-ups run in the order in which they are registered: guests are closed before the folder goes. */
async function temporaryFolder(t: TestContext): Promise<string> {
  const guests: ChrootGuest[] = [];
  open.set(t, guests);
  t.after(async () => {
    for (const guest of guests) await guest.close();
  });
  return await makeFolder(t);
}

async function openGuest(t: TestContext, options: ChrootOptions): Promise<ChrootGuest> {
  const guest = await ChrootGuest.open(options);
  open.get(t)!.push(guest);
  return guest;
}

async function openTree(
  t: TestContext,
  more: Partial<ChrootOptions> = {},
  prepare: (tree: string) => Promise<void> = async () => {},
): Promise<{ readonly guest: ChrootGuest; readonly tree: string; readonly folder: string }> {
  const folder = await temporaryFolder(t);
  const tree = join(folder, 'tree');
  await makeTinyTree(tree);
  await prepare(tree);
  const guest = await openGuest(t, { root: { kind: 'directory', path: tree }, scratch: folder, ...more });
  return { guest, tree, folder };
}

async function output(guest: ChrootGuest, command: string, input?: string): Promise<string> {
  const lines: string[] = [];
  const exit = await guest.exec({
    command,
    onLine: (line) => lines.push(line),
    ...(input === undefined ? {} : { input }),
  });
  assert.deepEqual(exit, { kind: 'exited', code: 0 }, lines.join('\n'));
  return lines.join('\n');
}

test(
  'commands of a tree see its files, a host name of their own, and none of the host',
  options,
  async (t) => {
    const { guest, tree } = await openTree(t, { hostname: 'oven' });
    await writeFile(join(tree, 'etc/motd'), 'welcome\n');
    assert.equal(await output(guest, 'cat /etc/motd; echo "$HOME"; pwd'), 'welcome\n/root\n/root');
    assert.equal(await output(guest, 'cat /proc/sys/kernel/hostname'), 'oven');
    assert.notEqual(hostname(), 'oven');
    assert.equal(await output(guest, 'cat', 'through "$PATH"'), 'through "$PATH"');
    assert.equal(await output(guest, 'ls /proc/1/root/old'), '', 'the first process has nothing of the host');
    assert.equal(await output(guest, 'ls /proc/1/root/tree'), await output(guest, 'ls /'));
    assert.deepEqual(await guest.exec({ command: 'exit 7' }), { kind: 'exited', code: 7 });
    assert.deepEqual(await guest.exec({ command: 'kill -9 $$' }), { kind: 'signalled', signal: 'SIGKILL' });
  },
);

test('a tree has devices, and settings of the kernel that cannot be changed', options, async (t) => {
  const { guest } = await openTree(t);
  assert.equal(
    await output(guest, 'ls /dev'),
    'fd\nfull\nnull\nptmx\npts\nrandom\nshm\nstderr\nstdin\nstdout\ntty\nurandom\nzero',
  );
  assert.equal(
    await output(guest, 'echo x >/dev/null; read -r line </dev/zero & echo done; kill $!'),
    'done',
  );
  for (const path of ['/proc/sys/kernel/panic', '/sys/kernel/profiling']) {
    const exit = await guest.exec({ command: `echo 1 2>/dev/null >${path}` });
    assert.notDeepEqual(exit, { kind: 'exited', code: 0 }, path);
  }
});

test('what was mounted is gone after closing, and the tree is as it was', options, async (t) => {
  const binds = [{ from: tmpdir(), to: '/srv/deep/er', readOnly: true }];
  const { guest, tree, folder } = await openTree(t, { network: 'host', binds }, asDebian);
  const before = await readdir(tree);
  assert.equal(await output(guest, 'ls /srv/deep; cat /usr/sbin/policy-rc.d'), 'er\n#!/bin/sh\nexit 101');
  const resolver = (await readFile('/etc/resolv.conf', 'utf8')).trim();
  assert.equal(await output(guest, 'cat /etc/resolv.conf'), resolver);
  await guest.exec({ command: '(sleep 98765 &)' });
  await guest.close();
  await guest.close();
  assert.deepEqual(
    before.filter((name) => ['dev', 'proc', 'sys', 'run'].includes(name)),
    ['dev', 'proc', 'run', 'sys'],
    'they were there while it was open',
  );
  await assertUntouched(tree);
  assert.deepEqual(await readdir(folder), ['tree']);
  await assert.rejects(guest.exec({ command: 'true' }), { code: 'guest-disconnected' });
});

test('what a tree has at the places of mounts is kept', options, async (t) => {
  const { guest, tree } = await openTree(t, { network: 'host' }, async (tree) => {
    await asDebian(tree);
    await writeFile(join(tree, 'etc/resolv.conf'), 'nameserver 192.0.2.1\n');
    await writeFile(join(tree, 'usr/sbin/policy-rc.d'), 'mine\n');
    await mkdir(join(tree, 'run'));
    await writeFile(join(tree, 'run/kept'), '');
  });
  assert.equal(await output(guest, 'cat /run/kiln/resolv.conf; ls /run'), 'nameserver 192.0.2.1\nkiln\nlock');
  await output(guest, 'echo nameserver 192.0.2.2 >/run/kiln/resolv.conf');
  await guest.close();
  assert.equal(await readFile(join(tree, 'etc/resolv.conf'), 'utf8'), 'nameserver 192.0.2.2\n');
  assert.equal(await readFile(join(tree, 'usr/sbin/policy-rc.d'), 'utf8'), 'mine\n');
  assert.deepEqual(await readdir(join(tree, 'run')), ['kept']);
});

test('a resolv.conf that is a link to systemd-resolved gets the host’s servers too', options, async (t) => {
  const { guest, tree } = await openTree(t, { network: 'host' }, async (tree) => {
    await symlink('../run/systemd/resolve/stub-resolv.conf', join(tree, 'etc/resolv.conf'));
  });
  const resolver = (await readFile('/etc/resolv.conf', 'utf8')).trim();
  assert.equal(await output(guest, 'cat /etc/resolv.conf'), resolver);
  await guest.close();
  assert.equal(await readlink(join(tree, 'etc/resolv.conf')), '../run/systemd/resolve/stub-resolv.conf');
});

test('layers are seen as one tree, and only the upper one is written', options, async (t) => {
  const folder = await temporaryFolder(t);
  const [base, middle, upper, work] = ['base, tree:1', 'middle', 'upper', 'work'].map((name) =>
    join(folder, name),
  );
  await makeTinyTree(base!);
  for (const path of [middle!, upper!, work!]) await mkdir(path);
  await mkdir(join(middle!, 'etc'));
  await writeFile(join(middle!, 'etc/motd'), 'middle\n');
  await writeFile(join(base!, 'etc/motd'), 'base\n');
  await writeFile(join(base!, 'etc/gone'), '');
  const root = { kind: 'overlay', lower: [middle!, base!], upper: upper!, work: work! } as const;
  for (const expected of ['middle', 'upper']) {
    const guest = await openGuest(t, { root, scratch: folder });
    assert.equal(await output(guest, 'cat /etc/motd'), expected);
    await output(guest, 'echo upper >/etc/motd; rm -f /etc/gone');
    await guest.close();
  }
  assert.equal(await readFile(join(upper!, 'etc/motd'), 'utf8'), 'upper\n');
  assert.equal(await readFile(join(middle!, 'etc/motd'), 'utf8'), 'middle\n');
  assert.deepEqual((await readdir(join(base!, 'etc'))).sort(), ['gone', 'motd']);
  assert.deepEqual((await readdir(upper!)).sort(), ['etc']);
});

test('links in a tree do not lead mounts to the host', options, async (t) => {
  const folder = await temporaryFolder(t);
  const outside = join(folder, 'outside');
  await mkdir(outside);
  const tree = join(folder, 'tree');
  await makeTinyTree(tree);
  await symlink(outside, join(tree, 'srv/way'));
  const openBound = (to: string) =>
    ChrootGuest.open({
      root: { kind: 'directory', path: tree },
      scratch: folder,
      binds: [{ from: '/dev/null', to, readOnly: false }],
    });
  await assert.rejects(openBound('/srv/way/file'), {
    code: 'tool-failed',
    message: /\/srv\/way is a link in the tree/,
  });
  await symlink(outside, join(tree, 'dev'));
  await assert.rejects(openBound('/srv/file'), {
    code: 'tool-failed',
    message: /\/dev is a link in the tree/,
  });
  assert.deepEqual(await readdir(outside), []);
  assert.deepEqual((await readdir(folder)).sort(), ['outside', 'tree']);
});

test('read-only binds cannot be written, others can', options, async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'one'), 'one\n');
  await writeFile(join(folder, "t'wo $x"), 'two\n');
  const { guest } = await openTree(t, {
    binds: [
      { from: join(folder, 'one'), to: '/srv/one', readOnly: true },
      { from: join(folder, "t'wo $x"), to: "/srv/t'wo $x", readOnly: false },
    ],
  });
  assert.equal(await output(guest, `cat /srv/one "/srv/t'wo \\$x"`), 'one\ntwo');
  await output(guest, `echo changed >"/srv/t'wo \\$x"; ! echo changed >/srv/one 2>/dev/null`);
  assert.equal(await readFile(join(folder, 'one'), 'utf8'), 'one\n');
  assert.equal(await readFile(join(folder, "t'wo $x"), 'utf8'), 'changed\n');
});

for (const { name, programs } of [
  { name: 'tar', programs: tinyPrograms },
  { name: 'no tar', programs: tinyPrograms.filter((program) => program !== 'tar') },
]) {
  test(`files and folders go into a tree with ${name}`, options, async (t) => {
    const folder = await temporaryFolder(t);
    const tree = join(folder, 'tree');
    await makeTinyTree(tree, programs);
    const guest = await openGuest(t, { root: { kind: 'directory', path: tree }, scratch: folder });
    await guest.upload({
      from: { kind: 'bytes', bytes: Buffer.from([0, 255, 10]) },
      to: "~/it's -odd",
      mode: 0o750,
    });
    assert.deepEqual(await readFile(join(tree, "root/it's -odd")), Buffer.from([0, 255, 10]));
    assert.equal((await stat(join(tree, "root/it's -odd"))).mode & 0o7777, 0o750);

    const local = join(folder, 'local');
    await mkdir(join(local, 'lib/inner'), { recursive: true });
    await writeFile(join(local, 'lib/inner/large'), Buffer.alloc(300_000, 'x'));
    await writeFile(join(local, 'lib/-dash'), '');
    await chmod(join(local, 'lib/-dash'), 0o640);
    await symlink('/nowhere', join(local, 'link'));
    await mkdir(join(tree, 'srv/usr/lib'), { recursive: true });
    await symlink('usr/lib', join(tree, 'srv/lib'));
    await guest.uploadTree(`${local}/`, '/srv');
    assert.equal(
      (await stat(join(tree, 'srv/usr/lib/inner/large'))).size,
      300_000,
      'through the link to a folder',
    );
    assert.equal((await lstat(join(tree, 'srv/lib'))).isSymbolicLink(), true);
    assert.equal((await stat(join(tree, 'srv/lib/-dash'))).mode & 0o777, 0o640);
    assert.equal(await readlink(join(tree, 'srv/link')), '/nowhere');
    await assert.rejects(guest.upload({ from: { kind: 'bytes', bytes: Buffer.of() }, to: '/no/where' }), {
      code: 'step-failed',
      message: /\/no\/where could not be written/,
    });
  });
}

test('files and folders come out of a tree, and nothing of the host with them', options, async (t) => {
  const { guest, tree, folder } = await openTree(t);
  await mkdir(join(tree, 'srv/data/inner'), { recursive: true });
  await writeFile(join(tree, 'srv/data/inner/file'), 'inside\n', { mode: 0o600 });
  await symlink('/etc/hostname', join(tree, 'srv/data/link'));
  await guest.downloadTree('/srv/data', folder);
  assert.equal(await readFile(join(folder, 'data/inner/file'), 'utf8'), 'inside\n');
  assert.equal(await readlink(join(folder, 'data/link')), '/etc/hostname');
  await guest.download('/srv/data/inner/file', join(folder, 'file'));
  assert.equal((await stat(join(folder, 'file'))).mode & 0o777, 0o600);
  await assert.rejects(guest.download('/srv/data/link', join(folder, 'other')), { code: 'step-failed' });
  assert.equal(existsSync(join(folder, 'other')), false);
  await assert.rejects(guest.downloadTree('/srv/none', join(folder, 'none')), {
    code: 'step-failed',
    message: /\/srv\/none could not be read/,
  });
});

test('a raised signal ends a command, and the tree goes on', options, async (t) => {
  const { guest } = await openTree(t);
  const controller = new AbortController();
  const started = performance.now();
  const exec = guest.exec({
    command: 'echo up; sleep 98765',
    onLine: () => controller.abort(),
    signal: controller.signal,
  });
  await assert.rejects(exec, { code: 'cancelled' });
  assert.ok(performance.now() - started < 30_000);
  assert.equal(await output(guest, 'echo still here'), 'still here');
});

test('when Kiln is killed, all that ran in the tree ends and the tree is as it was', options, async (t) => {
  const folder = await temporaryFolder(t);
  const tree = join(folder, 'tree');
  await makeTinyTree(tree);
  await asDebian(tree);
  const program = `
    import { ChrootGuest } from ${JSON.stringify(fileURLToPath(new URL('./chroot-guest.ts', import.meta.url)))};
    const guest = await ChrootGuest.open({
      root: { kind: 'directory', path: ${JSON.stringify(tree)} }, scratch: ${JSON.stringify(folder)}, network: 'host',
    });
    void guest.exec({ command: 'sleep 98765 & echo $!; wait', onLine: () => console.log('running') });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
  assert.equal(existsSync(join(tree, 'proc')), true);
  const inside = await processesOf(tree);
  assert.notEqual(inside.length, 0);
  child.kill('SIGKILL');
  for (let waited = 0; waited < 10_000 && existsSync(join(tree, 'proc')); waited += 20) await sleep(20);
  for (let waited = 0; waited < 10_000 && inside.some((pid) => processStartTime(pid)); waited += 20)
    await sleep(20);
  assert.deepEqual(
    inside.filter((pid) => processStartTime(pid)),
    [],
  );
  for (let waited = 0; waited < 10_000 && (await readdir(folder)).length > 1; waited += 20) await sleep(20);
  assert.deepEqual(await readdir(folder), ['tree']);
  await assertUntouched(tree);
});

test('what a keeper that was killed itself left in the tree is removed by the next', options, async (t) => {
  const { guest, tree } = await openTree(t, { network: 'host' }, async (tree) => {
    await writeFile(join(tree, 'etc/resolv.conf'), '# Kiln mounts something here\n');
  });
  await guest.close();
  await assertUntouched(tree);
});

async function asDebian(tree: string): Promise<void> {
  await mkdir(join(tree, 'var/lib/dpkg'), { recursive: true });
}

async function assertUntouched(tree: string): Promise<void> {
  const names = await readdir(tree);
  assert.deepEqual(
    names.filter((name) => ['dev', 'proc', 'run', 'sys'].includes(name)),
    [],
  );
  for (const folder of ['srv', 'etc', 'usr/sbin'])
    assert.deepEqual(await readdir(join(tree, folder)), [], folder);
}

/** Pids of programs that were started from a tree. */
async function processesOf(tree: string): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const path = await readlink(`/proc/${name}/exe`).catch(() => '');
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    if (path.startsWith(tree) || (line.startsWith('sleep\x0098765') && path.includes('/usr/bin/sleep'))) {
      found.push(Number(name));
    }
  }
  return found;
}
