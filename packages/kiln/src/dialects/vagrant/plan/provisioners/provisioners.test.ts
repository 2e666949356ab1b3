import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { formatDiagnostic } from '../../../../base/diagnostics.ts';
import type { Provisioner } from '../../../../plan/provisioner.ts';
import { makeProject } from '../../testing/reading.ts';
import { planMachines } from '../plan-machines.ts';

interface Planned {
  readonly provisioners: readonly Provisioner[];
  readonly warnings: readonly string[];
  /** A path of the project, as tests write it. */
  readonly shown: (value: unknown) => unknown;
}

async function plan(
  t: TestContext,
  body: string,
  files: Readonly<Record<string, string>> = {},
): Promise<Planned> {
  const Vagrantfile = `Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
${body}
end`;
  const project = makeProject(t, { Vagrantfile, ...files }, {});
  const { config, diagnostics } = await project.read();
  assert.ok(config, diagnostics.map(formatDiagnostic).join('\n'));
  const planned = planMachines(config, { cpus: 2, home: project.home, environment: project.environment });
  assert.equal(planned.machines.length, 1, planned.diagnostics.map(formatDiagnostic).join('\n'));
  return {
    provisioners: planned.machines[0]!.provisioners,
    warnings: planned.diagnostics.map(({ message }) => message),
    shown: (value) => JSON.parse(JSON.stringify(value).replaceAll(config.folder, '.')),
  };
}

/** The only step of the only provisioner, without what all steps have. */
async function onlyStep(t: TestContext, body: string, files: Readonly<Record<string, string>> = {}) {
  const { provisioners, shown } = await plan(t, body, files);
  assert.equal(provisioners.length, 1);
  assert.equal(provisioners[0]!.steps.length, 1);
  const { at: _at, pauseBefore: _p, timeout: _t, maxRetries: _r, ...step } = provisioners[0]!.steps[0]!;
  return shown(step);
}

test('Ansible of this host gets all its settings, and paths of the project', async (t) => {
  const step = await onlyStep(
    t,
    `config.vm.provision "ansible" do |ansible|
      ansible.playbook = "site.yml"
      ansible.verbose = "vvv"
      ansible.become = true
      ansible.become_user = "www-data"
      ansible.groups = { "web" => ["default"], "one" => "default", "all:vars" => { "x" => 1 } }
      ansible.extra_vars = { ntp: "pool", list: [1, 2] }
      ansible.host_vars = { "default" => { "port" => 22 } }
      ansible.raw_arguments = "--diff"
      ansible.tags = ["one", "two"]
      ansible.galaxy_role_file = "requirements.yml"
      ansible.raw_ssh_args = "-o Compression=yes"
      ansible.vault_password_file = "vault.txt"
    end`,
    { 'site.yml': '[]\n', 'requirements.yml': '[]\n', 'vault.txt': 'x\n' },
  );
  assert.deepEqual(step, {
    kind: 'ansible',
    command: 'ansible-playbook',
    hostName: 'default',
    limit: 'default',
    tags: ['one', 'two'],
    skipTags: [],
    become: true,
    becomeUser: 'www-data',
    verbosity: 3,
    groups: { web: ['default'], one: ['default'], 'all:vars': { x: 1 } },
    hostVars: { default: { port: 22 } },
    arguments: ['--diff'],
    environment: [],
    packerVariables: false,
    playbook: './site.yml',
    inventoryFolder: './.vagrant/provisioners/ansible/inventory',
    keepInventory: true,
    vaultPasswordFile: './vault.txt',
    extraVars: { kind: 'values', values: { ntp: 'pool', list: [1, 2] } },
    galaxy: { file: './requirements.yml', rolesPath: './roles', force: true },
    forceUser: true,
    hostKeyChecking: false,
    sshArguments: ['-o', 'Compression=yes'],
    askBecomePassword: false,
    askVaultPassword: false,
    reads: ['./site.yml'],
  });
});

test('Ansible in the machine works in its own folder and is installed there', async (t) => {
  const step = await onlyStep(
    t,
    `config.vm.provision :ansible_local do |ansible|
      ansible.playbook = "play.yml"
      ansible.extra_vars = "@vars.yml"
      ansible.install_mode = "pip"
      ansible.version = "2.10"
      ansible.limit = "all"
      ansible.galaxy_role_file = "req.yml"
      ansible.galaxy_command = "galaxy %{role_file}"
    end`,
  );
  assert.deepEqual(step, {
    kind: 'ansible-local',
    command: 'ansible-playbook',
    hostName: 'default',
    limit: 'all',
    tags: [],
    skipTags: [],
    become: false,
    verbosity: 0,
    groups: {},
    hostVars: {},
    arguments: [],
    environment: [],
    packerVariables: false,
    playbooks: ['play.yml'],
    copies: [],
    folder: '/vagrant',
    cleanFolder: false,
    extraVars: { kind: 'file', path: 'vars.yml' },
    galaxy: { file: 'req.yml', command: 'galaxy %{role_file}', force: true },
    install: { from: 'pip', withCollections: true, version: '2.10' },
    otherHosts: [],
  });
});

