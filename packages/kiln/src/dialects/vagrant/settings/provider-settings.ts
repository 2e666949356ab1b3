import { libvirtSettings } from './libvirt-settings.ts';
import {
  differs,
  flag,
  list,
  map,
  needless,
  number,
  optionalList,
  type Settings,
  text,
  value,
} from './setting.ts';

const chips = differs('the machine has the network cards that suit its system best');
const windows = differs('only Hyper-V has it');
const remote = differs('containers run on this host');

/** https://developer.hashicorp.com/vagrant/docs/providers/virtualbox/configuration */
export const virtualboxSettings = {
  auto_nat_dns_proxy: flag(true, needless('names are resolved by the host')),
  check_guest_additions: flag(true, needless('machines of Kiln need nothing of that kind')),
  customizations: list({ initial: 'list' }),
  default_nic_type: text(null, chips),
  destroy_unused_network_interfaces: flag(false, needless('there are none')),
  functional_vboxsf: flag(true, needless('machines of Kiln need nothing of that kind')),
  gui: flag(false),
  linked_clone: flag(false, needless('machines always share their image')),
  linked_clone_snapshot: text(null, needless('machines always share their image')),
  name: text(null, needless('machines are called what the file calls them')),
  network_adapters: map({ initial: 'map', ...differs('the cards are those of `config.vm.network`') }),
} as const;

/** https://developer.hashicorp.com/vagrant/docs/providers/docker/configuration */
export const dockerSettings = {
  auth_server: text(null),
  build_args: list({ initial: 'list' }),
  build_dir: text(null),
  cmd: list<string>(),
  compose: flag(false),
  compose_configuration: map({ initial: 'map' }),
  create_args: list<string>(),
  dockerfile: text(null),
  email: text(''),
  env: map({ initial: 'map' }),
  expose: list({ initial: 'list' }),
  force_host_vm: flag(false, remote),
  git_repo: text(null),
  has_ssh: flag(false),
  host_vm_build_dir_options: value(null, remote),
  image: text(null),
  links: list<string>({ initial: 'list' }),
  name: text(null),
  password: text(''),
  ports: list(),
  privileged: flag(false),
  pull: flag(false),
  remains_running: flag(true),
  stop_timeout: number(1),
  username: text(''),
  vagrant_machine: text(null, remote),
  vagrant_vagrantfile: text(null, remote),
  volumes: list<string>({ initial: 'list' }),
} as const;

/** https://developer.hashicorp.com/vagrant/docs/providers/hyperv/configuration */
export const hypervSettings = {
  auto_start_action: text('Nothing', windows),
  auto_stop_action: text('ShutDown', windows),
  cpus: number(null),
  differencing_disk: flag(false, needless('machines always share their image')),
  enable_automatic_checkpoints: flag(false, windows),
  enable_checkpoints: flag(true, windows),
  enable_enhanced_session_mode: flag(false, windows),
  enable_virtualization_extensions: flag(false),
  ip_address_timeout: number(120, windows),
  linked_clone: flag(false, needless('machines always share their image')),
  mac: text(null),
  maxmemory: number(null),
  memory: number(null),
  vlan_id: number(null, windows),
  vm_integration_services: map({ initial: 'map', ...windows }),
  vmname: text(null, needless('machines are called what the file calls them')),
} as const;

/** https://developer.hashicorp.com/vagrant/docs/providers/vmware/configuration */
export const vmwareSettings = {
  allowlist_verified: value(false, needless('it is about the program VMware')),
  base_address: text(null, differs('QEMU gives the first card its address')),
  base_mac: text(null, differs("`config.vm.base_mac` says the first card's")),
  clone_directory: text(null, needless('it is about the program VMware')),
  cpus: number(null),
  enable_vmrun_ip_lookup: flag(true, needless('it is about the program VMware')),
  force_vmware_license: text(null, needless('it is about the program VMware')),
  functional_hgfs: flag(true, needless('machines of Kiln need nothing of that kind')),
  gui: flag(false),
  linked_clone: flag(true, needless('machines always share their image')),
  memory: number(null),
  nat_device: text(null, needless('it is about the program VMware')),
  network_adapters: map({ initial: 'map', ...differs('the cards are those of `config.vm.network`') }),
  port_forward_network_pause: number(0, needless('it is about the program VMware')),
  ssh_info_public: flag(false, needless('it is about the program VMware')),
  unmount_default_hgfs: flag(false, needless('machines of Kiln need nothing of that kind')),
  utility_certificate_path: text(null, needless('it is about the program VMware')),
  utility_host: text('127.0.0.1', needless('it is about the program VMware')),
  utility_port: number(9922, needless('it is about the program VMware')),
  verify_vmnet: flag(true, needless('it is about the program VMware')),
  vmx: map({ initial: 'map' }),
  whitelist_verified: value(false, needless('it is about the program VMware')),
} as const;

