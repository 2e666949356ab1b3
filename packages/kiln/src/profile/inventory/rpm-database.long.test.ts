import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { derivedBareSystem } from '../capture/bare-system.ts';
import { capturePackages } from '../capture/captured-packages.ts';
import { directoryAccess } from './directory-access.ts';
import { readInventory } from './read-inventory.ts';
import { treeSystem } from './tree-system.ts';

const missing = ['rpm', 'rpmbuild'].find((program) => spawnSync(program, ['--version']).error);

const spec = (name: string, requires: string) => `Name: ${name}
Version: 1.2
Release: 3
Summary: a test
License: MIT
BuildArch: noarch
${requires}
%description
At length.
%install
mkdir -p %{buildroot}/etc/${name}
for file in same changed gone; do echo shipped > %{buildroot}/etc/${name}/$file; done
%files
%config(noreplace) /etc/${name}/*
`;

test('of a system with rpm it is known which files are as packages brought them, and what nothing else needs', {
  skip: missing && `${missing} is not installed`,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kiln-rpm-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const root = join(folder, 'root');
  mkdirSync(join(root, 'etc'), { recursive: true });
  const define = ['--define', `_topdir ${folder}/build`];
  const database = ['--root', root, '--dbpath', '/var/lib/rpm', '--define', '_db_backend sqlite'];
  for (const [name, requires] of [
    ['tool', 'Requires: tool-data'],
    ['tool-data', ''],
  ] as const) {
    writeFileSync(join(folder, `${name}.spec`), spec(name, requires));
    execFileSync('rpmbuild', ['-bb', ...define, join(folder, `${name}.spec`)], { stdio: 'ignore' });
    const file = join(folder, `build/RPMS/noarch/${name}-1.2-3.noarch.rpm`);
    execFileSync('rpm', [...database, '--nodeps', '--ignoreos', '--ignorearch', '-i', file], {
      stdio: 'ignore',
    });
  }
  writeFileSync(join(root, 'etc/tool/changed'), 'mine\n');
  rmSync(join(root, 'etc/tool/gone'));
  writeFileSync(join(root, 'etc/tool/own'), 'mine\n');

  const access = directoryAccess(root);
  t.after(() => access.close());
  const inventory = await readInventory(treeSystem(access, 'a tree'));
  assert.equal(inventory.database, 'rpm');
  assert.deepEqual(
    inventory.files
      .filter(({ path, kind }) => path.startsWith('/etc/tool/') && kind === 'file')
      .map(({ path, state }) => [path, state]),
    [
      ['/etc/tool/changed', 'changed'],
      ['/etc/tool/gone', 'missing'],
      ['/etc/tool/own', 'own'],
      ['/etc/tool/same', 'shipped'],
    ],
  );
  const { wanted } = capturePackages(inventory, derivedBareSystem(inventory));
  assert.deepEqual(
    wanted.map(({ name, version }) => `${name} ${version}`),
    ['tool 1.2-3'],
  );
});
