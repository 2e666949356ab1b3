import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeWorkshop } from '../testing.ts';

/** Ruby is prepared once for all tests, and for the developer. */
const shared = { XDG_CACHE_HOME: process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache') };

const file = `
Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
  config.vm.define "web", primary: true
  config.vm.define "web2"
  config.vm.define "db", autostart: false
  config.push.define "local-exec" do |push|
    push.inline = "echo pushed; exit 4"
  end
end`;

function project(t: TestContext, text = file, env: Readonly<Record<string, string>> = {}) {
  const workshop = makeWorkshop(t, text === '' ? {} : { Vagrantfile: text }, { ...shared, ...env });
  const home = join(workshop.folder, '..', 'vagrant-home');
  const start = (words: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    workshop.start(['vagrant', ...words], { VAGRANT_HOME: home, ...more }).done;
  return {
    ...workshop,
    vagrantHome: home,
    vagrant: (...words: readonly string[]) => start(words),
    vagrantWith: (more: Readonly<Record<string, string>>, ...words: readonly string[]) => start(words, more),
  };
}

/** What a program reads of the output, without times. */
function rows(stdout: string): string[][] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => line.split(',').slice(1));
}

function errorClass(stdout: string): string | undefined {
  return rows(stdout).find(([, type]) => type === 'error-exit')?.[2];
}

test('machines are meant by name, pattern, and all together; halting goes backwards', async (t) => {
  const { vagrant } = project(t);
  const told = async (...words: readonly string[]) =>
    rows((await vagrant(...words, '--machine-readable')).stdout)
      .filter(([, type]) => type === 'state')
      .map(([name]) => name);
  assert.deepEqual(await told('status'), ['web', 'web2', 'db']);
  assert.deepEqual(await told('status', 'db', 'web'), ['db', 'web']);
  assert.deepEqual(await told('status', '/^web/'), ['web', 'web2']);
  const halted = await vagrant('halt');
  assert.deepEqual(
    halted.stdout.split('\n').map((line) => /^==> (\w+):/.exec(line)?.[1]),
    ['db', 'web2', 'web', undefined],
  );
  assert.equal(halted.code, 0);
});

const mistakes: readonly (readonly [words: string, code: number, name: string | undefined])[] = [
  ['status nope', 1, 'Vagrant::Errors::MachineNotFound'],
  ['status /nope/', 1, 'Vagrant::Errors::VMNoMatchError'],
  ['status --nope', 1, 'Vagrant::Errors::CLIInvalidOptions'],
  ['ssh-config', 1, 'Vagrant::Errors::SSHNotReady'],
  ['ssh', 1, 'Vagrant::Errors::VMNotCreatedError'],
  ['port', 1, undefined],
  ['upload nope', 1, 'Vagrant::Errors::UploadSourceMissing'],
  ['upload', 1, 'Vagrant::Errors::CLIInvalidUsage'],
  ['up --provision-with nope', 1, 'Vagrant::Errors::ProvisionerFlagInvalid'],
  ['suspend -a web', 1, 'Vagrant::Errors::CommandSuspendAllArgs'],
  ['init', 1, 'Vagrant::Errors::VagrantfileExistsError'],
  ['box remove nope', 1, 'Vagrant::Errors::BoxRemoveNotFound'],
  ['box repackage a b c', 1, 'Vagrant::Errors::BoxNotFoundWithProviderAndVersion'],
  ['box nope', 0, undefined],
  ['cap provider nope', 1, 'Vagrant::Errors::CapabilityNotFound'],
  ['cap --check provider nope', 1, undefined],
  ['cap --check provider forwarded_ports', 0, undefined],
  ['plugin install vagrant-nope', 1, 'Vagrant::Errors::PluginInstallNotFound'],
  ['plugin uninstall vagrant-nope', 1, 'Vagrant::Errors::PluginNotInstalled'],
  ['push nope', 1, 'Vagrant::Errors::PushStrategyNotDefined'],
  ['cloud auth login --check', 1, 'Kiln::Errors::NoCloud'],
  ['cloud', 1, 'Vagrant::Errors::CLIInvalidUsage'],
  ['winrm -c dir', 1, 'VagrantPlugins::CommandWinRM::Errors::WinRMError'],
  ['docker-exec web -- ls', 1, 'Kiln::Errors::NoContainer'],
  ['nope', 1, undefined],
];

