import assert from 'node:assert/strict';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { namespaceObstacle } from '../../base/user-namespace.ts';
import { findProgram } from '../../hosts/qemu/programs.ts';
import { folderScene } from './testing/folder-scene.ts';

const obstacle = await namespaceObstacle();
const isRoot = process.getuid?.() === 0;

for (const tools of ['gnu', 'busybox'] as const) {
  const missing = tools === 'busybox' && findProgram('busybox') === undefined;
  const skip = missing
    ? 'busybox is not installed'
    : obstacle && !isRoot
      ? obstacle.message
      : !isRoot && 'files with other owners take root';

  test(`a folder is copied into a machine with ${tools} tools, and then only what has changed`, {
    skip,
  }, async (t) => {
    const { attach, tree, source, said } = await folderScene(t, tools);
    const there = join(tree, 'srv/my app');
    const [first] = await attach();
    assert.equal(first!.how, 'copied');
    assert.deepEqual(said, []);
    assert.deepEqual((await readdir(there, { recursive: true })).sort(), [
      'lib',
      'lib/inner',
      "lib/inner/it's a name.txt",
      'lib/run.sh',
      'link',
      'one.txt',
    ]);
    // What links lead to stands in their place, as with rsync's --copy-links, which Vagrant gives it.
    assert.equal(await readFile(join(there, 'link'), 'utf8'), 'one');
    assert.ok((await lstat(join(there, 'link'))).isFile());
    const script = await lstat(join(there, 'lib/run.sh'));
    assert.equal(script.mode & 0o777, 0o755);
    for (const path of ['', 'lib', 'lib/run.sh', 'one.txt']) {
      const { uid, gid } = await lstat(join(there, path));
      assert.deepEqual([uid, gid], [33, 44], path);
    }
    assert.equal((await attach())[0]!.sent, 0, 'nothing has changed');

    await writeFile(join(source, 'one.txt'), 'two');
    await chmod(join(source, 'lib/run.sh'), 0o700);
    await writeFile(join(there, 'made-there.txt'), 'gone soon');
    await rm(join(there, "lib/inner/it's a name.txt"));
    await rename(join(source, 'lib/inner'), join(source, 'lib/moved'));
    await attach();
    assert.equal(await readFile(join(there, 'one.txt'), 'utf8'), 'two');
    assert.equal((await lstat(join(there, 'lib/run.sh'))).mode & 0o777, 0o700);
    assert.deepEqual((await readdir(there)).sort(), ['lib', 'link', 'one.txt']);
    assert.deepEqual((await readdir(join(there, 'lib'))).sort(), ['moved', 'run.sh']);
    // BusyBox keeps no fractions of seconds: what is new is sent again there.
    assert.equal((await attach())[0]!.sent, tools === 'gnu' ? 0 : 2);
  });

  test(`a change within the same second is seen with ${tools} tools`, { skip }, async (t) => {
    const { attach, tree, source } = await folderScene(t, tools);
    const file = join(source, 'one.txt');
    const now = Math.floor(Date.now() / 1000);
    await utimes(file, now, now + 0.25);
    await attach();
    await writeFile(file, 'ONE');
    await utimes(file, now, now + 0.5);
    await attach();
    assert.equal(await readFile(join(tree, 'srv/my app/one.txt'), 'utf8'), 'ONE');
  });

  test(`things change their kind, and excluded ones stay, with ${tools} tools`, { skip }, async (t) => {
    const { attach, tree, source } = await folderScene(t, tools);
    const there = join(tree, 'srv/my app');
    const rsync = { exclude: ['cache/'], auto: true, chown: true, arguments: ['--archive', '--delete'] };
    await attach({ rsync });
    assert.ok((await lstat(join(there, 'link'))).isSymbolicLink());
    await mkdir(join(there, 'lib/cache'));
    await writeFile(join(there, 'lib/cache/kept'), '');
    await rm(join(source, 'one.txt'));
    await mkdir(join(source, 'one.txt'));
    await rm(join(source, 'lib'), { recursive: true });
    await rm(join(source, 'link'));
    await symlink('elsewhere', join(source, 'link'));
    await attach({ rsync });
    assert.ok((await lstat(join(there, 'one.txt'))).isDirectory());
    assert.deepEqual((await readdir(there, { recursive: true })).sort(), [
      'lib',
      'lib/cache',
      'lib/cache/kept',
      'link',
      'one.txt',
    ]);
  });
}

