import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { directoryAccess } from './directory-access.ts';
import { readInventory } from './read-inventory.ts';
import { treeSystem } from './tree-system.ts';

/** A folder with a tree in it, and a secret beside the tree. */
function makeTree(t: TestContext): { readonly root: string; readonly outside: string } {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-tree-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'tree');
  const outside = join(folder, 'outside');
  mkdirSync(join(root, 'etc'), { recursive: true });
  mkdirSync(outside);
  writeFileSync(join(outside, 'passwd'), 'secret:x:0:0::/:/bin/sh\n');
  return { root, outside };
}

function open(t: TestContext, root: string) {
  const access = directoryAccess(root);
  t.after(() => access.close());
  return access;
}

test('links lead nowhere: neither files nor folders behind them are read', async (t) => {
  const { root, outside } = makeTree(t);
  symlinkSync(join(outside, 'passwd'), join(root, 'etc/passwd'));
  symlinkSync(outside, join(root, 'srv'));
  symlinkSync('../../outside', join(root, 'etc/up'));
  const access = open(t, root);
  assert.equal(await access.read('/etc/passwd', 1 << 20), undefined);
  assert.equal(await access.read('/srv/passwd', 1 << 20), undefined);
  assert.equal(await access.read('/etc/up/passwd', 1 << 20), undefined);
  assert.equal(await access.children('/srv'), undefined);
  assert.equal(await access.entry('/srv/passwd'), undefined);
  assert.equal((await access.entry('/srv'))?.target, outside);
});

test('a path that goes up is refused instead of followed', async (t) => {
  const { root } = makeTree(t);
  await assert.rejects(open(t, root).read('/../outside/passwd', 100), RangeError);
});

test('a folder that is exchanged for a link while the tree is open does not lead out of it', async (t) => {
  const { root, outside } = makeTree(t);
  mkdirSync(join(root, 'opt'));
  writeFileSync(join(root, 'opt/passwd'), 'inside');
  const access = open(t, root);
  assert.equal(Buffer.from((await access.read('/opt/passwd', 100))!).toString(), 'inside');
  renameSync(join(root, 'opt'), join(root, 'gone'));
  symlinkSync(outside, join(root, 'opt'));
  assert.equal(await access.read('/opt/passwd', 1 << 20), undefined);
});

test('what is no regular file is not opened: a pipe does not make it wait', async (t) => {
  const { root } = makeTree(t);
  execFileSync('mkfifo', [join(root, 'etc/passwd')]);
  const access = open(t, root);
  assert.equal(await access.read('/etc/passwd', 100), undefined);
  const inventory = await readInventory(treeSystem(access, 'a tree'));
  assert.deepEqual(inventory.users, []);
  assert.ok(inventory.gaps.some((gap) => gap.includes('no /etc/passwd that could be read')));
});

test('a huge file is left alone', async (t) => {
  const { root } = makeTree(t);
  writeFileSync(join(root, 'etc/passwd'), '');
  truncateSync(join(root, 'etc/passwd'), 2 ** 40);
  mkdirSync(join(root, 'opt'));
  writeFileSync(join(root, 'opt/disk'), '');
  truncateSync(join(root, 'opt/disk'), 2 ** 40);
  const { users, files } = await readInventory(treeSystem(open(t, root), 'a tree'));
  assert.deepEqual(users, []);
  const disk = files.find((file) => file.path === '/opt/disk');
  assert.deepEqual([disk?.size, disk?.sha256], [2 ** 40, undefined]);
});

test('a folder that is not there is told by its name', () => {
  assert.throws(() => directoryAccess('/nowhere/tree'), { code: 'file-missing', message: /\/nowhere\/tree/ });
});