test('mistakes end with Vagrant’s exit codes, and are told to programs by its classes', async (t) => {
  const { vagrant } = project(t);
  for (const [words, code, name] of mistakes) {
    const result = await vagrant('--machine-readable', ...words.split(' '));
    assert.equal(result.code, code, `${words}: ${result.stdout}${result.stderr}`);
    assert.equal(errorClass(result.stdout), name, words);
  }
});

test('without a Vagrantfile commands that need one say so, and others do their work', async (t) => {
  const { vagrant, folder } = project(t, '');
  const result = await vagrant('up', '--machine-readable');
  assert.deepEqual([result.code, errorClass(result.stdout)], [1, 'Vagrant::Errors::NoEnvironmentError']);
  assert.equal((await vagrant('global-status')).code, 0);
  assert.equal((await vagrant('box', 'list')).code, 0);
  assert.equal((await vagrant('init', '-m', 'a/b', '--box-version', '1.2')).code, 0);
  assert.equal(
    readFileSync(join(folder, 'Vagrantfile'), 'utf8'),
    'Vagrant.configure("2") do |config|\n  config.vm.box = "a/b"\n  config.vm.box_version = "1.2"\nend\n',
  );
  assert.equal((await vagrant('validate')).code, 0);
});

test('templates of one’s own are filled for init', async (t) => {
  const { vagrant, folder, vagrantWith } = project(t, '');
  const template = `Vagrant.configure("2") do |config|
  config.vm.box = "<%= box_name %>"
  <% if box_version -%>
  config.vm.box_version = "<%= box_version %>"
  <% else -%>
  # any version
  <% end -%>
end
`;
  writeFileSync(join(folder, 'mine.erb'), template);
  const shown = await vagrant('init', '--template', 'mine', '--output', '-', 'one');
  assert.equal(
    shown.stdout,
    'Vagrant.configure("2") do |config|\n  config.vm.box = "one"\n  # any version\nend\n',
  );
  const set = await vagrantWith(
    { VAGRANT_DEFAULT_TEMPLATE: 'mine.erb' },
    ...['init', '--output', '-', 'one', '--box-version', '3'],
  );
  assert.match(set.stdout, /box_version = "3"\nend/);
  writeFileSync(join(folder, 'bad.erb'), '<% system("true") %>');
  assert.match((await vagrant('init', '--template', 'bad')).stderr, /which Kiln does not understand there/);
});

test('mistakes in one machine do not hide the others; those in the file end everything', async (t) => {
  const { vagrant, folder } = project(
    t,
    `Vagrant.configure("2") do |config|
      config.vm.define("bad") { |m| m.vm.hostname = "not a host" }
      config.vm.define("good") { |m| m.vm.box = "x" }
    end`,
  );
  assert.equal((await vagrant('status')).code, 0);
  const validated = await vagrant('validate', '--machine-readable');
  assert.deepEqual([validated.code, errorClass(validated.stdout)], [1, 'Vagrant::Errors::ConfigInvalid']);
  writeFileSync(join(folder, 'Vagrantfile'), 'Vagrant.configure("2") do |config|\n  config.vm.box = (\nend');
  const broken = await vagrant('status', '--machine-readable');
  assert.deepEqual([broken.code, errorClass(broken.stdout)], [1, 'Vagrant::Errors::VagrantfileSyntaxError']);
  writeFileSync(join(folder, 'Vagrantfile'), 'puts "so far"\nexit 9');
  assert.deepEqual(await vagrant('status'), { code: 9, stdout: 'so far\n', stderr: '' });
});

test('pushing with local-exec ends with the program’s exit code', async (t) => {
  const { vagrant } = project(t);
  assert.deepEqual(await vagrant('push'), { code: 4, stdout: 'pushed\n', stderr: '' });
});

