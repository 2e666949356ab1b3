import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { formatDiagnostic } from '../../../base/diagnostics.ts';
import type { MachineSpec } from '../../../plan/machine-spec.ts';
import { makeProject } from '../testing/reading.ts';
import { type PlannedMachines, planMachines } from './plan-machines.ts';

async function plan(
  t: TestContext,
  body: string,
  files: Readonly<Record<string, string>> = {},
  variables: Readonly<Record<string, string>> = {},
): Promise<PlannedMachines> {
  const text = /Vagrant\.configure/.test(body)
    ? body
    : `Vagrant.configure("2") do |config|\n  config.vm.box = "debian/bookworm64"\n${body}\nend`;
  const project = makeProject(t, { Vagrantfile: text, ...files }, variables);
  const { config, diagnostics } = await project.read();
  assert.ok(config, diagnostics.map(formatDiagnostic).join('\n'));
  return planMachines(config, { cpus: 8, home: project.home, environment: project.environment });
}

async function only(...given: Parameters<typeof plan>): Promise<MachineSpec> {
  const { machines, diagnostics } = await plan(...given);
  assert.equal(machines.length, 1, diagnostics.map(formatDiagnostic).join('\n'));
  return machines[0]!;
}

const said = ({ diagnostics }: PlannedMachines) =>
  diagnostics.map(({ severity, machine, message }) => `${machine}: ${severity}: ${message}`);

test('a machine of which nothing is said is one that a box’s users expect', async (t) => {
  const machine = await only(t, '');
  assert.equal(machine.name, 'default');
  assert.equal(machine.primary, true);
  assert.equal(machine.hostname, undefined);
  assert.deepEqual([machine.memory, machine.cpus, machine.firmware], [1024 ** 3, 2, 'bios']);
  assert.deepEqual(machine.login, { user: 'vagrant', publishedKeys: true, timeout: 300_000, adoptKey: true });
  assert.deepEqual(machine.sshForward, { host: 2222, hostAddress: '127.0.0.1', autoCorrect: true });
  assert.deepEqual(machine.portRange, { first: 2200, last: 2250 });
  assert.deepEqual(
    machine.folders.map(({ guestPath, type }) => [guestPath, type]),
    [['/vagrant', 'auto']],
  );
  assert.deepEqual(machine.ports, []);
  assert.equal(machine.haltTimeout, 60_000);
});