const skip = !isRoot && 'files with other owners take root';

test('large files and many of them arrive whole', { skip }, async (t) => {
  const { attach, tree, source } = await folderScene(t, 'gnu');
  const large = Buffer.alloc(20 << 20, 'kiln ');
  await writeFile(join(source, 'large.bin'), large, { mode: 0o640 });
  await mkdir(join(source, 'many'));
  for (let index = 0; index < 300; index++)
    await writeFile(join(source, `many/${index}`), Buffer.alloc(40_000, String(index)));
  await attach();
  const there = join(tree, 'srv/my app');
  assert.ok(large.equals(await readFile(join(there, 'large.bin'))));
  const { mode, uid } = await lstat(join(there, 'large.bin'));
  assert.deepEqual([mode & 0o777, uid], [0o640, 33]);
  assert.equal((await readdir(join(there, 'many'))).length, 300);
  assert.equal(await readFile(join(there, 'many/299'), 'utf8'), '299'.repeat(14_000).slice(0, 40_000));
  assert.equal((await attach())[0]!.sent, 0);
});

test('a program that reads while files are copied sees old or new ones, and nothing between', {
  skip: !isRoot && 'files with other owners take root',
}, async (t) => {
  const { attach, source, tree } = await folderScene(t, 'gnu');
  const versions = Array.from({ length: 8 }, (_, index) => String(index).repeat(200_000));
  await writeFile(join(source, 'one.txt'), versions[0]!);
  await attach();
  const target = join(tree, 'srv/my app/one.txt');
  let reads = 0;
  let copying = true;
  const reading = (async () => {
    while (copying) {
      const content = await readFile(target, 'utf8');
      assert.ok(versions.includes(content), `${content.length} characters`);
      const { mode } = await stat(target);
      assert.equal(mode & 0o777, 0o644);
      reads++;
    }
  })();
  try {
    for (const version of versions) {
      await writeFile(join(source, 'one.txt'), version);
      await Promise.race([attach(), reading]);
    }
  } finally {
    copying = false;
  }
  await reading;
  assert.ok(reads > versions.length, `${reads} reads`);
  assert.deepEqual(
    (await readdir(join(tree, 'srv/my app'))).filter((name) => name.startsWith('.kiln')),
    [],
  );
});

test('a mount that the kernel cannot do becomes a copy, and people are told', { skip }, async (t) => {
  const { attach, tree, said } = await folderScene(t, 'gnu');
  assert.equal((await attach({ type: '9p' }))[0]!.how, 'copied');
  assert.match(said.join('\n'), /\/srv\/my app is a copy of .*, and not mounted: /);
  assert.equal(await readFile(join(tree, 'srv/my app/one.txt'), 'utf8'), 'one');
});

test('an owner that the machine does not have, and a folder that is not there, are named', {
  skip,
}, async (t) => {
  const { attach } = await folderScene(t, 'gnu');
  await assert.rejects(attach({ owner: 'nobody-here' }), /\/srv\/my app: the machine has no nobody-here/);
  await assert.rejects(attach({ hostPath: '/nowhere/at/all' }), { code: 'file-missing' });
});

test('what a machine says of its files leads nowhere else', { skip }, async (t) => {
  const { attach, tree, source } = await folderScene(t, 'gnu');
  await attach();
  const there = join(tree, 'srv/my app');
  // A link in place of a folder, to where the copy must not go; and names that could be lines of the listing.
  await rm(join(there, 'lib'), { recursive: true });
  await mkdir(join(tree, 'outside'));
  await writeFile(join(tree, 'outside/kept'), '');
  await symlink('/outside', join(there, 'lib'));
  await writeFile(join(there, 'x\n: f 644 0 1 0 0 ..'), '');
  await attach();
  assert.deepEqual(await readdir(join(tree, 'outside')), ['kept']);
  assert.ok((await lstat(join(there, 'lib'))).isDirectory());
  assert.equal(await readFile(join(source, 'one.txt'), 'utf8'), 'one');
});
