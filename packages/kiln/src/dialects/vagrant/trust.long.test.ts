import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { availableParallelism, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { machineOf, makeProject, tellingFile, told, toldResults } from './testing/reading.ts';
import { distrustProject, trustedProjects, trustProject, trustStateOf } from './trust.ts';

test('a trusted project does what it would do with Vagrant, until its file changes', async (t) => {
  const project = makeProject(t, {
    '../shared.yml': 'shared: true',
    Vagrantfile: tellingFile({
      backticks: '`echo hello; echo complaint >&2; exit 3`.strip + $?.exitstatus.to_s',
      words: 'system("test", "-e", "Vagrantfile")',
      folder: '`pwd`.strip == Dir.pwd',
      variables:
        'ENV["FROM_FILE"] = "1"; IO.popen({ "MORE" => "2" }, ["sh", "-c", "echo $FROM_FILE$MORE$FROM_USER"], &:read).strip',
      input: 'Open3.capture2("cat", stdin_data: "through").first',
      none: 'system("no-such-program-anywhere").inspect',
      noneEither: '`no-such-program-anywhere`',
      shared: 'YAML.load_file("../shared.yml")["shared"]',
      written: 'File.write("script.sh", "echo written"); `sh script.sh`.strip',
      kept: 'FileUtils.mkdir_p("made/deep"); File.write("made/deep/kept.txt", "kept"); 1',
    }),
  });
  const file = join(project.folder, 'Vagrantfile');
  const environment = { ...project.environment, FROM_USER: '3' };
  const before = await project.read({ environment });
  assert.ok(before.wantsTrust);
  assert.equal(toldResults(before)['backticks'], '127');
  assert.ok(!existsSync(join(project.folder, 'made')));

  await trustProject(file, project.kilnHome, new Date('2026-01-02T03:04:05Z'));
  const after = await project.read({ environment });
  assert.deepEqual(toldResults(after), {
    ...{ backticks: 'hello3', words: true, folder: true, variables: '123', input: 'through', none: 'nil' },
    ...{ noneEither: 'Errno::ENOENT', shared: true, written: 'written', kept: 1 },
  });
  assert.deepEqual(told(after), []);
  assert.ok(!after.wantsTrust);
  assert.deepEqual(after.output, [{ stream: 'stderr', text: 'complaint\n' }]);
  assert.equal(readFileSync(join(project.folder, 'made/deep/kept.txt'), 'utf8'), 'kept');
  const records = await trustedProjects(project.kilnHome);
  assert.deepEqual(
    records.map((record) => [record.file, record.since]),
    [[file, '2026-01-02T03:04:05.000Z']],
  );

  project.write({ Vagrantfile: `${readFileSync(file, 'utf8')}# changed\n` });
  assert.equal(trustStateOf(file, project.kilnHome), 'changed');
  assert.equal(toldResults(await project.read({ environment }))['backticks'], '127');
});

test('trust belongs to one project and can be taken back; a link to it is the same project', async (t) => {
  const project = makeProject(t, { Vagrantfile: '', '../other/Vagrantfile': '' });
  const file = join(project.folder, 'Vagrantfile');
  assert.deepEqual(await trustedProjects(project.kilnHome), []);
  await trustProject(file, project.kilnHome, new Date());
  assert.equal(trustStateOf(file, project.kilnHome), 'trusted');
  assert.equal(trustStateOf(join(project.root, 'other/Vagrantfile'), project.kilnHome), 'unknown');
  symlinkSync(project.folder, join(project.root, 'link'));
  assert.equal(trustStateOf(join(project.root, 'link/Vagrantfile'), project.kilnHome), 'trusted');
  assert.equal(await distrustProject(file, project.kilnHome), true);
  assert.equal(await distrustProject(file, project.kilnHome), false);
  assert.equal(trustStateOf(file, project.kilnHome), 'unknown');
});

test('time that programs take does not count, and a command that is cancelled ends them', async (t) => {
  const project = makeProject(t, { Vagrantfile: tellingFile({ slow: 'system("sleep 2.5")' }) });
  await trustProject(join(project.folder, 'Vagrantfile'), project.kilnHome, new Date());
  assert.deepEqual(toldResults(await project.read({ timeLimit: 2400 })), { slow: true });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 500);
  await assert.rejects(project.read({ signal: controller.signal }), { code: 'cancelled' });
});

