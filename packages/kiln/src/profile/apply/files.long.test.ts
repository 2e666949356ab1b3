import assert from 'node:assert/strict';
import { lstat, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { FileWish } from '../../plan/profile.ts';
import { profileOf, textFile } from './testing/profile-parts.ts';
import { type SystemShell, smallSystem, smallSystemObstacle } from './testing/small-system.ts';

const shells: readonly SystemShell[] = ['dash', 'bash', 'busybox'];
const skips = new Map<SystemShell, string | false>();
for (const shell of shells) skips.set(shell, (await smallSystemObstacle(shell)) ?? false);
const skip = skips.get('dash')!;

const oddNames = [
  'plain',
  'with space',
  "it's",
  '"quoted"',
  'back\\slash',
  '$HOME `x` $(touch /pwned)',
  '-dash',
  'ünï ☃',
  'line\nend',
  'end\n',
  '*',
  '[a]?',
  '%s%n',
  '~',
  '#hash',
  ';rm',
];

for (const shell of shells) {
  test(`files are as wanted after applying, whatever their names and content, with ${shell}`, {
    skip: skips.get(shell)!,
  }, async (t) => {
    const { apply, check, tree } = await smallSystem(t, shell);
    const contents = [
      ...oddNames,
      'END\nEND_1\n',
      'no end',
      '\r\n',
      '\t tab\n',
      '',
      '\u0000\u0001',
      "'\n'\n",
    ];
    const files: readonly FileWish[] = [
      { kind: 'directory', path: '/opt/odd', exact: false, mode: 0o750 },
      ...oddNames.map((name, index) => textFile(`/opt/odd/${name}`, contents[index]!)),
      ...contents.map((text, index) =>
        textFile(`/opt/contents/${index}`, text, { mode: 0o640, owner: 'ann', group: 'bob' }),
      ),
      {
        kind: 'file',
        path: '/opt/bytes',
        content: { kind: 'bytes', base64: Buffer.from([0, 255, 10, 13]).toString('base64') },
        secret: false,
      },
      ...oddNames.map(
        (name, index): FileWish => ({ kind: 'link', path: `/opt/links/${index}`, target: name }),
      ),
      { kind: 'file', path: '/opt/empty', secret: false },
    ];
    const profile = profileOf({ files });
    const before = await check(profile);
    assert.equal(before.counts['would-change'], files.length, before.told.join('\n'));
    assert.deepEqual(await readdir(join(tree, 'opt')).catch(() => []), [], 'a check writes nothing');
    const first = await apply(profile);
    assert.equal(first.counts.changed, files.length, first.told.join('\n'));
    for (const [index, name] of oddNames.entries()) {
      assert.equal(await readFile(join(tree, 'opt/odd', name), 'utf8'), contents[index]);
      assert.equal(await readlink(join(tree, 'opt/links', String(index))), name);
    }
    for (const [index, text] of contents.entries()) {
      const path = join(tree, 'opt/contents', String(index));
      assert.equal(await readFile(path, 'utf8'), text);
      const { mode, uid, gid } = await stat(path);
      assert.deepEqual([mode & 0o7777, uid, gid], [0o640, 1000, 1001]);
    }
    assert.deepEqual(await readFile(join(tree, 'opt/bytes')), Buffer.from([0, 255, 10, 13]));
    assert.equal((await stat(join(tree, 'opt/odd'))).mode & 0o7777, 0o750);
    for (const again of [await apply(profile), await check(profile)]) assert.deepEqual(again.told, []);
    assert.deepEqual(await readdir(join(tree, 'tmp')), [], 'nothing temporary is left');
    await assert.rejects(lstat(join(tree, 'pwned')), { code: 'ENOENT' });
  });
}

test('a file keeps the attributes that nobody speaks of, and gets those that are wanted', {
  skip,
}, async (t) => {
  const { apply, check, sh, tree } = await smallSystem(t);
  await sh('echo old >/etc/a; chown ann:bob /etc/a; chmod 4755 /etc/a; echo same >/etc/b; chmod 600 /etc/b');
  const profile = profileOf({
    files: [textFile('/etc/a', 'new\n'), textFile('/etc/b', 'same\n', { mode: 0o644, owner: 'bob' })],
  });
  assert.deepEqual(
    (await check(profile)).told.filter((line) => !/content/.test(line)),
    [
      'file /etc/a would change',
      'file /etc/b would change',
      '  mode: 600, should be 644',
      '  owner: root, should be bob',
    ],
  );
  const before = await stat(join(tree, 'etc/b'));
  await apply(profile);
  const a = await stat(join(tree, 'etc/a'));
  assert.deepEqual([a.mode & 0o7777, a.uid, a.gid], [0o4755, 1000, 1001]);
  const b = await stat(join(tree, 'etc/b'));
  assert.deepEqual(
    [b.mode & 0o7777, b.uid, b.gid, b.ino],
    [0o644, 1001, 0, before.ino],
    'content that is right is not written again',
  );
  assert.deepEqual((await check(profile)).told, []);
});

test('what stands in the way of a file is told, and a link is replaced', { skip }, async (t) => {
  const { apply, check, sh, tree } = await smallSystem(t);
  await sh(
    'mkdir /etc/folder; mkfifo /etc/pipe 2>/dev/null || :; echo target >/etc/target; ln -s target /etc/link',
  );
  const profile = profileOf({
    files: [
      textFile('/etc/folder', 'x'),
      textFile('/etc/link', 'mine\n'),
      textFile('/etc/target/below', 'x'),
    ],
  });
  const result = await apply(profile);
  assert.deepEqual(
    result.reports.map(({ outcome, message }) => [outcome, message]),
    [
      ['failed', '/etc/folder is a folder'],
      ['changed', undefined],
      ['failed', 'the folder /etc/target cannot be made'],
    ],
  );
  assert.equal(await readFile(join(tree, 'etc/target'), 'utf8'), 'target\n');
  assert.equal((await lstat(join(tree, 'etc/link'))).isFile(), true);
  assert.equal((await check(profile)).counts.ok, 1);
});

test('folders above a file are made, for whom the folder above them belongs to', { skip }, async (t) => {
  const { apply, tree } = await smallSystem(t);
  await apply(
    profileOf({
      files: [textFile('/home/ann/.config/app/rc', 'x', { owner: 'ann' }), textFile('/srv/a/b/c', 'x')],
    }),
  );
  for (const name of ['.config', '.config/app']) {
    const { uid, gid, mode } = await stat(join(tree, 'home/ann', name));
    assert.deepEqual([uid, gid, mode & 0o777], [1000, 1000, 0o755], name);
  }
  assert.equal((await stat(join(tree, 'srv/a/b'))).uid, 0);
});

test('links that a user has planted are not followed', { skip }, async (t) => {
  const { apply, check, sh, tree } = await smallSystem(t);
  await sh(`
    echo precious >/etc/precious; chmod 600 /etc/precious
    mkdir /etc/secret.d
    ln -s /etc/secret.d /home/ann/.ssh; ln -s /etc/precious /home/ann/note; ln -s /etc /home/ann/deep
    chown -h ann:ann /home/ann/.ssh /home/ann/note /home/ann/deep`);
  const profile = profileOf({
    files: [
      textFile('/home/ann/.ssh/authorized_keys', 'key\n', { owner: 'ann', mode: 0o600 }),
      textFile('/home/ann/note', 'mine\n', { owner: 'ann' }),
      { kind: 'directory', path: '/home/ann/deep', exact: false, owner: 'ann', mode: 0o777 },
      { kind: 'absent', path: '/home/ann/deep/precious', recursive: false },
      { kind: 'file', path: '/home/ann/deep/precious', mode: 0o666, owner: 'ann', secret: false },
    ],
  });
  const result = await apply(profile);
  assert.deepEqual(
    result.reports.map(({ resource, outcome, message }) => [resource.name, outcome, message]),
    [
      [
        '/home/ann/deep/precious',
        'failed',
        '/home/ann/deep is a link that belongs to a user: it is not followed',
      ],
      ['/home/ann/deep', 'failed', '/home/ann/deep is a link that belongs to a user: it is not followed'],
      [
        '/home/ann/.ssh/authorized_keys',
        'failed',
        '/home/ann/.ssh is a link that belongs to a user: it is not followed',
      ],
      ['/home/ann/note', 'changed', undefined],
      ['/home/ann/deep/precious', 'skipped', 'file /home/ann/deep failed'],
    ],
  );
  assert.equal(await readFile(join(tree, 'etc/precious'), 'utf8'), 'precious\n');
  const { mode, uid } = await stat(join(tree, 'etc/precious'));
  assert.deepEqual([mode & 0o777, uid], [0o600, 0]);
  assert.deepEqual(await readdir(join(tree, 'etc/secret.d')), []);
  assert.equal(await readFile(join(tree, 'home/ann/note'), 'utf8'), 'mine\n', 'the link itself was replaced');
  assert.equal((await check(profile)).counts.failed, 3);
});

test('links that root has made are followed on the way to a file', { skip }, async (t) => {
  const { apply, check, sh, tree } = await smallSystem(t);
  await sh('mkdir -p /data/app; ln -s /data/app /opt; ln -s ../data /srv/up; ln -s /srv/up /etc/twice');
  const profile = profileOf({
    files: [
      textFile('/opt/one', '1'),
      textFile('/srv/up/app/two', '2'),
      textFile('/etc/twice/app/three', '3'),
      { kind: 'directory', path: '/opt', exact: false, mode: 0o700 },
    ],
  });
  assert.equal((await apply(profile)).counts.changed, 4);
  assert.deepEqual((await readdir(join(tree, 'data/app'))).sort(), ['one', 'three', 'two']);
  assert.equal((await stat(join(tree, 'data/app'))).mode & 0o777, 0o700);
  assert.equal((await lstat(join(tree, 'opt'))).isSymbolicLink(), true);
  assert.deepEqual((await check(profile)).told, []);
  await sh('ln -s loop /etc/loop');
  const { reports } = await apply(profileOf({ files: [textFile('/etc/loop/x', 'x')] }));
  assert.equal(reports[0]?.outcome, 'failed');
});

test('a user who changes folders while root writes gets nothing that is not theirs', { skip }, async (t) => {
  const { apply, sh, tree, guest } = await smallSystem(t);
  await sh(
    'mkdir /etc/target.d; echo precious >/etc/target.d/authorized_keys; chmod 600 /etc/target.d/authorized_keys',
  );
  // Turns the folder into a link of ann's and back as fast as it can. One that root has just made is root's.
  await sh('ln -s /etc/target.d /home/ann/.link; chown -h ann /home/ann/.link');
  const attack = guest.exec({
    command: `cd /home/ann; while [ ! -e /tmp/stop ]; do
      rm -rf .ssh; mv -T .link .ssh 2>/dev/null && mv -T .ssh .link; mkdir .ssh; : >.ssh/authorized_keys; chown -R ann .ssh; done`,
  });
  const profile = profileOf({
    files: [textFile('/home/ann/.ssh/authorized_keys', 'key\n', { owner: 'ann', group: 'ann', mode: 0o644 })],
  });
  for (let round = 0; round < 12; round += 1) await apply(profile);
  await sh('touch /tmp/stop');
  await attack;
  assert.equal(await readFile(join(tree, 'etc/target.d/authorized_keys'), 'utf8'), 'precious\n');
  const { mode, uid } = await stat(join(tree, 'etc/target.d/authorized_keys'));
  assert.deepEqual([mode & 0o777, uid], [0o600, 0]);
});

test('what is to be absent goes away, folders only when they are empty or meant whole', {
  skip,
}, async (t) => {
  const { apply, check, sh, tree } = await smallSystem(t);
  await sh('mkdir -p /srv/full/x /srv/empty /srv/all/y; echo x >/srv/file; ln -s /etc /srv/link');
  const profile = profileOf({
    files: ['full', 'empty', 'all', 'file', 'link', 'never'].map((name) => ({
      kind: 'absent',
      path: `/srv/${name}`,
      recursive: name === 'all',
    })),
  });
  const { reports } = await apply(profile);
  assert.deepEqual(
    reports.map(({ outcome }) => outcome),
    ['failed', 'changed', 'changed', 'changed', 'changed', 'ok'],
  );
  assert.match(reports[0]?.message ?? '', /folder with something in it/);
  assert.deepEqual(await readdir(join(tree, 'srv')), ['full']);
  assert.notEqual((await readdir(join(tree, 'etc'))).length, 0);
  assert.equal((await check(profile)).counts.failed, 0);
});

test('large files go beside the script, and arrive whole', { skip }, async (t) => {
  const { apply, check, folder, tree } = await smallSystem(t);
  const path = join(folder, 'large');
  await writeFile(path, Buffer.alloc(3_000_000, 'large\n'));
  const profile = profileOf({
    files: [
      { kind: 'file', path: '/srv/large', content: { kind: 'local', path }, secret: false, mode: 0o600 },
    ],
  });
  assert.equal((await apply(profile)).counts.changed, 1);
  assert.equal((await stat(join(tree, 'srv/large'))).size, 3_000_000);
  assert.deepEqual((await check(profile)).told, []);
});
