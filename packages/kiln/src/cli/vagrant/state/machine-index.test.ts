import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { linkTarget, machineFolders } from './machine-folders.ts';
import { changeIndex, entryByPrefix, type IndexEntry, readIndex } from './machine-index.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kiln-index-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const entry: IndexEntry = {
  local_data_path: '/p/.vagrant',
  name: 'web',
  provider: 'qemu',
  state: 'running',
  vagrantfile_name: null,
  vagrantfile_path: '/p',
  updated_at: null,
  extra_data: {},
};

test('the index is what Vagrant writes, and others’ entries stay', async (t) => {
  const file = join(folder(t), 'machine-index', 'index');
  assert.deepEqual(readIndex(file), {});
  await changeIndex(file, () => ({ aa11: { ...entry, provider: 'libvirt' } }));
  await changeIndex(file, (machines) => ({ ...machines, bb22: entry }));
  await changeIndex(file, () => undefined);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
    version: 1,
    machines: { aa11: { ...entry, provider: 'libvirt' }, bb22: entry },
  });
  assert.equal(entryByPrefix(readIndex(file), 'bb')?.id, 'bb22');
  assert.equal(entryByPrefix(readIndex(file), 'cc'), undefined);
  assert.equal(entryByPrefix(readIndex(file), ''), undefined);
});

test('a damaged index is said, by the class that Vagrant has for it', (t) => {
  const file = join(folder(t), 'index');
  writeFileSync(file, '{"version":1,');
  assert.throws(() => readIndex(file), { className: 'Vagrant::Errors::CorruptMachineIndex' });
  writeFileSync(file, '{"version":2,"machines":{}}');
  assert.throws(() => readIndex(file), { className: 'Vagrant::Errors::CorruptMachineIndex' });
});

const hasFlock = spawnSync('flock', ['--version']).status === 0;

test('changes wait for whoever has Vagrant’s lock', {
  skip: hasFlock ? false : 'there is no flock',
}, async (t) => {
  const file = join(folder(t), 'index');
  const holder = spawn('flock', [`${file}.lock`, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  t.after(() => holder.kill());
  await once(holder.stdout, 'data');
  let isDone = false;
  const change = changeIndex(file, () => ({ aa11: entry })).then(() => {
    isDone = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(isDone, false);
  holder.stdin.end();
  await change;
  assert.deepEqual(Object.keys(readIndex(file)), ['aa11']);
});

test('whose a machine is, is told by its id: a link of Kiln’s, a file of Vagrant’s', (t) => {
  const dotfiles = folder(t);
  const make = (name: string, provider: string) => {
    const path = join(dotfiles, 'machines', name, provider);
    mkdirSync(path, { recursive: true });
    return path;
  };
  symlinkSync(linkTarget('ab12'), join(make('web', 'qemu'), 'id'));
  writeFileSync(join(make('db', 'libvirt'), 'id'), 'uuid\n');
  make('old', 'virtualbox');
  assert.deepEqual(
    machineFolders(dotfiles).map(({ name, provider, owner }) => [name, provider, owner]),
    [
      ['db', 'libvirt', { kind: 'vagrant', id: 'uuid' }],
      ['old', 'virtualbox', undefined],
      ['web', 'qemu', { kind: 'kiln', id: 'ab12' }],
    ],
  );
  assert.deepEqual(machineFolders(join(dotfiles, 'none')), []);
});
