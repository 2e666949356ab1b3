import type { ProjectCase } from '../project-case.ts';

/** Networks, synced folders, disks, login. */
export const networkCases: readonly ProjectCase[] = [
  {
    name: 'forwarded ports: repeated ones, named ones, other addresses and protocols',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.network "forwarded_port", guest: 80, host: 8080
  config.vm.network "forwarded_port", guest: 81, host: 8080
  config.vm.network :forwarded_port, guest: "53", host: "5353", protocol: "udp", auto_correct: true
  config.vm.network "forwarded_port", guest: 443, host: 8443, host_ip: "127.0.0.1", guest_ip: "10.0.2.15"
  config.vm.network "forwarded_port", guest: 22, host: 2299, id: "ssh"
  config.vm.define "a" do |a|
    a.vm.network "forwarded_port", guest: 82, host: 8080
    a.vm.network "forwarded_port", guest: 22, host: 2300, id: "ssh", auto_correct: true
  end
end`,
    },
  },
  {
    name: 'private and public networks',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.network "private_network", ip: "192.168.56.10", netmask: "255.255.255.0", mac: "080027000001"
  config.vm.network "private_network", type: "dhcp"
  config.vm.network :private_network, ip: "fde4:8dba:82e1::c4", auto_config: false
  config.vm.network "private_network", ip: "10.0.0.2", virtualbox__intnet: "inner", nic_type: "virtio", hostname: true
  config.vm.network "public_network", bridge: "en0: Wi-Fi", use_dhcp_assigned_default_route: true
  config.vm.network "public_network", bridge: ["eth0", "eth1"], ip: "192.168.1.20"
  config.vm.network "private_network", ip: "10.0.3.2", libvirt__network_name: "lan", libvirt__dhcp_enabled: false
end`,
    },
  },
  {
    name: 'Windows: ports of WinRM',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "win"
  config.vm.communicator = :winrm
  config.vm.guest = "windows"
  config.winrm.username = "Administrator"
  config.winrm.password = "secret"
  config.winrm.transport = :ssl
  config.winrm.max_tries = 5
  config.vm.network :forwarded_port, guest: 5986, host: 15986, id: "winrm-ssl"
end`,
    },
  },
  {
    name: 'synced folders of all kinds',
    files: {
      'src/keep': '',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.synced_folder "src/", "/srv/app", owner: "www-data", group: "www-data", mount_options: ["dmode=775", "fmode=664"]
  config.vm.synced_folder "src", "/srv/nfs", type: "nfs", nfs_version: 4, nfs_udp: false
  config.vm.synced_folder "src", "/srv/old-nfs", nfs: true
  config.vm.synced_folder "src", "/srv/rsync/", type: :rsync, rsync__exclude: [".git/", "node_modules/"], rsync__auto: true
  config.vm.synced_folder "missing", "/srv/made", create: true
  config.vm.synced_folder "src", "/srv/named", name: "named", id: "an-id"
  config.vm.synced_folder ".", "/vagrant", disabled: true
  config.vm.define "a" do |a|
    a.vm.synced_folder "src", "/srv/app", owner: "root"
    a.vm.synced_folder ".", "/vagrant", disabled: false
  end
  config.vm.define "b" do |b|
    b.vm.synced_folder ".", "/home/vagrant/project"
  end
end`,
    },
  },
  {
    name: 'a folder without a path in the machine',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.synced_folder ".", name: "only-a-name", type: "smb", smb_username: "me"
end`,
    },
  },
  {
    name: 'settings of SSH, with defaults of their own',
    files: {
      id: 'key',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.ssh.username = "admin"
  config.ssh.password = "p"
  config.ssh.private_key_path = "id"
  config.ssh.forward_agent = true
  config.ssh.forward_x11 = true
  config.ssh.insert_key = false
  config.ssh.shell = "bash -c 'BASH_ENV=/etc/profile exec bash'"
  config.ssh.guest_port = 2222
  config.ssh.extra_args = ["-A", "-v"]
  config.ssh.verify_host_key = :very
  config.ssh.pty = true
  config.ssh.keep_alive = false
  config.ssh.default.username = "fallback"
  config.vm.define "a" do |a|
    a.ssh.username = "inner"
    a.ssh.default.port = 2200
    a.ssh.private_key_path = ["id", "~/.ssh/none"]
  end
end`,
    },
  },
  {
    name: 'disks and cloud-init',
    environment: { VAGRANT_EXPERIMENTAL: '1' },
    files: {
      'user-data.yml': '#cloud-config\n',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.disk :disk, size: "60GB", primary: true
  config.vm.disk :disk, name: "extra disk", size: "10GB", virtualbox__controller: "SATA"
  (0..1).each { |i| config.vm.disk :disk, name: "more-#{i}", size: 1024 * 1024 * 1024 }
  config.vm.cloud_init :user_data, content_type: "text/cloud-config", path: "user-data.yml"
  config.vm.cloud_init do |init|
    init.content_type = "text/x-shellscript"
    init.inline = "#!/bin/sh\\necho hi"
  end
end`,
    },
  },
];
