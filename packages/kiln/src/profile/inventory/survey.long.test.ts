import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { namespaceObstacle } from '../../base/user-namespace.ts';
import { ChrootGuest } from '../../guests/chroot-guest.ts';
import type { GuestCommand } from '../../guests/guest.ts';
import { connectTo } from '../../guests/testing/connect.ts';
import { startSshd } from '../../guests/testing/sshd.ts';
import { makeTinyTree, tinyPrograms } from '../../guests/testing/tiny-tree.ts';
import { debianNodes, writeNodes } from '../testing/debian-tree.ts';
import { encodeName } from './byte-names.ts';
import { directoryAccess } from './directory-access.ts';
import { type CommandRunner, guestSystem } from './guest-system.ts';
import type { Survey } from './survey.ts';
import { inventoryQuery } from './survey-query.ts';
import { treeSystem } from './tree-system.ts';

/** What the script uses, as coreutils, findutils, grep, gzip and tar have it. */
const programs = [
  ...tinyPrograms,
  ...[
    'find',
    'grep',
    'base64',
    'gzip',
    'head',
    'tar',
    'wc',
    'tr',
    'id',
    'uname',
    'readlink',
    'md5sum',
    'sha256sum',
    'od',
  ],
];

const files = {
  '/etc/app.conf': 'port = 80\n',
  '/etc/empty': '',
  '/etc/space name': 'x',
  '/etc/back\\slash': 'backslash',
  '/etc/ünïcode': 'u',
  '/etc/dangling': { link: '/nowhere/at all' },
  '/etc/sysctl.d/10-app.conf': 'vm.swappiness = 10\n',
  '/etc/passwd':
    'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/sh\ngit:x:998:998::/srv/git:/bin/sh\nbad:x:1001:1001::/home/../etc:/bin/sh\nlost:x:1002:1002::/nonexistent:/bin/sh\n',
  '/home/ann/.bashrc': 'alias l=ls\n',
  '/home/ann/notes.txt': 'not looked at\n',
  '/home/ann/.ssh/authorized_keys': { text: 'ssh-ed25519 AAAA ann\n', mode: 0o600 },
  '/home/ann/.config/tool/settings.ini': 'a=1\n',
  '/srv/git/.ssh/authorized_keys': 'ssh-ed25519 AAAA git\n',
  '/opt/tool/bin/tool': { text: '#!/bin/sh\n', mode: 0o4755 },
} as const;

async function makeTree(
  t: TestContext,
  more: (root: string) => void = () => {},
  wanted: readonly string[] = programs,
): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), 'kiln-survey-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const nodes = debianNodes({ files });
  // The tree of programs has these links itself.
  for (const path of ['/bin', '/lib']) nodes.delete(path);
  await makeTinyTree(root, wanted);
  writeNodes(root, nodes);
  more(root);
  return root;
}

async function openGuest(t: TestContext, root: string): Promise<ChrootGuest> {
  const guest = await ChrootGuest.open({ root: { kind: 'directory', path: root } });
  t.after(() => guest.close());
  return guest;
}

/** Owners, and what a running system puts over its own tree, are not those of the tree. */
function comparable(survey: Survey): object {
  const entries = [...survey.entries.values()]
    .filter(({ path }) => path === '/etc' || path.lastIndexOf('/') > 0)
    .map(({ uid: _uid, gid: _gid, ...entry }) => entry);
  return {
    entries,
    contents: new Map(
      [...survey.contents].sort().map(([path, bytes]) => [path, Buffer.from(bytes).toString('latin1')]),
    ),
    matches: survey.matches,
    database: survey.database,
    gaps: survey.gaps.filter((gap) => !gap.includes('without root')),
  };
}

