import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { scanDirectory } from '@kiln/diskimage';
import { treeFiles } from '../system/tree-files.ts';
import { readPackagedDigests, readPackages } from './read-packages.ts';

const missing = ['rpm', 'rpmbuild'].find((program) => spawnSync(program, ['--version']).error);

const spec = `Name: hello
Epoch: 2
Version: 1.5
Release: 3%{?nothing}
Summary: greets
License: GPLv2+ and MIT
URL: https://example.org/hello
Vendor: Example Project
BuildArch: noarch
Requires: /bin/sh
Requires: libfoo >= 1
Provides: greeter = 1
%description
At length.
%install
mkdir -p %{buildroot}/opt/hello
echo hello > %{buildroot}/opt/hello/greeting
%files
/opt/hello/greeting
`;

test('the packages of a system with rpm are those that rpm tells', {
  skip: missing && `${missing} is not installed`,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-rpm-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'root');
  mkdirSync(root);
  writeFileSync(join(folder, 'hello.spec'), spec);
  const define = ['--define', `_topdir ${folder}/build`, '--define', '_build_id_links none'];
  execFileSync('rpmbuild', ['-bb', ...define, join(folder, 'hello.spec')], { stdio: 'ignore' });
  const file = join(folder, 'build/RPMS/noarch/hello-1.5-3.noarch.rpm');
  const database = ['--root', root, '--dbpath', '/var/lib/rpm', '--define', '_db_backend sqlite'];
  execFileSync('rpm', [...database, '--nodeps', '--ignoreos', '--ignorearch', '-i', file], {
    stdio: 'ignore',
  });
  const told = execFileSync(
    'rpm',
    [...database, '-qa', '--qf', '%{NAME} %{EPOCH}:%{VERSION}-%{RELEASE} %{ARCH}\n'],
    { encoding: 'utf8' },
  );

  const files = treeFiles(await scanDirectory(root, { keepXattr: () => false }));
  const { packages, owners } = await readPackages(files);
  const [hello] = packages;
  assert.equal(`${hello?.name} ${hello?.version} ${hello?.architecture}\n`, told);
  assert.deepEqual(
    {
      source: hello?.source,
      licenses: hello?.licenses,
      maintainer: hello?.maintainer,
      files: hello?.files,
      depends: hello?.depends,
      provides: hello?.provides,
    },
    {
      source: { name: 'hello', version: '1.5-3' },
      licenses: ['GPLv2+ and MIT'],
      maintainer: 'Example Project',
      files: ['opt/hello/greeting'],
      depends: [['libfoo']],
      provides: ['greeter'],
    },
  );
  assert.equal(owners.get('opt/hello/greeting')?.name, 'hello');
  assert.deepEqual((await readPackagedDigests(files)).get('opt/hello/greeting'), {
    algorithm: 'sha256',
    digest: createHash('sha256').update('hello\n').digest('hex'),
  });
});
