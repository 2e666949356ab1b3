import assert from 'node:assert/strict';
import { test } from 'node:test';
import { debianSystem } from '../testing/debian-tree.ts';
import { inventoryQuery, searchNames } from './survey-query.ts';

test('homes are looked at for what is configuration, and a home that is no plain path is not', async () => {
  const system = debianSystem({
    files: {
      '/etc/passwd':
        'root:x:0:0:root:/root:/bin/bash\nann:x:1000:1000::/home/ann:/bin/sh\ngit:x:998:998::/srv/git:/bin/sh\nbad:x:1001:1001::/home/../etc:/bin/sh\n',
      '/home/ann/.bashrc': 'alias l=ls\n',
      '/home/ann/notes.txt': 'not looked at\n',
      '/home/ann/.ssh/authorized_keys': 'ssh-ed25519 AAAA ann\n',
      '/home/ann/.config/tool/settings.ini': 'a=1\n',
      '/srv/git/.ssh/authorized_keys': 'ssh-ed25519 AAAA git\n',
    },
  });
  const { entries, contents } = await system.survey(inventoryQuery);
  assert.deepEqual(
    [...entries.keys()].filter((path) => path.startsWith('/home/')),
    [
      '/home/ann',
      '/home/ann/.bashrc',
      '/home/ann/.config',
      '/home/ann/.config/tool',
      '/home/ann/.config/tool/settings.ini',
      '/home/ann/.ssh',
      '/home/ann/.ssh/authorized_keys',
    ],
  );
  assert.ok(contents.has('/home/ann/.ssh/authorized_keys'));
  assert.ok(contents.has('/srv/git/.ssh/authorized_keys'));
});

test('of a folder with very many files only the upper levels are listed, and that is told', async () => {
  const many = Array.from({ length: 20_001 }, (_, number) => [`/opt/data/deep/${number}`, ''] as const);
  const { entries, gaps } = await debianSystem({ files: Object.fromEntries(many) }).survey(inventoryQuery);
  assert.deepEqual(
    [...entries.keys()].filter((path) => path.startsWith('/opt/')),
    ['/opt/data', '/opt/data/deep'],
  );
  assert.deepEqual(gaps, [
    '/opt holds too many files: only its first two levels were looked at, without their contents',
  ]);
});

test('a package whose name has dots and colons is told by its own name', async () => {
  const files = { '/var/lib/dpkg/info/libpython3.11:amd64.list': '/.\n/etc\n/etc/python3.11/site.py\n' };
  const { matches } = await debianSystem({ files }).survey(inventoryQuery);
  const found = matches.get(searchNames.owned)!.filter((match) => match.path.includes('python'));
  assert.deepEqual(found, [
    { path: '/var/lib/dpkg/info/libpython3.11:amd64.list', line: '/etc' },
    { path: '/var/lib/dpkg/info/libpython3.11:amd64.list', line: '/etc/python3.11/site.py' },
  ]);
});

test('a survey that is cancelled ends', async () => {
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(debianSystem().survey(inventoryQuery, stop.signal), { code: 'cancelled' });
});
