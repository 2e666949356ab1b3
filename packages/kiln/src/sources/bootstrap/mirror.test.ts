import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { atHostMirrors, findMirror, findMirrorTrust } from './mirror.ts';

async function withAptFolder(
  files: Readonly<Record<string, string>>,
  work: (folder: string) => Promise<void>,
) {
  const folder = await mkdtemp(join(tmpdir(), 'kiln-apt-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('the mirror of one-line sources is taken, with options and comments around it', async () => {
  const list = `# deb http://old.example/debian bookworm main
deb [arch=amd64 signed-by=/x.gpg] http://mirror.example/debian bookworm main contrib
deb-src http://src.example/debian bookworm main
deb http://mirror.example/debian-security bookworm-security main
deb https://other.example/tool stable main
`;
  await withAptFolder({ 'sources.list': list }, async (folder) => {
    assert.deepEqual(await findMirror('debian', folder), {
      archive: 'http://mirror.example/debian',
      security: 'http://mirror.example/debian-security',
    });
  });
});

test('the mirror of deb822 stanzas is taken, and disabled ones are passed over', async () => {
  const sources = `Enabled: no
Types: deb
URIs: http://off.example/debian
Suites: bookworm

# the real one
Types: deb deb-src
URIs: http://mirror.example/debian/
Suites: bookworm
 bookworm-updates
Components: main

Types: deb
URIs: http://security.example/debian-security
Suites: bookworm-security
Components: main
`;
  await withAptFolder({ 'sources.list.d/debian.sources': sources }, async (folder) => {
    assert.deepEqual(await findMirror('debian', folder), {
      archive: 'http://mirror.example/debian/',
      security: 'http://security.example/debian-security',
    });
  });
});

test('a host of another distribution means the public mirrors', async () => {
  await withAptFolder(
    { 'sources.list': 'deb http://mirror.example/debian bookworm main\n' },
    async (folder) => {
      const { archive } = await findMirror('ubuntu', folder);
      assert.match(archive, /ubuntu\.com\/ubuntu$/);
    },
  );
});

test('the keys of the mirror are those that its entries name, or all when one names none', async () => {
  const one = 'deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian bookworm main\n';
  const sources = `Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /keys/b.gpg

Types: deb
URIs: https://tool.example/apt
Suites: stable
Components: main
Signed-By: /keys/tool.gpg
`;
  await withAptFolder({ 'sources.list': one, 'sources.list.d/x.sources': sources }, async (folder) => {
    assert.deepEqual(await findMirrorTrust('debian', folder), {
      keys: ['/keys/a.gpg', '/keys/b.gpg'],
      everyKey: false,
    });
    assert.deepEqual(await findMirrorTrust('ubuntu', folder), { keys: [], everyKey: false });
  });
  await withAptFolder({ 'sources.list': 'deb http://m.example/ubuntu noble main\n' }, async (folder) => {
    assert.deepEqual(await findMirrorTrust('ubuntu', folder), { keys: [], everyKey: true });
  });
});

test('files of the public archives are looked for at this host’s mirrors first', async () => {
  const list = `deb http://mirror.example/debian/ bookworm main
deb http://mirror.example/sec/debian-security bookworm-security main
`;
  await withAptFolder({ 'sources.list': list }, async (folder) => {
    const expand = await atHostMirrors(folder);
    assert.deepEqual(expand(['http://deb.debian.org/debian/pool/a.deb', 'http://all.example/a.deb']), [
      'http://mirror.example/debian/pool/a.deb',
      'http://deb.debian.org/debian/pool/a.deb',
      'http://all.example/a.deb',
    ]);
    assert.deepEqual(expand(['http://security.debian.org/debian-security/pool/a.deb']), [
      'http://mirror.example/sec/debian-security/pool/a.deb',
      'http://security.debian.org/debian-security/pool/a.deb',
    ]);
    assert.deepEqual(expand(['http://archive.ubuntu.com/ubuntu/pool/a.deb']), [
      'http://archive.ubuntu.com/ubuntu/pool/a.deb',
    ]);
  });
});