test('boxes keep everything that says where they come from', async (t) => {
  const { image } = await only(
    t,
    `
    config.vm.box_version = ">= 1.2, < 2"
    config.vm.box_url = ["boxes/one.json", "https://example.com/two.json"]
    config.vm.box_server_url = "https://boxes.example.com"
    config.vm.box_download_checksum = "ABCDEF0123456789ABCDEF0123456789"
    config.vm.box_download_checksum_type = "md5"
    config.vm.box_download_insecure = true
    config.vm.box_check_update = false
    config.vm.box_architecture = "arm64"`,
  );
  assert.equal(image.kind, 'box');
  if (image.kind !== 'box') return;
  assert.deepEqual(
    image.urls.map((url) => url.replace(/^.*\/project\//, '')),
    ['boxes/one.json', 'https://example.com/two.json'],
  );
  const { urls: _urls, ...rest } = image;
  assert.deepEqual(rest, {
    kind: 'box',
    name: 'debian/bookworm64',
    version: '>= 1.2, < 2',
    providers: ['libvirt', 'qemu', 'virtualbox', 'vmware_desktop'],
    architecture: 'arm64',
    server: 'https://boxes.example.com',
    checksum: { kind: 'digest', algorithm: 'md5', hex: 'abcdef0123456789abcdef0123456789' },
    checkForUpdates: false,
    download: { insecure: true },
  });
});

test('kiln: before a name is an image of Kiln’s own, or a distribution', async (t) => {
  const { machines } = await plan(
    t,
    `Vagrant.configure("2") do |config|
      config.vm.define("a") { |m| m.vm.box = "kiln:web:latest" }
      config.vm.define("b") { |m| m.vm.box = "kiln:debian/12" }
    end`,
  );
  assert.deepEqual(
    machines.map(({ image }) => image),
    [
      { kind: 'store', reference: 'web:latest' },
      { kind: 'distribution', distribution: 'debian', release: '12' },
    ],
  );
});

test('hardware is taken from the blocks of whatever provider the file has', async (t) => {
  const { machines, ...rest } = await plan(
    t,
    `
    config.vm.disk :disk, size: "30GB", primary: true
    config.vm.disk :disk, size: "5GB", name: "data"
    config.vm.disk :dvd, name: "tools", file: "tools.iso"
    config.vm.provider :virtualbox do |vb|
      vb.memory = "2048"
      vb.cpus = 4
      vb.gui = true
      vb.customize ["modifyvm", :id, "--cpuexecutioncap", "50", "--firmware", "efi"]
      vb.customize ["createhd", "--filename", "./more/data.vdi", "--size", 1024]
    end
    config.vm.define "a"
    config.vm.define "b" do |b|
      b.vm.provider(:virtualbox) { |vb| vb.memory = 512 }
    end`,
    { 'tools.iso': '' },
  );
  const [a, b] = machines;
  assert.deepEqual([a!.memory, b!.memory], [2 * 1024 ** 3, 512 * 1024 ** 2]);
  assert.deepEqual([a!.cpus, a!.firmware, a!.diskSize], [4, 'efi', 30 * 1024 ** 3]);
  assert.deepEqual(
    a!.disks.map(({ kind, name }) => [kind, name]),
    [
      ['disk', 'data'],
      ['cdrom', 'tools'],
      ['disk', 'data-2'],
    ],
  );
  assert.deepEqual(said({ machines, ...rest }), [
    'a: warning: gui: machines of Kiln have no window; `kiln ssh` leads into them, and their console is logged',
    "a: warning: the machine may use all of its processors' time, not only 50 %",
  ]);
});

test('machines for libvirt have what vagrant-libvirt gives them', async (t) => {
  const machine = await only(
    t,
    `
    config.vm.network "forwarded_port", guest: 80, host: 8080
    config.vm.provider :libvirt do |lv|
      lv.machine_virtual_size = 40
      lv.disk_bus = "scsi"
      lv.cpu_mode = "host-passthrough"
      lv.nic_model_type = "e1000"
      lv.qemuargs value: "-snapshot"
    end`,
  );
  assert.deepEqual([machine.memory, machine.cpus, machine.diskSize], [512 * 1024 ** 2, 1, 40 * 1024 ** 3]);
  assert.deepEqual(machine.hardware, {
    cpuModel: 'host',
    diskBus: 'scsi',
    networkCard: 'e1000',
    qemuArguments: ['-snapshot'],
  });
  assert.equal(machine.ports[0]?.hostAddress, '127.0.0.1', 'libvirt opens ports to this host alone');
});

test('forwarded ports: that of SSH is Kiln’s own, others are open where the file says', async (t) => {
  const machine = await only(
    t,
    `
    config.vm.usable_port_range = 3000..3010
    config.vm.network "forwarded_port", guest: 80, host: 8080
    config.vm.network "forwarded_port", guest: 53, host: 5353, protocol: "udp", auto_correct: true, host_ip: "127.0.0.1"
    config.vm.network "forwarded_port", guest: 1, host: 1001, disabled: true
    config.vm.network "forwarded_port", guest: 22, host: 2299, id: "ssh"`,
  );
  assert.deepEqual(machine.ports, [
    { guest: 80, host: 8080, hostAddress: '0.0.0.0', protocol: 'tcp', autoCorrect: false },
    { guest: 53, host: 5353, hostAddress: '127.0.0.1', protocol: 'udp', autoCorrect: true },
  ]);
  assert.deepEqual(machine.sshForward, { host: 2299, hostAddress: '127.0.0.1', autoCorrect: false });
  assert.deepEqual(machine.portRange, { first: 3000, last: 3010 });
});

test('networks keep their addresses, names and who takes part', async (t) => {
  const planned = await plan(
    t,
    `
    config.vm.network "private_network", ip: "192.168.56.10", netmask: "255.255.255.128", mac: "080027A0B0C0"
    config.vm.network "private_network", type: "dhcp", virtualbox__intnet: "inner"
    config.vm.network "private_network", ip: "10.1.0.5", libvirt__network_name: "lan", hostname: true
    config.vm.network "private_network", ip: "fd00::5", netmask: "80", auto_config: false
    config.vm.network "public_network", bridge: ["br0", "eth0"], use_dhcp_assigned_default_route: true`,
  );
  assert.deepEqual(
    planned.machines[0]!.networks.map(({ id: _id, ...rest }) => rest),
    [
      {
        kind: 'private',
        address: '192.168.56.10',
        prefix: 25,
        mac: '08:00:27:a0:b0:c0',
        ...{ configure: true, ownsHostname: false, bridges: [], isolated: false },
      },
      {
        kind: 'private',
        network: 'inner',
        ...{ configure: true, ownsHostname: false, bridges: [], isolated: true },
      },
      {
        kind: 'private',
        network: 'lan',
        address: '10.1.0.5',
        ...{ configure: true, ownsHostname: true, bridges: [], isolated: false },
      },
      {
        kind: 'private',
        address: 'fd00::5',
        prefix: 80,
        ...{ configure: false, ownsHostname: false, bridges: [], isolated: false },
      },
      {
        kind: 'public',
        ...{ configure: true, ownsHostname: false, bridges: ['br0', 'eth0'], isolated: false },
      },
    ],
  );
  assert.deepEqual(said(planned), [
    "default: warning: use_dhcp_assigned_default_route: the machine's way out stays its first card",
  ]);
});

test('synced folders: any kind that Kiln has not becomes the best that it has', async (t) => {
  const planned = await plan(
    t,
    `
    config.vm.synced_folder ".", "/vagrant", disabled: true
    config.vm.synced_folder "src", "/nfs", type: "nfs", mount_options: ["vers=3", "noatime", "ro"]
    config.vm.synced_folder "src", "/copy", type: "rsync", rsync__exclude: ".git/", rsync__args: ["-a"], rsync__auto: false
    config.vm.synced_folder "new", "/new", create: true, owner: "www-data", group: "adm", mount_options: ["dmode=770"]
    config.vm.synced_folder "src", "/fs", type: "sshfs"`,
    { 'src/keep': '' },
  );
  const folders = planned.machines[0]!.folders.map(({ hostPath, ...rest }) => ({
    ...rest,
    hostPath: hostPath.replace(/^.*\/project\//, ''),
  }));
  const usual = { create: false, mountOptions: [], readOnly: false };
  const rsync = { exclude: [], auto: true, chown: true };
  assert.deepEqual(folders, [
    {
      ...usual,
      ...{ id: '/nfs', guestPath: '/nfs', hostPath: 'src', type: 'auto' },
      ...{ mountOptions: ['noatime'], readOnly: true, rsync },
    },
    {
      ...usual,
      ...{ id: '/copy', guestPath: '/copy', hostPath: 'src', type: 'rsync' },
      rsync: { exclude: ['.git/'], arguments: ['-a'], auto: false, chown: true },
    },
    {
      ...usual,
      ...{ id: '/new', guestPath: '/new', hostPath: 'new', type: 'auto' },
      ...{ create: true, owner: 'www-data', group: 'adm', rsync },
    },
    { ...usual, ...{ id: '/fs', guestPath: '/fs', hostPath: 'src', type: 'sshfs' }, rsync },
  ]);
  assert.match(said(planned)[0]!, /\/new: files have the modes that they have on the host/);
});

test('login: keys, passwords and times of config.ssh', async (t) => {
  const machine = await only(
    t,
    `
    config.vm.boot_timeout = 600
    config.ssh.username = "admin"
    config.ssh.private_key_path = ["~/one", "two"]
    config.ssh.insert_key = false
    config.ssh.guest_port = 2200
    config.ssh.forward_agent = true
    config.ssh.extra_args = ["-v"]
    config.ssh.forward_env = ["LANG"]
    config.ssh.remote_user = "other"`,
    { two: 'key', '../home/one': 'key' },
  );
  const { login, sshClient } = machine;
  assert.match(login.privateKeyFile!, /\/home\/one$/);
  assert.match(login.moreKeyFiles![0]!, /\/project\/two$/);
  assert.deepEqual([login.user, login.port, login.timeout, login.adoptKey], ['admin', 2200, 600_000, false]);
  assert.equal(login.publishedKeys, undefined);
  assert.deepEqual(sshClient, {
    forwardAgent: true,
    forwardX11: false,
    sendEnvironment: ['LANG'],
    compression: true,
    keepAlive: true,
    extraArguments: ['-v'],
    user: 'other',
    shell: 'bash -l',
  });
});

test('machines that cannot be made say why, and the others are none the worse', async (t) => {
  const planned = await plan(
    t,
    `Vagrant.configure("2") do |config|
      config.vm.define("win") { |m| m.vm.box = "x"; m.vm.communicator = "winrm" }
      config.vm.define("copy") { |m| m.vm.clone = "/elsewhere" }
      config.vm.define("good") { |m| m.vm.box = "x" }
    end`,
  );
  assert.deepEqual(
    planned.machines.map(({ name, refusal }) => [name, refusal?.message.slice(0, 15), refusal?.at?.line]),
    [
      ['win', 'config.vm.commu', 2],
      ['copy', 'config.vm.clone', 3],
      ['good', undefined, undefined],
    ],
  );
  assert.deepEqual(
    planned.diagnostics.map(({ severity, machine }) => [severity, machine]),
    [
      ['warning', 'win'],
      ['warning', 'copy'],
    ],
  );
});

test('shell provisioners run with the shell, the rights and the words of the file', async (t) => {
  const { provisioners } = await only(
    t,
    `
    config.ssh.shell = "ash"
    config.vm.provision "shell", inline: "echo hi", args: "a 'b c'", run: "always"
    config.vm.provision "named", type: "shell", inline: "true", privileged: false, args: ["x y", 1], env: { "A" => 'say "$B"', "C" => nil }
    config.vm.provision "shell", path: "https://example.com/get.sh", sha256: "AB", reset: true
    config.vm.provision "shell", path: "local.sh", upload_path: "/var/tmp/mine", binary: true, reboot: true`,
    { 'local.sh': 'true' },
  );
  assert.deepEqual(
    provisioners.map(({ name, type, run, reconnect, steps }) => [
      name,
      type,
      run,
      reconnect,
      steps.map((step) => step.kind).join(' '),
    ]),
    [
      [undefined, 'shell', 'always', undefined, 'shell'],
      ['named', 'shell', 'once', undefined, 'shell'],
      [undefined, 'shell', 'once', true, 'shell'],
      [undefined, 'shell', 'once', undefined, 'shell reboot'],
    ],
  );
  const shells = provisioners.map(({ steps }) => steps[0]!);
  assert.deepEqual(
    shells.map((step) => (step.kind === 'shell' ? step.executeCommand : undefined)),
    [
      `printf '%s\\n' '/tmp/vagrant-shell a '"'"'b c'"'"' </dev/null' | sudo -E -H ash`,
      `printf '%s\\n' 'A="say "\\""$B"\\""" C="" /tmp/vagrant-shell "x y" "1" </dev/null' | ash`,
      `printf '%s\\n' '/tmp/vagrant-shell </dev/null' | sudo -E -H ash`,
      `printf '%s\\n' '/var/tmp/mine </dev/null' | sudo -E -H ash`,
    ],
  );
  const download = shells[2]!;
  assert.deepEqual(download.kind === 'shell' && download.download, {
    url: 'https://example.com/get.sh',
    digests: [{ algorithm: 'sha256', hex: 'ab' }],
  });
});

test('file provisioners: a folder becomes its destination, or goes there with its name', async (t) => {
  const { provisioners } = await only(
    t,
    `
    config.vm.provision "file", source: "src", destination: "/tmp/copy"
    config.vm.provision "file", source: "src", destination: "/tmp/copy/"
    config.vm.provision "file", source: "src/.", destination: "/tmp/copy/"
    config.vm.provision "file", source: "~/one", destination: "$HOME/one"`,
    { 'src/keep': '', '../home/one': '' },
  );
  const copies = provisioners.map(({ steps: [step] }) =>
    step?.kind === 'file'
      ? [String(step.sources[0]).replace(/^.*\/(project|home)\//, ''), step.destination]
      : [],
  );
  assert.deepEqual(copies, [
    ['src/', '/tmp/copy'],
    ['src/', '/tmp/copy/src'],
    ['src/', '/tmp/copy/'],
    ['one', '$HOME/one'],
  ]);
});

test('triggers run programs of the host without a shell, and scripts in the machine', async (t) => {
  const { triggers } = await only(
    t,
    `
    config.trigger.after :up, :reload, name: "hello", info: "hi", only_on: ["default", /^WEB\\d/i] do |trigger|
      trigger.run = { inline: "bash -c 'echo \\"hi\\" | cat'" }
    end
    config.trigger.before :destroy do |trigger|
      trigger.run_remote = { inline: "true", privileged: false }
      trigger.on_error = :continue
      trigger.exit_codes = [0, 2]
    end
    config.trigger.before(:halt) { |trigger| trigger.ruby { puts "hi" } }
    config.trigger.before(:suspend) { |trigger| trigger.abort = 3 }`,
  );
  assert.deepEqual(
    triggers.map(({ when, command }) => `${when} ${command}`),
    ['before destroy', 'before halt', 'before suspend', 'after up', 'after reload'],
  );
  const [destroy, halt, suspend, up] = triggers;
  assert.deepEqual([destroy!.onError, destroy!.exitCodes], ['continue', [0, 2]]);
  assert.equal(destroy!.runRemote?.kind === 'shell' && destroy!.runRemote.validExitCodes.length, 2);
  assert.equal(halt!.code?.length, 2);
  assert.equal(suspend!.abort, 3);
  assert.deepEqual([up!.name, up!.info], ['hello', 'hi']);
  assert.deepEqual(up!.onlyOn, ['default', { pattern: '^WEB\\d', flags: 'i' }]);
  assert.deepEqual(up!.run?.kind === 'shell-local' && up!.run.executeCommand, [
    'bash',
    '-c',
    'echo "hi" | cat',
  ]);
});

test('a hook is the action that it is part of, or is told to be none', async (t) => {
  const planned = await plan(
    t,
    `
    config.trigger.before :machine_action_up, type: :hook, info: "hi"
    config.trigger.after :provisioner_run, type: :hook, info: "never"
    config.trigger.after "Vagrant::Action::Builtin::Provision", type: :hook, info: "never"`,
  );
  assert.deepEqual(
    planned.machines[0]!.triggers.map(({ when, type, command }) => [when, type, command]),
    [['before', 'action', 'up']],
  );
  assert.equal(
    said(planned).filter((text) => /is never run: only Vagrant has this hook/.test(text)).length,
    2,
  );
});

test('plugins that are built in: names, proxies, the size of the disk', async (t) => {
  const { machines } = await plan(
    t,
    `
    config.vm.hostname = "web"
    config.hostmanager.enabled = true
    config.hostmanager.manage_host = true
    config.disksize.size = "50GB"
    config.proxy.http = "http://proxy:3128"
    config.proxy.no_proxy = "localhost"
    config.proxy.enabled = { yum: false }
    config.vm.define("a") { |m| m.hostmanager.aliases = %w(www api) }
    config.vm.define("b") { |m| m.proxy.enabled = false }
    config.vm.provision :hostmanager`,
    {},
    { VAGRANT_HTTPS_PROXY: 'http://other:1' },
  );
  const [a, b] = machines;
  assert.deepEqual(a!.names, { aliases: ['www', 'api'], onHost: true, others: [], inMachine: true });
  assert.equal(a!.diskSize, 50 * 1024 ** 3);
  assert.deepEqual(
    a!.provisioners.map(({ type, run }) => [type, run]),
    [['proxyconf', 'always']],
  );
  const [step] = a!.provisioners[0]!.steps;
  const script = step?.kind === 'shell' && step.script.kind === 'inline' ? String(step.script.lines[0]) : '';
  assert.match(script, /https_proxy=http:\/\/other:1/);
  assert.match(script, /Acquire::http::Proxy "http:\/\/proxy:3128";/);
  assert.doesNotMatch(script, /yum/);
  assert.deepEqual(b!.provisioners, []);
});

test('containers are planned from the block for docker', async (t) => {
  const { machines } = await plan(
    t,
    `Vagrant.configure("2") do |config|
      config.vm.define "db" do |db|
        db.vm.provider "docker" do |d|
          d.image = "postgres:16"
          d.ports = ["5432:5432"]
          d.env = { "POSTGRES_PASSWORD" => "x" }
          d.has_ssh = false
        end
      end
    end`,
  );
  assert.equal(machines[0]!.image.kind, 'empty');
  assert.deepEqual(machines[0]!.container, {
    from: { kind: 'image', reference: 'postgres:16', pull: false },
    command: [],
    createArguments: [],
    environment: { POSTGRES_PASSWORD: 'x' },
    expose: [],
    publish: ['5432:5432'],
    volumes: [],
    links: [],
    privileged: false,
    remainsRunning: true,
    hasSsh: false,
    stopTimeout: 1000,
  });
});

test('cloud-init is told what the file says', async (t) => {
  const { cloudInit } = await only(
    t,
    `
    config.vm.cloud_init content_type: "text/cloud-config", inline: "packages: [git]"
    config.vm.cloud_init :user_data, content_type: "text/x-shellscript", path: "first.sh", content_disposition_filename: "f.sh"`,
    { 'first.sh': '' },
  );
  assert.deepEqual(cloudInit[0], {
    contentType: 'text/cloud-config',
    content: { kind: 'text', text: 'packages: [git]' },
  });
  assert.equal(cloudInit[1]!.fileName, 'f.sh');
  assert.equal(cloudInit[1]!.content.kind, 'file');
});
