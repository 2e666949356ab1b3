import type { ProjectCase } from '../project-case.ts';

/** Machines: how they are defined, in which order things count, what is merged with what. */
export const machineCases: readonly ProjectCase[] = [
  {
    name: 'one machine without a name',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "debian/bookworm64"
end`,
    },
  },
  {
    name: 'several machines, a primary one, one that does not start by itself',
    files: {
      Vagrantfile: `
Vagrant.configure(2) do |config|
  config.vm.box = "generic/debian12"
  config.vm.define "web", primary: true do |web|
    web.vm.hostname = "web.example.com"
  end
  config.vm.define :db, autostart: false do |db|
    db.vm.box = "generic/rocky9"
    db.vm.box_version = ">= 4.0, < 5"
  end
  config.vm.define "empty"
end`,
    },
  },
  {
    name: 'outer settings that come after a definition still come first',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.define "a" do |a|
    a.vm.box = "inner"
    a.vm.provision "shell", inline: "echo inner"
  end
  config.vm.box = "outer"
  config.vm.hostname = "late"
  config.vm.provision "shell", inline: "echo outer"
end`,
    },
  },
  {
    name: 'a machine that is defined twice gets both blocks',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.define "a" do |a|
    a.vm.hostname = "first"
    a.vm.boot_timeout = 10
  end
  config.vm.define "a", primary: true do |a|
    a.vm.hostname = "second"
  end
end
Vagrant.configure("2") do |config|
  config.vm.define "a" do |a|
    a.vm.graceful_halt_timeout = 5
  end
  config.vm.define "b"
end`,
    },
  },
  {
    name: 'machines in loops, over numbers, lists and hashes',
    files: {
      Vagrantfile: `
BASE = "192.168.56"
NODES = 3
servers = [
  { name: "lb", ip: "#{BASE}.5", mem: 512 },
  { name: "app", ip: "#{BASE}.6", mem: 1024, ports: { 80 => 8080, 443 => 8443 } },
]
roles = { "cache" => %w[redis memcached], "queue" => %w[rabbitmq] }

Vagrant.configure("2") do |config|
  config.vm.box = "ubuntu/jammy64"
  (1..NODES).each do |i|
    config.vm.define "node-#{i}" do |node|
      node.vm.hostname = "node-#{i}"
      node.vm.network "private_network", ip: "#{BASE}.#{10 + i}"
    end
  end
  servers.each do |server|
    config.vm.define server[:name] do |machine|
      machine.vm.network :private_network, ip: server[:ip]
      (server[:ports] || {}).each { |guest, host| machine.vm.network :forwarded_port, guest: guest, host: host }
      machine.vm.provider(:virtualbox) { |vb| vb.memory = server[:mem] }
    end
  end
  roles.each_with_index do |(role, packages), index|
    config.vm.define role do |machine|
      machine.vm.provision :shell, inline: "apt-get install -y #{packages.join(' ')} # #{index}"
    end
  end
  for i in 1..2
    config.vm.define "for#{i}" do |machine|
      machine.vm.hostname = "for#{i}"
    end
  end
end`,
    },
  },
  {
    name: 'override blocks of the chosen provider win',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "base"
  config.vm.provider "virtualbox" do |vb, override|
    vb.memory = 2048
    override.vm.box = "for-virtualbox"
    override.vm.synced_folder ".", "/vagrant", type: "rsync"
    override.vm.network "forwarded_port", guest: 80, host: 8081
  end
  config.vm.provider "libvirt" do |lv, override|
    lv.memory = 1024
    override.vm.box = "for-libvirt"
  end
  config.vm.define "a" do |a|
    a.vm.box = "inner"
  end
end`,
    },
  },
  {
    name: 'the same file for libvirt',
    provider: 'libvirt',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "base"
  config.vm.provider "virtualbox" do |vb, override|
    override.vm.box = "for-virtualbox"
  end
  config.vm.provider :libvirt do |lv, override|
    lv.memory = 1024
    lv.cpus = 2
    lv.nested = true
    override.vm.box = "for-libvirt"
    override.vm.hostname = "lv"
  end
end`,
    },
  },
  {
    name: 'names of provisioners merge, and move unless their place is kept',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provision "first", type: "shell", inline: "echo 1"
  config.vm.provision "second", type: "shell", inline: "echo 2", run: "always"
  config.vm.provision "third", type: "shell", inline: "echo 3"
  config.vm.define "a" do |a|
    a.vm.provision "first", type: "shell", inline: "echo one"
    a.vm.provision "second", type: "shell", preserve_order: true, inline: "echo two"
    a.vm.provision "shell", inline: "echo more"
  end
  config.vm.define "b" do |b|
    b.vm.provision "third", type: "shell", env: { "A" => "b" }
  end
end`,
    },
  },
  {
    name: 'provisioners before and after others',
    environment: { VAGRANT_EXPERIMENTAL: 'dependency_provisioners' },
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provision "main", type: "shell", inline: "echo main"
  config.vm.provision "pre", before: "main", type: "shell", inline: "echo pre"
  config.vm.provision "post", after: :each, type: "shell", inline: "echo post", run: "never"
end`,
    },
  },
  {
    name: 'version 2 inside of machines of version 2, twice nested',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.define "a" do |a|
    a.vm.define "inner" do |inner|
      inner.vm.hostname = "never"
    end
    a.vm.provider "virtualbox" do |vb|
      vb.name = "a"
    end
  end
end`,
    },
  },
  {
    name: 'all settings of config.vm',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.allowed_synced_folder_types = [:rsync, "nfs"]
  config.vm.allow_hosts_modification = false
  config.vm.base_mac = "080027D14C66"
  config.vm.base_address = "192.168.33.10"
  config.vm.boot_timeout = 600
  config.vm.box = "org/box"
  config.vm.box_check_update = false
  config.vm.box_url = "https://example.com/a.box"
  config.vm.box_version = "1.2.3"
  config.vm.box_download_checksum = "abc"
  config.vm.box_download_checksum_type = "sha256"
  config.vm.box_download_insecure = true
  config.vm.box_download_location_trusted = true
  config.vm.box_download_options = { "limit-rate" => "1M", insecure: true }
  config.vm.communicator = "winrm"
  config.vm.graceful_halt_timeout = 100
  config.vm.guest = :windows
  config.vm.hostname = :sym
  config.vm.ignore_box_vagrantfile = true
  config.vm.post_up_message = "Hello"
  config.vm.usable_port_range = 4000..4999
end`,
    },
  },
  {
    name: 'a list of box URLs, a clone, nil to take something back',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.box_url = ["https://a.example/x.box", "https://b.example/x.box"]
  config.vm.hostname = "all"
  config.vm.define "a" do |a|
    a.vm.hostname = nil
    a.vm.box_url = nil
  end
end`,
    },
  },
  {
    name: 'reading back what was set',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.hostname = "h"
  config.vm.post_up_message = "box #{config.vm.box} on #{config.vm.hostname}"
  config.vm.network "private_network", ip: "10.1.1.1" + config.vm.networks.length.to_s
  config.vm.define "a" do |a|
    a.vm.hostname ||= "fallback"
    a.vm.box = "unset" if a.vm.box == Vagrant::Plugin::V2::Config::UNSET_VALUE
    a.vm.post_up_message = "defined: #{config.vm.defined_vm_keys.inspect}"
  end
end`,
    },
  },
  {
    name: 'blocks of providers that set more than the provider',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provider "virtualbox" do |vb|
    vb.memory = 512
    config.vm.hostname = "from-the-provider"
    config.vm.synced_folder ".", "/srv", type: "rsync"
  end
  config.vm.define "a" do |a|
    a.vm.provider "virtualbox" do |_|
      a.vm.network "private_network", ip: "10.0.0.2"
      a.vm.provision "shell", inline: "once or twice"
    end
    a.vm.provider "libvirt" do |_|
      a.vm.network "forwarded_port", guest: 80, host: 8080
    end
  end
  config.vm.define "b" do |b|
    b.ssh.username = "b"
  end
end`,
    },
  },
  {
    name: 'blocks of machines that set something of the outer configuration',
    provider: 'libvirt',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provider(:libvirt) { |lv| lv.memory = 256 }
  %w[a b c].each_with_index do |name, index|
    config.vm.define name do |machine|
      config.vm.provider(:libvirt) { |lv| lv.memory = 512 * (index + 1) }
      config.ssh.username = name
      config.vm.provision "shell", inline: name
    end
  end
end`,
    },
  },
];