test('what is asked about the host is answered without running anything', async (t) => {
  const project = makeProject(t, {
    Vagrantfile: tellingFile({
      cpus: '`nproc`.to_i',
      memory: "`grep 'MemTotal' /proc/meminfo | sed -e 's/MemTotal://' -e 's/ kB//'`.to_i > 100_000",
      system: '`uname -s`.chomp',
      machine: '%x{uname -m 2>/dev/null}.strip == RbConfig::CONFIG["host_cpu"]',
      name: '`hostname`.strip',
      user: '`whoami`.strip == Etc.getlogin',
      id: '`id -u`.to_i == Process.uid',
      status: '`uname`; $?.success?',
      addresses: 'Socket.ip_address_list.any? { |one| one.ipv4? }',
    }),
  });
  const reading = await project.read();
  assert.deepEqual(toldResults(reading), {
    cpus: availableParallelism(),
    memory: true,
    system: process.platform === 'darwin' ? 'Darwin' : 'Linux',
    machine: true,
    name: hostname(),
    user: true,
    id: userInfo().uid >= 0,
    status: true,
    addresses: true,
  });
  assert.deepEqual(told(reading), []);
});

test('a file that installs its plugins and starts Vagrant again goes on as if they were there', async (t) => {
  const project = makeProject(t, {
    Vagrantfile: `
required = %w[vagrant-hostmanager vagrant-of-nobody vagrant-other]
missing = required.reject { |name| Vagrant.has_plugin?(name) }
unless missing.empty?
  system("vagrant plugin install #{missing.join(" ")}") or exit 1
  exec "vagrant #{ARGV.join(" ")}"
end
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.nobody.setting = 1
end`,
  });
  const reading = await project.read({ words: ['up'] });
  assert.equal(machineOf(reading).vm.box, 'x');
  assert.deepEqual(told(reading), [
    'Vagrantfile:10: warning: config.nobody belongs to no plugin that Kiln knows: no effect',
  ]);
  project.write({
    '.vagrantplugins': 'FROM_PLUGINS = "x"\n',
    Vagrantfile: `
exec "vagrant plugin install vagrant-of-nobody && vagrant up" unless Vagrant.has_plugin?("vagrant-of-nobody")
Vagrant.configure("2") { |config| config.vm.box = FROM_PLUGINS }`,
  });
  assert.equal(machineOf(await project.read()).vm.box, 'x');
  project.write({ Vagrantfile: 'raise "install it" unless Vagrant.has_plugin?("vagrant-of-nobody")\n' });
  assert.deepEqual(told(await project.read()), ['Vagrantfile:1: error: install it']);
});

test('the work tree of Git is the project; a home folder that is one is not', async (t) => {
  const files = {
    '../outer/data.yml': 'a: 1',
    '../outer/inner/Vagrantfile': tellingFile({ above: 'YAML.load_file("../data.yml")["a"]' }),
  };
  const project = makeProject(t, files);
  const folder = join(project.root, 'outer/inner');
  assert.deepEqual(toldResults(await project.read({ folder })), { above: 'Errno::EACCES' });
  mkdirSync(join(project.root, 'outer/.git'));
  assert.deepEqual(toldResults(await project.read({ folder, fresh: true })), { above: 1 });
  const environment = { ...project.environment, HOME: join(project.root, 'outer') };
  assert.deepEqual(toldResults(await project.read({ folder, environment })), { above: 'Errno::EACCES' });
});