test('the script in a running system gives the same survey as the files of its tree', async (t) => {
  const obstacle = await namespaceObstacle();
  if (obstacle) return t.skip(obstacle.message);
  const root = await makeTree(t, (tree) => {
    writeFileSync(Buffer.concat([Buffer.from(`${tree}/etc/`), Buffer.from([0x62, 0xff])]), 'bytes');
    mkdirSync(join(tree, 'etc/two\nlines'));
    writeFileSync(join(tree, 'etc/two\nlines/inner'), '');
    execFileSync('mkfifo', [join(tree, 'etc/pipe')]);
  });
  const guest = await openGuest(t, root);
  const access = directoryAccess(root);
  t.after(() => access.close());
  const live = await guestSystem(guest, 'live').survey(inventoryQuery);
  const tree = await treeSystem(access, 'tree').survey(inventoryQuery);
  assert.deepEqual(comparable(live), comparable(tree));
  assert.equal(tree.entries.get('/etc/pipe')?.kind, 'fifo');
  assert.ok(
    [...tree.entries.keys()].some((path) => encodeName(path).equals(Buffer.from('/etc/b\xff', 'latin1'))),
  );
  assert.deepEqual(tree.gaps, ['1 file with a line break in its name was not looked at']);
  assert.ok(live.running?.kernel);
});

test('the tools of busybox, without gzip, base64 and tar, give the same survey', async (t) => {
  const obstacle = await namespaceObstacle();
  if (obstacle) return t.skip(obstacle.message);
  if (!existsSync('/usr/bin/busybox') && !existsSync('/bin/busybox'))
    return t.skip('busybox is not installed');
  const root = await makeTree(
    t,
    (tree) => {
      mkdirSync(join(tree, 'busybox'));
      const applets = execFileSync('busybox', ['--list'], { encoding: 'utf8' }).trim().split('\n');
      const links = applets.filter((applet) => !['busybox', 'gzip', 'base64', 'tar'].includes(applet));
      for (const applet of links) symlinkSync('../usr/bin/busybox', join(tree, 'busybox', applet));
      for (const name of ['gzip', 'base64', 'tar']) rmSync(join(tree, 'usr/bin', name));
    },
    [...programs, 'busybox'],
  );
  const guest = await openGuest(t, root);
  const inBusybox: CommandRunner = {
    exec: (command: GuestCommand) =>
      guest.exec({ ...command, command: `PATH=/busybox; export PATH; ${command.command}` }),
  };
  const access = directoryAccess(root);
  t.after(() => access.close());
  const live = await guestSystem(inBusybox, 'live').survey(inventoryQuery);
  assert.deepEqual(comparable(live), comparable(await treeSystem(access, 'tree').survey(inventoryQuery)));
});

test('contents that are asked for later come from a running system too, and only up to the limit', async (t) => {
  const obstacle = await namespaceObstacle();
  if (obstacle) return t.skip(obstacle.message);
  const root = await makeTree(t);
  const guest = await openGuest(t, root);
  const paths = [
    '/etc/app.conf',
    '/etc/space name',
    '/etc/back\\slash',
    '/etc/dangling',
    '/etc/none',
    '/etc',
    '/etc/ünïcode',
  ];
  const found = await guestSystem(guest, 'live').read(paths, 9);
  const texts = Object.fromEntries([...found].map(([path, bytes]) => [path, Buffer.from(bytes).toString()]));
  assert.deepEqual(texts, { '/etc/space name': 'x', '/etc/back\\slash': 'backslash', '/etc/ünïcode': 'u' });
  assert.equal((await guestSystem(guest, 'live').read(['/etc/app.conf'], 10)).size, 1);
});

test('a machine over SSH is looked at in one go, by whoever logs in', async (t) => {
  const server = await startSshd();
  t.after(() => server.stop());
  const guest = await connectTo(server);
  t.after(() => guest.close());
  let commands = 0;
  const counted: CommandRunner = {
    exec: (command) => {
      commands += 1;
      return guest.exec(command);
    },
  };
  const { entries, contents, running } = await guestSystem(counted, 'this host').survey(inventoryQuery);
  assert.equal(commands, 1);
  assert.equal(running?.kernel, release());
  const group = contents.get('/etc/group')!;
  assert.deepEqual(Buffer.from(group), readFileSync('/etc/group'));
  const sha256 = createHash('sha256').update(group).digest('hex');
  assert.equal(entries.get('/etc/group')?.sha256, sha256);
});
