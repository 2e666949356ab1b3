import type { ProjectCase } from '../project-case.ts';

/** What is run in machines, and when. */
export const provisionerCases: readonly ProjectCase[] = [
  {
    name: 'shell in all its forms',
    files: {
      'setup.sh': '#!/bin/sh\n',
      Vagrantfile: `
$script = <<-SCRIPT
apt-get update
echo "it's $HOME"
SCRIPT

Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provision "shell", inline: $script
  config.vm.provision :shell, path: "setup.sh", args: ["a", 1, "b c"], privileged: false
  config.vm.provision :shell, path: "setup.sh", args: 5
  config.vm.provision "named", type: "shell", run: "always" do |s|
    s.inline = "echo $1"
    s.args = "'hello, world!'"
    s.env = { "KEY" => "value", NUMBER: 1 }
    s.keep_color = true
    s.name = "shown"
    s.upload_path = "/tmp/x"
    s.binary = true
  end
  config.vm.provision "shell", path: "https://example.com/setup.sh", sha256: "00"
  config.vm.provision "shell", inline: <<~SHELL, run: "never"
    set -e
      indented
  SHELL
  config.vm.provision "shell", reboot: true
  config.vm.provision "again", type: "shell", inline: "one"
  config.vm.provision "again", type: "shell", inline: "two", sensitive: true
end`,
    },
  },
  {
    name: 'files, Ansible on both sides',
    files: {
      'site.yml': '[]\n',
      'a.conf': '',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provision "file", source: "a.conf", destination: "/tmp/a.conf"
  config.vm.provision "ansible" do |ansible|
    ansible.playbook = "site.yml"
    ansible.verbose = "vvv"
    ansible.become = true
    ansible.limit = "all"
    ansible.groups = { "web" => ["a", "b"], "all:vars" => { "x" => 1 } }
    ansible.extra_vars = { ntp: "pool.ntp.org", list: [1, 2], nested: { a: true } }
    ansible.host_vars = { "a" => { "port" => 22 } }
    ansible.raw_arguments = ["--diff"]
    ansible.tags = ["one", "two"]
    ansible.compatibility_mode = "2.0"
    ansible.host_key_checking = false
    ansible.raw_ssh_args = "-o ControlMaster=auto"
  end
  config.vm.provision :ansible_local, run: "always" do |ansible|
    ansible.playbook = "site.yml"
    ansible.install_mode = "pip"
    ansible.version = "2.10"
    ansible.galaxy_role_file = "requirements.yml"
    ansible.provisioning_path = "/srv"
  end
end`,
    },
  },
  {
    name: 'Chef and Puppet',
    files: {
      'cookbooks/keep': '',
      'manifests/default.pp': '',
      'env/production/manifests/site.pp': '',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provision :chef_solo do |chef|
    chef.cookbooks_path = ["cookbooks", "site-cookbooks"]
    chef.roles_path = "roles"
    chef.data_bags_path = [[:vm, "/bags"], "bags"]
    chef.add_recipe "apache"
    chef.add_recipe "recipe[mysql::server]"
    chef.add_role "web"
    chef.json = { "apache" => { "port" => 80 } }
    chef.json.merge!("x" => 1)
    chef.run_list << "recipe[last]"
    chef.log_level = "debug"
    chef.version = "12.10.24"
  end
  config.vm.provision :chef_zero do |chef|
    chef.nodes_path = [[:host, "cookbooks"]]
    chef.install = "force"
  end
  config.vm.provision "chef_apply" do |chef|
    chef.recipe = "package 'x'"
  end
  config.vm.provision :puppet do |puppet|
    puppet.module_path = ["modules", "more"]
    puppet.facter = { "vagrant" => "1" }
    puppet.options = "--verbose --debug"
    puppet.hiera_config_path = "hiera.yaml"
  end
  config.vm.provision "env", type: :puppet do |puppet|
    puppet.environment = "production"
    puppet.environment_path = "env"
  end
end`,
    },
  },
  {
    name: 'Salt, containers, CFEngine',
    files: {
      'salt/minion': '',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provision :salt do |salt|
    salt.masterless = true
    salt.minion_config = "salt/minion"
    salt.run_highstate = true
    salt.pillar("a" => { "b" => 1 })
    salt.pillar("a" => { "c" => 2 })
    salt.install_type = "stable"
    salt.version = "3006"
    salt.salt_call_args = ["pillar={}"]
  end
  config.vm.provision "docker" do |d|
    d.pull_images "nginx"
    d.pull_images "redis", "postgres"
    d.build_image "/vagrant/app", args: "-t app"
    d.run "nginx", args: "-p 80:80", restart: "no"
    d.run "db-1", image: "mysql", cmd: "bash -l", daemonize: false, auto_assign_name: false
    d.post_install_provision "shell", inline: "echo installed"
  end
  config.vm.provision "podman", images: ["alpine"] do |p|
    p.run "alpine"
    p.kubic = true
  end
  config.vm.provision :cfengine do |cf|
    cf.am_policy_hub = true
    cf.run_file = "x.cf"
  end
end`,
    },
  },
  {
    name: 'triggers',
    files: {
      'x.sh': '',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.trigger.before :up do |trigger|
    trigger.name = "Hello"
    trigger.info = "I am running before up"
    trigger.run = { inline: "echo hi" }
  end
  config.trigger.after :up, :reload, info: "More information", run_remote: { path: "x.sh", args: ["1"] }
  config.trigger.before [:halt, :destroy] do |t|
    t.warn = "Dumping"
    t.on_error = :continue
    t.ignore = :destroy
    t.only_on = ["a", /web-\\d+/i]
    t.exit_codes = [0, 2]
    t.run_remote = { inline: "pg_dump", privileged: true, env: { "A" => "1" } }
  end
  config.trigger.after :"VagrantPlugins::ProviderVirtualBox::Action::Import", type: :action do |t|
    t.info = "an action"
  end
  config.trigger.before :all, type: :command, abort: true
  config.trigger.after :destroy do |t|
    t.ruby do |env, machine|
      puts machine.name
    end
  end
  config.vm.define "a" do |a|
    a.trigger.after :up do |t|
      t.run = { path: "x.sh", args: "a b" }
    end
  end
  config.vm.define "web-1"
end`,
    },
  },
];