/** https://parallels.github.io/vagrant-parallels/docs/configuration.html */
export const parallelsSettings = {
  check_guest_tools: flag(true, needless('machines of Kiln need nothing of that kind')),
  cpus: number(null),
  customizations: list({ initial: 'list' }),
  destroy_unused_network_interfaces: flag(true, needless('there are none')),
  functional_psf: flag(true, needless('machines of Kiln need nothing of that kind')),
  linked_clone: flag(true, needless('machines always share their image')),
  linked_clone_snapshot: text(null, needless('machines always share their image')),
  memory: number(null),
  name: text(null, needless('machines are called what the file calls them')),
  network_adapters: map({ initial: 'map', ...differs('the cards are those of `config.vm.network`') }),
  optimize_power_consumption: flag(true, needless('it is about the program Parallels')),
  regen_src_uuid: flag(true, needless('each machine has an identity of its own')),
  update_guest_tools: flag(false, needless('machines of Kiln need nothing of that kind')),
} as const;

/** The provider of vagrant-qemu: https://github.com/ppggff/vagrant-qemu#configuration */
export const qemuSettings = {
  arch: text(null, differs('that of the box')),
  control_port: number(null, needless('Kiln starts QEMU with what it needs')),
  cpu: text(null),
  debug_port: number(null, needless('Kiln starts QEMU with what it needs')),
  disk_resize: text(null),
  drive_interface: text(null, needless('Kiln starts QEMU with what it needs')),
  extra_drive_args: text(null, differs('Kiln starts QEMU with what it needs')),
  extra_image_opts: text(null, differs('Kiln starts QEMU with what it needs')),
  extra_netdev_args: text(null, differs('Kiln starts QEMU with what it needs')),
  extra_qemu_args: list(),
  firmware_format: text(null, needless('Kiln starts QEMU with what it needs')),
  image_path: text(null, differs("the machine's disk is that of its box")),
  machine: text(null),
  memory: value(null),
  net_device: text(null),
  no_daemonize: flag(false, needless('Kiln starts QEMU with what it needs')),
  other_default: optionalList(needless('Kiln starts QEMU with what it needs')),
  qemu_bin: value(null, differs('Kiln uses the QEMU that `kiln doctor` names')),
  qemu_dir: text(null, needless('Kiln starts QEMU with what it needs')),
  smp: value(null),
  ssh_auto_correct: flag(false, needless('the forwarded port `ssh` says it')),
  ssh_host: text(null, needless('the forwarded port `ssh` says it')),
  ssh_port: number(null, differs('the forwarded port `ssh` says it')),
} as const;

/** The provider of vagrant_utm: https://naveenrajm7.github.io/vagrant_utm/configuration.html */
export const utmSettings = {
  check_guest_additions: flag(true, needless('machines of Kiln need nothing of that kind')),
  cpus: number(null),
  customizations: list({ initial: 'list' }),
  directory_share_mode: text(null, needless("synced folders have types of Kiln's own")),
  functional_9pfs: flag(true, needless('machines of Kiln need nothing of that kind')),
  icon: text(null, needless('there is no window')),
  memory: number(null),
  name: text(null, needless('machines are called what the file calls them')),
  notes: text(null, needless('there is no window')),
  utm_file_url: text(null, differs('machines are made of boxes')),
  wait_time: number(null, needless('Kiln waits as long as it takes')),
} as const;

/** By the name that `config.vm.provider` takes. Names that are not here absorb everything, as Vagrant has it. */
export const providerSettings: Readonly<Record<string, Settings>> = {
  virtualbox: virtualboxSettings,
  docker: dockerSettings,
  hyperv: hypervSettings,
  libvirt: libvirtSettings,
  vmware_desktop: vmwareSettings,
  vmware_fusion: vmwareSettings,
  vmware_workstation: vmwareSettings,
  parallels: parallelsSettings,
  qemu: qemuSettings,
  utm: utmSettings,
};
