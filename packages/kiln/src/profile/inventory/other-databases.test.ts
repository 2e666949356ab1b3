import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { treeFiles } from '../../supply/system/tree-files.ts';
import { derivedBareSystem } from '../capture/bare-system.ts';
import { capturePackages } from '../capture/captured-packages.ts';
import { entriesOf, type TreeNode } from '../testing/debian-tree.ts';
import { imageAccess } from './image-access.ts';
import type { Inventory } from './inventory.ts';
import { readInventory } from './read-inventory.ts';
import { treeSystem } from './tree-system.ts';

function inventoryOf(nodes: Readonly<Record<string, TreeNode>>): Promise<Inventory> {
  const entries = entriesOf(new Map(Object.entries(nodes)));
  return readInventory(
    treeSystem(
      imageAccess(treeFiles(entries), [], async () => {}),
      'a test system',
    ),
  );
}

const q1 = (text: string) => `Q1${createHash('sha1').update(text).digest('base64')}`;

const alpine = {
  '/etc/os-release': 'ID=alpine\nVERSION_ID=3.20.1\nPRETTY_NAME="Alpine Linux v3.20"\n',
  '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\n',
  '/etc/group': 'root:x:0:\n',
  '/etc/apk/world': 'alpine-base\nnginx~1.26\n',
  '/etc/apk/repositories':
    'https://dl-cdn.alpinelinux.org/alpine/v3.20/main\n@edge https://dl-cdn.alpinelinux.org/alpine/edge/main\n',
  '/lib/apk/db/installed': `C:Q1abc=
P:nginx
V:1.26.1-r0
A:x86_64
T:HTTP server
D:so:libc.musl-x86_64.so.1 /bin/sh
F:etc/nginx
R:nginx.conf
Z:${q1('shipped\n')}
R:mime.types
Z:${q1('types\n')}

P:musl
V:1.2.5-r0
A:x86_64
p:so:libc.musl-x86_64.so.1=1

P:alpine-base
V:3.20.1-r0
A:x86_64
D:musl

`,
  '/etc/nginx/nginx.conf': 'mine\n',
} as const;

test("of a system with apk it is known what was asked for, and which of the packages' files are as they were", async () => {
  const inventory = await inventoryOf(alpine);
  assert.equal(inventory.database, 'apk');
  assert.deepEqual(
    inventory.packages.map(({ name, version, manual }) => [name, version, manual]),
    [
      ['alpine-base', '3.20.1-r0', true],
      ['musl', '1.2.5-r0', false],
      ['nginx', '1.26.1-r0', true],
    ],
  );
  const states = inventory.files
    .filter(({ path }) => path.startsWith('/etc/nginx/'))
    .map(({ path, state }) => [path, state]);
  assert.deepEqual(states, [
    ['/etc/nginx/mime.types', 'missing'],
    ['/etc/nginx/nginx.conf', 'changed'],
  ]);
  assert.deepEqual(
    inventory.repositories.map(({ urls, otherOptions }) => [...urls, ...otherOptions]),
    [
      ['https://dl-cdn.alpinelinux.org/alpine/v3.20/main'],
      ['https://dl-cdn.alpinelinux.org/alpine/edge/main', '@edge'],
    ],
  );
  const { wanted, along } = capturePackages(inventory, derivedBareSystem(inventory));
  assert.deepEqual([wanted.map(({ name }) => name), along], [['alpine-base', 'nginx'], []]);
});

test('a system without any package database is looked at too, and it is told what that means', async () => {
  const inventory = await inventoryOf({
    '/etc/os-release': 'ID=linux\n',
    '/etc/passwd': 'root:x:0:0::/root:/bin/sh\n',
    '/etc/own': 'x',
  });
  assert.deepEqual(inventory.packages, []);
  assert.deepEqual(inventory.gaps, ['it has no package database that is known here']);
  assert.equal(inventory.files.find(({ path }) => path === '/etc/own')?.state, 'own');
});
