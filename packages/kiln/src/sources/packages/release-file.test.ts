import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readReleaseFile } from './release-file.ts';
import type { ResolvedPackages } from './resolved-packages.ts';
import { toRootfsLock } from './rootfs-lock.ts';

function written(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-release-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'InRelease'), text);
  return join(folder, 'InRelease');
}

const signed = (fields: string) => `-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256
Date: Thu, 01 Jan 1970 00:00:00 UTC

${fields}
-----BEGIN PGP SIGNATURE-----

iQIzBAEBCAAdFiEE
Date: Thu, 01 Jan 1970 00:00:00 UTC
-----END PGP SIGNATURE-----
`;

test('the time of an index is what is signed, and tells where its state is kept for good', async (t) => {
  const date = 'Date: Sat, 11 Jul 2026 10:16:37 UTC';
  const debian = await readReleaseFile(written(t, signed(`Origin: Debian\nLabel: Debian\n${date}`)));
  assert.equal(debian.date, Date.UTC(2026, 6, 11, 10, 16, 37) / 1000);
  assert.equal(debian.snapshot, 'https://snapshot.debian.org/archive/debian/20260711T161637Z/');
  assert.match(debian.digest, /^[0-9a-f]{64}$/);
  const own = 'Snapshots: https://all.example/@SNAPSHOTID@/apt/';
  const other = await readReleaseFile(written(t, `Origin: Other\n${own}\n${date}\n`));
  assert.equal(other.snapshot, 'https://all.example/20260711T161637Z/apt/');
  assert.equal((await readReleaseFile(written(t, `Origin: Other\n${date}\n`))).snapshot, undefined);
  await assert.rejects(readReleaseFile(written(t, 'Origin: Debian\n')), { code: 'store-corrupt' });
});

test('plans have public places of packages, and after them where all times are kept', () => {
  const common = { suite: 'x', components: ['main'], indexDigest: '0', indexDate: 1 };
  const resolved: ResolvedPackages = {
    ...{ epoch: 7, architecture: 'amd64', removed: [] },
    repositories: [
      { ...common, name: 'x', url: 'http://deb.debian.org/debian/', snapshot: 'https://all.example/1/' },
      { ...common, name: 'vendor', url: 'https://vendor.example/apt/' },
    ],
    packages: [
      {
        ...{ name: 'g++', version: '1+2~3', architecture: 'amd64', sha256: 'a', size: 1, repository: 'x' },
        ...{ path: 'pool/g++_1+2~3_amd64.deb', layer: 'os', automatic: true },
      },
      {
        ...{ name: 'tool', version: '1:2', architecture: 'all', sha256: 'b', size: 2, repository: 'vendor' },
        ...{ path: 'a b/tool_1:2.deb', layer: 'profile', automatic: false },
      },
    ],
  };
  const lock = toRootfsLock(resolved);
  assert.deepEqual(
    [lock.base[0]!.urls, lock.more[0]!.urls],
    [
      [
        'http://deb.debian.org/debian/pool/g%2B%2B_1%2B2~3_amd64.deb',
        'https://all.example/1/pool/g%2B%2B_1%2B2~3_amd64.deb',
      ],
      ['https://vendor.example/apt/a%20b/tool_1:2.deb'],
    ],
  );
  assert.deepEqual([lock.time, lock.base[0]!.automatic, lock.more[0]!.automatic], [7, true, undefined]);
  assert.deepEqual(lock.sources, ['deb http://deb.debian.org/debian x main']);
});