test('Puppet brings manifests, modules and Hiera along', async (t) => {
  const step = await onlyStep(
    t,
    `config.vm.provision :puppet do |puppet|
      puppet.module_path = ["modules", "more"]
      puppet.facter = { "vagrant" => "1" }
      puppet.options = "--verbose --debug"
      puppet.hiera_config_path = "hiera.yaml"
      puppet.environment_variables = { "A" => "b" }
    end`,
    { 'manifests/default.pp': '', 'modules/x': '', 'more/x': '', 'hiera.yaml': '' },
  );
  assert.deepEqual(step, {
    kind: 'puppet',
    cleanFolder: false,
    arguments: ['--verbose --debug'],
    asRoot: true,
    install: false,
    validExitCodes: [0, 2],
    run: {
      kind: 'apply',
      modulePath: ['modules-0', 'modules-1', '/etc/puppet/modules'],
      manifest: 'manifests/default.pp',
      hieraConfig: 'hiera.yaml',
    },
    copies: [
      { from: './manifests', to: 'manifests' },
      { from: './modules', to: 'modules-0' },
      { from: './more', to: 'modules-1' },
      { from: './hiera.yaml', to: 'hiera.yaml' },
    ],
    facts: [['vagrant', '1']],
    environment: [['A', 'b']],
  });
});

test('an environment of Puppet is applied as a whole', async (t) => {
  const step = (await onlyStep(
    t,
    `config.vm.provision "env", type: :puppet do |puppet|
      puppet.environment = "test"
      puppet.environment_path = "envs"
      puppet.structured_facts = true
      puppet.facter = { "list" => [1] }
    end`,
    { 'envs/test/manifests/site.pp': '' },
  )) as Record<string, unknown>;
  assert.deepEqual(step['run'], {
    kind: 'apply',
    modulePath: [],
    environmentPath: 'environments',
    environmentName: 'test',
  });
  assert.deepEqual(step['structuredFacts'], { list: [1] });
  assert.deepEqual(step['copies'], [{ from: './envs', to: 'environments' }]);
});

test('Chef gets folders of both sides, and those that are not there are said', async (t) => {
  const { provisioners, warnings, shown } = await plan(
    t,
    `config.vm.provision :chef_solo do |chef|
      chef.cookbooks_path = ["cookbooks", "missing"]
      chef.data_bags_path = [[:vm, "/bags"]]
      chef.add_recipe "apache"
      chef.json = { "apache" => { "port" => 80 } }
      chef.version = "12.10.24"
      chef.arguments = "--chef-license accept"
    end`,
    { 'cookbooks/apache/metadata.rb': '' },
  );
  const step = shown(provisioners[0]!.steps[0]) as Record<string, Record<string, unknown>>;
  assert.deepEqual(step['config']!['cookbookPaths'], ['cookbooks-0']);
  assert.deepEqual(step['config']!['dataBagPaths'], ['/bags']);
  assert.deepEqual(step['copies'], [{ from: './cookbooks', to: 'cookbooks-0' }]);
  assert.deepEqual(step['runList'], ['recipe[apache]']);
  assert.deepEqual(step['attributes'], { apache: { port: 80 } });
  assert.deepEqual(step['install'], {
    product: 'chef',
    channel: 'stable',
    version: '12.10.24',
    url: 'https://omnitruck.chef.io',
    always: false,
  });
  assert.deepEqual(warnings, ['there is no folder missing; it is left out']);
});

test('Salt without a master applies the highstate with its pillar', async (t) => {
  const step = (await onlyStep(
    t,
    `config.vm.provision :salt do |salt|
      salt.masterless = true
      salt.minion_config = "minion"
      salt.run_highstate = true
      salt.pillar("a" => { "b" => 1 })
      salt.install_type = "stable"
      salt.version = "3006"
      salt.bootstrap_options = "-F"
    end`,
    { minion: '' },
  )) as Record<string, unknown>;
  assert.equal(step['masterless'], true);
  assert.equal(step['state'], 'highstate');
  assert.deepEqual(step['pillar'], { a: { b: 1 } });
  assert.deepEqual(step['copies'], [{ from: './minion', to: 'minion' }]);
  assert.deepEqual(step['install'], { arguments: '-F stable 3006', always: false });
});

test('containers, with what runs between the installation and them', async (t) => {
  const { provisioners } = await plan(
    t,
    `config.vm.provision "docker" do |d|
      d.pull_images "nginx", "redis"
      d.build_image "/vagrant/app", args: "-t app"
      d.run "web", image: "nginx", args: "-p 80:80", restart: "no"
      d.run "redis"
      d.post_install_provision "shell", inline: "echo installed"
    end`,
  );
  const steps = provisioners[0]!.steps;
  assert.deepEqual(
    steps.map(({ kind }) => kind),
    ['docker', 'shell', 'docker'],
  );
  const last = steps[2]!;
  assert.ok(last.kind === 'docker');
  assert.deepEqual(last.images, ['nginx', 'redis']);
  assert.deepEqual(last.builds, [{ path: '/vagrant/app', arguments: '-t app' }]);
  assert.deepEqual(last.containers, [
    {
      name: 'web',
      image: 'nginx',
      command: '',
      arguments: '-p 80:80',
      daemonize: true,
      assignName: true,
    },
    {
      name: 'redis',
      image: 'redis',
      command: '',
      arguments: '',
      daemonize: true,
      restart: 'always',
      assignName: true,
    },
  ]);
});

test('the plugin vagrant-reload restarts the machine', async (t) => {
  const { provisioners } = await plan(t, 'config.vm.provision :reload');
  assert.deepEqual(
    provisioners.map(({ type, steps }) => [type, steps.map(({ kind }) => kind)]),
    [['reload', ['reboot']]],
  );
});