test('aliases are commands with flags, or lines for the shell', async (t) => {
  const { vagrant, vagrantHome, vagrantWith, folder } = project(t);
  mkdirSync(vagrantHome, { recursive: true });
  writeFileSync(join(vagrantHome, 'aliases'), '# mine\nst = status web\nsay = !echo shell\n');
  assert.match((await vagrant('st')).stdout, /^web {23}not created \(qemu\)$/m);
  assert.deepEqual(await vagrant('say', 'hi'), { code: 0, stdout: 'shell hi\n', stderr: '' });
  writeFileSync(join(folder, 'mine'), 'two words = status\n');
  const wrong = await vagrantWith({ VAGRANT_ALIAS_FILE: 'mine' }, 'st', '--machine-readable');
  assert.equal(errorClass(wrong.stdout), 'Vagrant::Errors::AliasInvalidError');
});

test('machines that the real Vagrant made are shown and not touched', async (t) => {
  const { vagrant, folder, vagrantHome } = project(t);
  const data = join(folder, '.vagrant');
  mkdirSync(join(data, 'machines', 'web', 'libvirt'), { recursive: true });
  const id = join(data, 'machines', 'web', 'libvirt', 'id');
  writeFileSync(id, 'a-domain');
  const uuid = '0123456789abcdef0123456789abcdef';
  const entry = {
    local_data_path: data,
    name: 'web',
    provider: 'libvirt',
    state: 'running',
    vagrantfile_name: null,
    vagrantfile_path: folder,
    updated_at: null,
    extra_data: {},
  };
  const index = join(vagrantHome, 'data', 'machine-index');
  mkdirSync(index, { recursive: true });
  writeFileSync(join(index, 'index'), JSON.stringify({ version: 1, machines: { [uuid]: entry } }));
  assert.match((await vagrant('status')).stdout, /^web {23}running \(libvirt\)$/m);
  assert.match((await vagrant('global-status')).stdout, /^0123456 {2}web +libvirt +running +FOLDER *$/m);
  for (const words of ['up', 'halt web', 'destroy -f web', `halt ${uuid.slice(0, 6)}`]) {
    const result = await vagrant(...words.split(' '), '--machine-readable');
    assert.deepEqual([result.code, errorClass(result.stdout)], [1, 'Kiln::Errors::ForeignMachine'], words);
  }
  assert.equal(readFileSync(id, 'utf8'), 'a-domain');
  const other = await vagrant('up', 'web', '--provider', 'docker', '--machine-readable');
  assert.equal(errorClass(other.stdout), 'Vagrant::Errors::ActiveMachineWithDifferentProvider');
  await vagrant('global-status', '--prune');
  assert.equal(
    Object.keys((JSON.parse(readFileSync(join(index, 'index'), 'utf8')) as { machines: object }).machines)
      .length,
    1,
  );
});

test('what Kiln has left of a machine that is gone goes with the next command', async (t) => {
  const { vagrant, folder } = project(t);
  const path = join(folder, '.vagrant', 'machines', 'web', 'qemu');
  mkdirSync(path, { recursive: true });
  symlinkSync('kiln:gone', join(path, 'id'));
  assert.match((await vagrant('status')).stdout, /^web {23}not created \(qemu\)$/m);
  assert.equal(existsSync(path), false);
});

test('every command has its help, and the version is Vagrant’s', async (t) => {
  const { vagrant } = project(t, '');
  const { vagrantCommands } = await import('./vagrant-commands.ts');
  const { commandHelp, groupHelp } = await import('./help.ts');
  const { isGroup } = await import('./vagrant-command.ts');
  for (const [name, { load }] of Object.entries(vagrantCommands)) {
    const command = await load();
    const help = isGroup(command) ? groupHelp(name, command) : commandHelp(name, command);
    assert.match(help, new RegExp(`^Usage: vagrant ${name}`));
  }
  assert.match((await vagrant('up', '-h')).stdout, /--\[no-\]provision /);
  assert.equal((await vagrant('box', 'add', '--help')).code, 0);
  assert.equal((await vagrant()).code, 1);
  assert.equal((await vagrant('--help')).code, 0);
  assert.deepEqual(await vagrant('-v'), { code: 0, stdout: 'Vagrant 2.4.9\n', stderr: '' });
});
