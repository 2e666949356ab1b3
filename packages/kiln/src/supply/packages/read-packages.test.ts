import assert from 'node:assert/strict';
import { test } from 'node:test';
import { treeFiles } from '../system/tree-files.ts';
import { debianFiles } from '../testing/debian-tree.ts';
import { makeTree } from '../testing/make-tree.ts';
import { readPackagedDigests, readPackages } from './read-packages.ts';

const debian = treeFiles(makeTree(debianFiles));

test('the packages of a Debian system are read with what they are made of and need', async () => {
  const { os, packages, gaps } = await readPackages(debian);
  assert.deepEqual(os, { id: 'debian', version: '12', prettyName: 'Debian GNU/Linux 12 (bookworm)' });
  assert.deepEqual(gaps, []);
  assert.deepEqual(
    packages.map(({ name, architecture }) => `${name}:${architecture}`),
    ['hello:amd64', 'libfoo:amd64', 'libfoo:i386'],
  );
  const { files: _, ...hello } = packages[0]!;
  assert.deepEqual(hello, {
    manager: 'dpkg',
    name: 'hello',
    version: '1:2.0-1+b2',
    architecture: 'amd64',
    source: { name: 'hello-src', version: '1:2.0-1' },
    maintainer: 'Jane Doe <jane@example.org>',
    homepage: 'https://example.org/hello',
    summary: 'greets',
    licenses: ['Expat', 'GPL-2+ or MIT'],
    depends: [['libfoo'], ['libbar', 'libfoo'], ['missing']],
    provides: [],
  });
  assert.deepEqual(packages[1]!.source, { name: 'libfoo', version: '1.0+dfsg~rc1-3' });
  assert.deepEqual(packages[1]!.licenses, ['LGPL-2.1']);
});

test('files belong to packages by where they really are: links of folders and diversions count', async () => {
  const { owners } = await readPackages(debian);
  const owned = [...owners].map(([path, { name, architecture }]) => `${path} ${name}:${architecture}`);
  assert.deepEqual(owned.sort(), [
    'etc/hello.conf hello:amd64',
    'usr/bin/hello hello:amd64',
    'usr/bin/tool hello:amd64',
    'usr/bin/tool.distrib libfoo:amd64',
    'usr/lib/i386-linux-gnu/libfoo.so libfoo:i386',
    'usr/lib/x86_64-linux-gnu/libfoo.so libfoo:amd64',
    'usr/share/doc/hello/copyright hello:amd64',
    'usr/share/doc/libfoo/copyright libfoo:amd64',
    'usr/share/hello/test.key hello:amd64',
  ]);
});

test('digests of files are those that the packages brought, of configuration too', async () => {
  const digests = await readPackagedDigests(debian);
  assert.deepEqual([...digests.keys()].sort(), [
    'etc/hello.conf',
    'usr/bin/hello',
    'usr/share/hello/test.key',
  ]);
  assert.equal(digests.get('usr/bin/hello')?.algorithm, 'md5');
});

const alpine = `C:Q1abcdefghijklmnopqrstuvwxyzA=
P:busybox
V:1.36.1-r5
A:x86_64
T:Size optimized toolbox
U:https://busybox.net/
L:GPL-2.0-only
o:busybox
m:Natanael Copa <ncopa@alpinelinux.org>
D:so:libc.musl-x86_64.so.1 !old<1 scripts>=2
p:cmd:busybox=1.36.1-r5 /bin/sh
F:bin
R:busybox
a:0:0:755
Z:Q1/9j8Vw0BTqzGgQlD0bYvQDzR1NA=
F:

P:musl
V:1.2.4-r2
A:x86_64
p:so:libc.musl-x86_64.so.1=1
`;

test('the packages of an Alpine system are read', async () => {
  const files = treeFiles(
    makeTree({
      'etc/os-release': "NAME='Alpine Linux'\nID=alpine\nVERSION_ID=3.18.4\n",
      'lib/apk/db/installed': alpine,
      'bin/busybox': 'x',
    }),
  );
  const { os, packages, owners } = await readPackages(files);
  assert.deepEqual(os, { id: 'alpine', version: '3.18.4', prettyName: 'Alpine Linux' });
  assert.deepEqual(
    packages.map(({ name, version, licenses, files: list, depends, provides }) => ({
      name,
      version,
      licenses,
      list,
      depends,
      provides,
    })),
    [
      {
        name: 'busybox',
        version: '1.36.1-r5',
        licenses: ['GPL-2.0-only'],
        list: ['bin/busybox'],
        depends: [['so:libc.musl-x86_64.so.1'], ['scripts']],
        provides: ['cmd:busybox', '/bin/sh'],
      },
      {
        name: 'musl',
        version: '1.2.4-r2',
        licenses: [],
        list: [],
        depends: [],
        provides: ['so:libc.musl-x86_64.so.1'],
      },
    ],
  );
  assert.equal(owners.get('bin/busybox')?.name, 'busybox');
  assert.equal((await readPackagedDigests(files)).get('bin/busybox')?.algorithm, 'sha1');
});

test('a system without a package database, or with one that is not read here, says so', async () => {
  const bare = await readPackages(treeFiles(makeTree({ 'bin/sh': 'x' })));
  assert.match(bare.gaps.join(), /no package database/);
  const old = await readPackages(treeFiles(makeTree({ 'var/lib/rpm/Packages': 'x' })));
  assert.match(old.gaps.join(), /Berkeley DB/);
});

test('images without a shell have one file a package', async () => {
  const files = treeFiles(
    makeTree({
      'var/lib/dpkg/status.d/tzdata': 'Package: tzdata\nVersion: 2024a\nArchitecture: all\nMaintainer: X\n',
      'var/lib/dpkg/status.d/tzdata.md5sums': '',
    }),
  );
  assert.deepEqual(
    (await readPackages(files)).packages.map(({ name }) => name),
    ['tzdata'],
  );
});
