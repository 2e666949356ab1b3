import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { makeWorkshop } from '../testing.ts';
import { linkTarget } from './state/machine-folders.ts';
import { changeIndex } from './state/machine-index.ts';

const listed = spawnSync('vagrant', ['plugin', 'list'], { encoding: 'utf8' });
const skip =
  listed.status === 0 && /vagrant-libvirt/.test(listed.stdout)
    ? false
    : 'Debian’s vagrant with vagrant-libvirt is not installed';

const file = `
Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
  config.vm.define "web", primary: true
  config.vm.define "db"
end`;

const home = mkdtempSync(join(tmpdir(), 'kiln-vagrant-peer-'));
after(() => rmSync(home, { recursive: true, force: true }));
const environment = {
  HOME: home,
  VAGRANT_HOME: join(home, 'vagrant'),
  VAGRANT_CHECKPOINT_DISABLE: '1',
  XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
};

function realVagrant(folder: string, words: readonly string[]) {
  return spawnSync('vagrant', words, {
    cwd: folder,
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', ...environment },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Rows for programs, but not the words for people; the provider is each one's own. */
function rowsForPrograms(stdout: string): string[] {
  return stdout
    .split('\n')
    .filter((line) => /^\d+,/.test(line))
    .map((line) => line.split(',').slice(1))
    .filter(([, type]) => type !== 'ui')
    .map(([target, type, ...data]) => {
      const isForPeople = type === 'state-human-long' || type === 'error-exit';
      return [target, type, ...(isForPeople ? data.slice(0, type === 'error-exit' ? 1 : 0) : data)].join(',');
    })
    .map((row) => row.replaceAll('libvirt', 'qemu'));
}

/** Levels of the lines for people, where their number is the same. */
const same: readonly string[] = [
  'status',
  'status db',
  'status nope',
  'status /nope/',
  'status --nope',
  'global-status',
  'validate',
  'ssh-config web',
  'ssh -c true',
  'port web',
  'up nope',
  'halt --bad',
  'halt',
  'suspend',
  'resume',
  'reload web',
  'provision db web',
  'rsync',
  'rsync-auto',
  'package',
  'snapshot list',
  'snapshot',
  'box list',
  'box remove nope',
  'upload nope',
  'provider',
  'nope',
  'push',
  'cap --check provider nope',
  'init',
  'suspend -a web',
];

test('exit codes and rows for programs are those of the real Vagrant', { skip }, async (t) => {
  const { folder, kiln } = makeWorkshop(t, { Vagrantfile: file }, environment);
  for (const words of same) {
    const call = [...words.split(' '), '--machine-readable'];
    const real = realVagrant(folder, call);
    const own = await kiln('vagrant', ...call);
    assert.equal(own.code, real.status, `${words}: ${own.stdout}${own.stderr}`);
    // Which commands are in the overview is each one's own.
    const [mine, theirs] = [own.stdout, real.stdout].map((text) =>
      rowsForPrograms(text).filter((row) => !row.includes('cli-command')),
    );
    assert.deepEqual(mine, theirs, words);
  }
});

test('what people read has the shape that scripts know', { skip }, async (t) => {
  const { folder, kiln } = makeWorkshop(t, { Vagrantfile: file }, environment);
  const shape = (text: string) => text.split('\n').slice(0, 5).join('\n').replaceAll('libvirt', 'qemu');
  assert.equal(
    shape((await kiln('vagrant', 'status')).stdout),
    shape(realVagrant(folder, ['status']).stdout),
  );
  const heads = [
    (await kiln('vagrant', 'global-status')).stdout,
    realVagrant(folder, ['global-status']).stdout,
  ];
  assert.equal(heads[0]!.split('\n', 2).join('\n'), heads[1]!.split('\n', 2).join('\n'));
});

test('the real Vagrant sees Kiln’s machines in the index, and nothing of them in the project', {
  skip,
}, async (t) => {
  const { folder } = makeWorkshop(t, { Vagrantfile: file }, environment);
  const data = join(folder, '.vagrant');
  const machine = join(data, 'machines', 'web', 'qemu');
  mkdirSync(machine, { recursive: true });
  symlinkSync(linkTarget('ab12cd34'), join(machine, 'id'));
  writeFileSync(join(machine, 'index_uuid'), 'ab'.repeat(16));
  await changeIndex(join(environment.VAGRANT_HOME, 'data', 'machine-index', 'index'), (machines) => ({
    ...machines,
    ['ab'.repeat(16)]: {
      local_data_path: data,
      name: 'web',
      provider: 'qemu',
      state: 'running',
      vagrantfile_name: null,
      vagrantfile_path: folder,
      updated_at: null,
      extra_data: {},
    },
  }));
  const status = realVagrant(folder, ['status']);
  assert.equal(status.status, 0, status.stderr);
  assert.match(status.stdout, /^web +not created \(libvirt\)$/m);
  const global = realVagrant(folder, ['global-status']);
  assert.equal(global.status, 0, global.stderr);
  assert.match(global.stdout, /^abababa +web +qemu +running +\S+ *$/m);
  assert.equal(realVagrant(folder, ['global-status', '--prune']).status, 0);
});
