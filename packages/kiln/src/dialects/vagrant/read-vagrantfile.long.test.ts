import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { formatDiagnostic } from '../../base/diagnostics.ts';
import { readVagrantfile } from './read-vagrantfile.ts';
import { machineOf, makeProject, told } from './testing/reading.ts';

test('a Vagrantfile becomes frozen data, with places, warnings and what it printed', async (t) => {
  const project = makeProject(t, {
    Vagrantfile: `
puts "hello"
Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
  config.vm.network "forwarded_port", guest: 80, host: 8080
  config.vm.provider "virtualbox" do |vb|
    vb.memory = 2048
    vb.customize ["modifyvm", :id, "--unheard-of", "1"]
  end
  config.landrush.enabled = true
  config.hostmanager.enabled = true
  config.vm.define "web", primary: true do |web|
    web.vm.provision "shell", inline: "echo #{ENV["GREETING"]}"
  end
  config.vm.define "db"
end`,
  });
  const reading = await project.read({ environment: { ...project.environment, GREETING: 'hi' } });
  assert.deepEqual(told(reading), [
    'Vagrantfile:8: warning: only VirtualBox knows modifyvm --unheard-of: no effect',
    'Vagrantfile:10: warning: config.landrush (landrush): its settings have no effect',
  ]);
  assert.deepEqual(reading.output, [{ stream: 'stdout', text: 'hello\n' }]);
  const web = machineOf(reading, 'web');
  assert.ok(Object.isFrozen(web.networks[0]));
  assert.deepEqual(
    web.networks.map((one) => one.kind === 'forwarded_port' && [one.id, one.guest, one.host, one.at.line]),
    [
      ['tcp8080', 80, 8080, 5],
      ['ssh', 22, 2222, 1],
    ],
  );
  assert.equal(web.provider, 'qemu');
  assert.deepEqual([web.hardware.memory, web.hardware.from], [2048, ['virtualbox']]);
  assert.equal(web.provisioners[0]!.settings['inline'], 'echo hi');
  assert.equal(web.plugins['hostmanager']!.settings['enabled'], true);
  assert.deepEqual(
    reading.config!.machines.map(({ name }) => name),
    ['web', 'db'],
  );
  assert.equal(reading.config!.primary, 'web');
});

