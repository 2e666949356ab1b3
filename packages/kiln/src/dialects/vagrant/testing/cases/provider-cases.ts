import type { ProjectCase } from '../project-case.ts';

/** What blocks for providers say. */
export const providerCases: readonly ProjectCase[] = [
  {
    name: 'VirtualBox with everything',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provider :virtualbox do |vb|
    vb.name = "my machine"
    vb.gui = true
    vb.memory = "2048"
    vb.cpus = 2
    vb.linked_clone = true if Gem::Version.new(Vagrant::VERSION) >= Gem::Version.new("1.8.0")
    vb.check_guest_additions = false
    vb.default_nic_type = "82543GC"
    vb.customize ["modifyvm", :id, "--cpuexecutioncap", "50"]
    vb.customize "post-boot", ["setextradata", :id, "a/b", 1]
    vb.customize ["createhd", "--filename", "disk2.vdi", "--size", 20 * 1024]
    vb.customize ["storageattach", :id, "--storagectl", "SATA Controller", "--port", 1, "--medium", "disk2.vdi"]
    vb.network_adapter 2, :hostonly, auto_config: false
  end
  config.vm.provider "virtualbox" do |vb|
    vb.customize ["modifyvm", :id, "--audio", "none"]
    vb.gui = false
  end
  config.vm.define "a" do |a|
    a.vm.provider "virtualbox" do |vb|
      vb.memory = 512
      vb.auto_nat_dns_proxy = false
    end
  end
end`,
    },
  },
  {
    name: 'libvirt with its lists and maps',
    provider: 'libvirt',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provider :libvirt do |lv|
    lv.memory = 4096
    lv.cpus = 4
    lv.cpu_mode = "custom"
    lv.cpu_model = "Nehalem"
    lv.cputopology sockets: "2", cores: "2", threads: "1"
    lv.cpu_feature name: "vmx", policy: "optional"
    lv.machine_type = "q35"
    lv.machine_virtual_size = 40
    lv.nested = true
    lv.graphics_type = "spice"
    lv.video_type = "qxl"
    lv.disk_bus = "scsi"
    lv.disk_driver cache: "none", io: "native", nonsense: 1
    lv.storage :file, size: "20G", type: "raw", bus: "sata"
    lv.storage :file, device: :cdrom, path: "/iso/one.iso"
    lv.storage :file, device: :cdrom, path: "/iso/two.iso", dev: "hda"
    lv.boot "hd"
    lv.boot "network" => "lan"
    lv.channel type: "unix", target_name: "org.qemu.guest_agent.0", target_type: "virtio"
    lv.random model: "random"
    lv.qemuargs value: "-device"
    lv.qemuargs value: "virtio-rng-pci"
    lv.memorybacking :access, mode: "shared"
    lv.clock_timer name: "rtc", tickpolicy: "catchup"
    lv.memtune type: "hard_limit", value: 2048
    lv.sysinfo = { "bios" => { "vendor" => "Kiln" } }
    lv.usb vendor: "0x1234", product: "0xabcd"
    lv.watchdog model: "i6300esb"
    lv.input type: "tablet", bus: "usb"
    lv.qemu_use_agent = true
    lv.default_prefix = "p_"
  end
  config.vm.define "a" do |a|
    a.vm.provider :libvirt do |lv|
      lv.memory = 512
      lv.storage :file, size: "5G"
      lv.boot "cdrom"
      lv.disk_driver discard: "unmap"
    end
  end
end`,
    },
  },
  {
    name: 'libvirt with nothing said',
    provider: 'libvirt',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provider(:libvirt) do |lv|
    lv.video_accel3d = true
    lv.serial type: "file", source: { path: "/tmp/serial" }
  end
end`,
    },
  },
  {
    name: 'containers',
    provider: 'docker',
    files: {
      'app/Dockerfile': 'FROM scratch\n',
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.define "built" do |m|
    m.vm.provider "docker" do |d|
      d.build_dir = "app"
      d.build_args = ["--tag", "x"]
      d.dockerfile = "Dockerfile"
      d.ports = ["8080:80"]
      d.volumes = ["/host:/guest"]
      d.env = { "A" => "1" }
      d.expose = [80, 81]
      d.link("db:db")
      d.has_ssh = true
      d.remains_running = false
    end
  end
  config.vm.define "image" do |m|
    m.vm.provider "docker" do |d|
      d.image = "debian:12"
      d.cmd = ["sleep", "inf"]
      d.name = "image"
      d.create_args = ["--cpus", "1"]
      d.env = { "B" => "2" }
      d.privileged = true
      d.pull = true
    end
  end
  config.vm.provider "docker" do |d|
    d.env = { "ALL" => "yes" }
    d.expose = [22]
    d.image = "default"
  end
end`,
    },
  },
  {
    name: 'Hyper-V and others side by side',
    provider: 'hyperv',
    files: {
      Vagrantfile: `
Vagrant.configure("2") do |config|
  config.vm.box = "x"
  config.vm.provider "hyperv" do |h|
    h.memory = 1024
    h.maxmemory = 2048
    h.cpus = 2
    h.vmname = "hv"
    h.linked_clone = true
    h.vm_integration_services = { guest_service_interface: true }
    h.enable_virtualization_extensions = true
  end
  config.vm.provider "vmware_desktop" do |v|
    v.vmx["memsize"] = "1024"
    v.vmx["numvcpus"] = "2"
    v.gui = true
    v.allowlist_verified = true
  end
  config.vm.provider "parallels" do |prl|
    prl.memory = 1024
    prl.cpus = 2
    prl.update_guest_tools = false
    prl.customize ["set", :id, "--longer-battery-life", "off"]
  end
  ["vmware_fusion", "vmware_workstation"].each do |vmware|
    config.vm.provider vmware do |v|
      v.vmx["memsize"] = 1024
    end
  end
  config.vm.provider :aws do |aws, override|
    aws.access_key_id = ENV["AWS_KEY"]
    aws.tags = { "Name" => "x" }
    aws.region_config "us-east-1", ami: "ami-1"
    override.ssh.username = "ubuntu"
  end
  config.vm.provider :digital_ocean do |provider|
    provider.token = "t"
  end
end`,
    },
  },
];
