import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InstalledPackage } from '../packages/installed-package.ts';
import { packageUrl, sourcePackageUrl } from './package-url.ts';

const base = { depends: [], provides: [], files: [], licenses: [] };
const debian = { id: 'debian', version: '12', prettyName: 'Debian' };

const cases: readonly (readonly [
  one: Omit<InstalledPackage, keyof typeof base>,
  os: { id: string; version?: string },
  purl: string,
  source: string,
])[] = [
  [
    {
      manager: 'dpkg',
      name: 'curl',
      version: '7.88.1-10+deb12u5',
      architecture: 'amd64',
      source: { name: 'curl', version: '7.88.1-10+deb12u5' },
    },
    debian,
    'pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?arch=amd64&distro=debian-12',
    'pkg:deb/debian/curl@7.88.1-10%2Bdeb12u5?arch=source&distro=debian-12',
  ],
  [
    {
      manager: 'dpkg',
      name: 'libstdc++6',
      version: '1:2~rc1',
      architecture: 'all',
      source: { name: 'gcc', version: '1:2~rc1' },
    },
    { id: 'ubuntu', version: '24.04' },
    'pkg:deb/ubuntu/libstdc%2B%2B6@1:2~rc1?arch=all&distro=ubuntu-24.04',
    'pkg:deb/ubuntu/gcc@1:2~rc1?arch=source&distro=ubuntu-24.04',
  ],
  [
    {
      manager: 'rpm',
      name: 'bash',
      version: '1:5.2-1.fc39',
      architecture: 'x86_64',
      source: { name: 'bash', version: '5.2-1.fc39' },
    },
    { id: 'fedora', version: '39' },
    'pkg:rpm/fedora/bash@5.2-1.fc39?arch=x86_64&distro=fedora-39&epoch=1',
    'pkg:rpm/fedora/bash@5.2-1.fc39?arch=src&distro=fedora-39',
  ],
  [
    {
      manager: 'apk',
      name: 'musl',
      version: '1.2.4-r2',
      architecture: 'x86_64',
      source: { name: 'musl', version: '1.2.4-r2' },
    },
    { id: 'alpine' },
    'pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine',
    'pkg:apk/alpine/musl@1.2.4-r2?arch=source&distro=alpine',
  ],
];

for (const [one, os, purl, source] of cases) {
  test(`${one.name} of ${os.id} has the URL ${purl}`, () => {
    const system = { prettyName: '', ...os };
    assert.equal(packageUrl({ ...base, ...one }, system), purl);
    assert.equal(sourcePackageUrl({ ...base, ...one }, system), source);
  });
}