test('mistakes are told with their place: those of Ruby, of names, of values that do not fit', async (t) => {
  const project = makeProject(t, {
    Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.hostnam = "typo"
  config.vm.hostname = "under_score"
  config.vm.boot_timeout = "soon"
  config.vm.network "forwarded_port", guest: 80
  config.vm.network "wireless"
  config.vm.synced_folder "nowhere", "/srv"
  config.vm.provision "shell"
  config.vm.provision "shel", inline: "typo"
  config.vm.define "good"
  config.vm.define "bad" do |bad|
    bad.vm.box = undefined_thing
  end
end`,
  });
  const reading = await project.read();
  assert.deepEqual(told(reading), [
    'Vagrantfile:4: error: config.vm has no setting hostnam',
    'Vagrantfile:5: error: under_score is no name for a host',
    'Vagrantfile:6: error: config.vm.boot_timeout is to be a number, not "soon"',
    'Vagrantfile:7: error: a forwarded port needs both `guest` and `host`',
    'Vagrantfile:8: error: there are no networks of type wireless',
    'Vagrantfile:9: error: the synced folder nowhere does not exist on the host',
    'Vagrantfile:10: error: a shell provisioner needs `path` or `inline`',
    'Vagrantfile:11: error: there is no provisioner shel',
    "Vagrantfile:14: error: undefined local variable or method 'undefined_thing' (NameError)",
  ]);
  assert.deepEqual([...new Set(reading.diagnostics.map(({ machine }) => machine))], ['good', 'bad']);
  assert.equal(reading.diagnostics[0]!.hint, 'did you mean "hostname"?');
  assert.deepEqual(
    reading.config!.machines.map(({ name }) => name),
    ['good'],
  );
  project.write({ Vagrantfile: 'Vagrant.configure("2") do |config|\n  config.vm.box = (\nend\n' });
  const [first] = (await project.read()).diagnostics;
  assert.match(formatDiagnostic(first!), /^Vagrantfile:[23]:1: error: (?:unexpected|expected) /);
});

test('a file that stops on purpose says so, with its exit code', async (t) => {
  const project = makeProject(t, {
    Vagrantfile: 'unless File.exist?("settings.yml")\n  abort "copy settings.yml.sample first"\nend\n',
  });
  const reading = await project.read();
  assert.equal(reading.exit, 1);
  assert.deepEqual(told(reading), [
    'Vagrantfile:2: error: the file stopped with exit code 1: copy settings.yml.sample first',
  ]);
  assert.deepEqual(reading.output, [{ stream: 'stderr', text: 'copy settings.yml.sample first\n' }]);
});

test('what was read is known the next time, until something that it depends on changes', async (t) => {
  const project = makeProject(t, {
    'nodes.yml': 'names: [a, b]\n',
    'roles/one': '',
    Vagrantfile: `
names = YAML.load_file("nodes.yml")["names"] + Dir.children("roles") + [ENV["EXTRA"]].compact
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  names.each { |name| config.vm.define(name) }
  config.vm.define "late" if File.exist?("late")
end`,
  });
  const names = async (variables = {}) => {
    // Evaluating takes longer than this; recalling does not.
    const request = { environment: { ...project.environment, ...variables }, timeLimit: 1 };
    const reading = await project.read(request);
    return reading.config?.machines.map(({ name }) => name).join(' ');
  };
  const evaluate = async (variables = {}) => {
    assert.equal(await names(variables), undefined, 'something has changed');
    await project.read({ environment: { ...project.environment, ...variables } });
    return names(variables);
  };
  assert.equal(await evaluate(), 'a b one');
  assert.equal(await names({ UNRELATED: '1' }), 'a b one');
  assert.equal(await evaluate({ EXTRA: 'x' }), 'a b one x');
  assert.equal(await names(), 'a b one', 'both are kept');
  project.write({ 'nodes.yml': 'names: [c]\n' });
  assert.equal(await evaluate(), 'c one');
  project.write({ 'roles/two': '' });
  assert.equal(await evaluate(), 'c one two');
  project.write({ late: '' });
  assert.equal(await evaluate(), 'c one two late');
  const [kept] = readdirSync(join(project.kilnHome, 'vagrantfiles'));
  assert.equal(statSync(join(project.kilnHome, 'vagrantfiles', kept!)).mode & 0o777, 0o600);
  writeFileSync(join(project.kilnHome, 'vagrantfiles', kept!), 'damaged');
  assert.equal(await names(), undefined);
});

test('results that the time or chance has a part in are not kept; arguments count if they are read', async (t) => {
  const body = (name: string) => `Vagrant.configure("2") { |c| c.vm.box = "x"; c.vm.hostname = ${name} }\n`;
  const project = makeProject(t, { Vagrantfile: body('"at-#{Time.now.to_i}"') });
  await project.read();
  assert.equal((await project.read({ timeLimit: 1 })).config, undefined);
  project.write({ Vagrantfile: body('ARGV.first || "none"') });
  assert.equal(machineOf(await project.read({ words: ['up'] })).vm.hostname, 'up');
  assert.equal(machineOf(await project.read({ words: ['up'], timeLimit: 1 })).vm.hostname, 'up');
  assert.equal((await project.read({ words: ['halt'], timeLimit: 1 })).config, undefined);
});

test('configurations of the box, the user, the project, the machine and the provider follow on each other', async (t) => {
  const say = (what: string, more = '') =>
    `Vagrant.configure("2") do |c|\n  c.vm.provision "shell", inline: "${what}"\n  c.vm.box_check_update = false\n${more}\nend\n`;
  const project = makeProject(t, {
    '../home/.vagrant.d/Vagrantfile': say('user', 'c.vm.hostname = "user"; c.ssh.username = "user"'),
    '../home/.vagrant.d/boxes/org-VAGRANTSLASH-box/1.2.0/libvirt/metadata.json': '{}',
    '../home/.vagrant.d/boxes/org-VAGRANTSLASH-box/1.2.0/libvirt/Vagrantfile': say(
      'box 1.2',
      'c.vm.hostname = "box"; c.vm.base_mac = "from-box"; c.ssh.shell = "box"',
    ),
    '../home/.vagrant.d/boxes/org-VAGRANTSLASH-box/1.10.0/amd64/libvirt/metadata.json': '{}',
    '../home/.vagrant.d/boxes/org-VAGRANTSLASH-box/1.10.0/amd64/libvirt/Vagrantfile': say('box 1.10'),
    Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "org/box"
  config.vm.box_version = "< 1.5"
  config.ssh.shell = "project"
  config.vm.provision "shell", inline: "project"
  config.vm.provider("libvirt") { |lv, override| override.vm.provision "shell", inline: "provider" }
  config.vm.define "m" do |m|
    m.vm.provision "shell", inline: "machine"
  end
end`,
  });
  const machine = machineOf(await project.read());
  assert.deepEqual(
    machine.provisioners.map(({ settings }) => settings['inline']),
    ['box 1.2', 'user', 'project', 'machine', 'provider'],
  );
  assert.deepEqual(
    [machine.vm.hostname, machine.vm.base_mac, machine.ssh.shell],
    ['user', 'from-box', 'project'],
  );
});

test('where the file is looked for', async (t) => {
  const project = makeProject(t, { 'below/deep/x': '' });
  const folder = join(project.folder, 'below/deep');
  const { environment } = project;
  assert.equal(await readVagrantfile({ folder, environment: { ...environment, HOME: '/' } }), undefined);
  project.write({ vagrantfile: 'Vagrant.configure("2") { |c| c.vm.box = "x" }\n' });
  const found = await readVagrantfile({ folder, environment });
  assert.equal(found!.config!.file, join(project.folder, 'vagrantfile'));
  mkdirSync(join(project.root, 'elsewhere'));
  const elsewhere = { ...environment, VAGRANT_CWD: join(project.root, 'elsewhere') };
  rmSync(join(project.folder, 'vagrantfile'));
  assert.equal(await readVagrantfile({ folder, environment: elsewhere }), undefined);
  await assert.rejects(readVagrantfile({ folder, environment: { ...environment, VAGRANT_CWD: 'none' } }), {
    code: 'not-found',
  });
});

test('a Vagrantfile may be a link that leads out of its folder', async (t) => {
  const project = makeProject(t, {
    '../shared/Vagrantfile':
      'Vagrant.configure("2") { |c| c.vm.box = "x"; c.vm.define(File.basename(File.dirname(__FILE__))) }',
  });
  symlinkSync('../shared/Vagrantfile', join(project.folder, 'Vagrantfile'));
  const reading = await project.read();
  assert.equal(machineOf(reading).name, 'project');
});
