import { libvirtSettings } from './libvirt-settings.ts';
import { differs, flag, list, map, number, optionalList, type Settings, text, value } from './setting.ts';

const additions = differs('machines of Kiln have no VirtualBox guest additions and do not need them');
const chips = differs('the machine has the network cards that suit its system best');
const windows = differs('only Hyper-V has it');
const remote = differs('containers run on this host');

/** https://developer.hashicorp.com/vagrant/docs/providers/virtualbox/configuration */
export const virtualboxSettings = {
  auto_nat_dns_proxy: flag(true),
  check_guest_additions: flag(true),
  customizations: list({ initial: 'list' }),
  default_nic_type: text(null, chips),
  destroy_unused_network_interfaces: flag(false),
  functional_vboxsf: flag(true, additions),
  gui: flag(false),
  linked_clone: flag(false),
  linked_clone_snapshot: text(null),
  name: text(null),
  network_adapters: map({ initial: 'map' }),
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
  differencing_disk: flag(false),
  enable_automatic_checkpoints: flag(false, windows),
  enable_checkpoints: flag(true, windows),
  enable_enhanced_session_mode: flag(false, windows),
  enable_virtualization_extensions: flag(false),
  ip_address_timeout: number(120, windows),
  linked_clone: flag(false),
  mac: text(null),
  maxmemory: number(null),
  memory: number(null),
  vlan_id: number(null, windows),
  vm_integration_services: map({ initial: 'map', ...windows }),
  vmname: text(null),
} as const;

/** https://developer.hashicorp.com/vagrant/docs/providers/vmware/configuration */
export const vmwareSettings = {
  allowlist_verified: value(false),
  base_address: text(null),
  base_mac: text(null),
  clone_directory: text(null),
  cpus: number(null),
  enable_vmrun_ip_lookup: flag(true),
  force_vmware_license: text(null),
  functional_hgfs: flag(true),
  gui: flag(false),
  linked_clone: flag(true),
  memory: number(null),
  nat_device: text(null),
  network_adapters: map({ initial: 'map' }),
  port_forward_network_pause: number(0),
  ssh_info_public: flag(false),
  unmount_default_hgfs: flag(false),
  utility_certificate_path: text(null),
  utility_host: text('127.0.0.1'),
  utility_port: number(9922),
  verify_vmnet: flag(true),
  vmx: map({ initial: 'map' }),
  whitelist_verified: value(false),
} as const;

/** https://parallels.github.io/vagrant-parallels/docs/configuration.html */
export const parallelsSettings = {
  check_guest_tools: flag(true),
  cpus: number(null),
  customizations: list({ initial: 'list' }),
  destroy_unused_network_interfaces: flag(true),
  functional_psf: flag(true),
  linked_clone: flag(true),
  linked_clone_snapshot: text(null),
  memory: number(null),
  name: text(null),
  network_adapters: map({ initial: 'map' }),
  optimize_power_consumption: flag(true),
  regen_src_uuid: flag(true),
  update_guest_tools: flag(false),
} as const;

/** The provider of vagrant-qemu: https://github.com/ppggff/vagrant-qemu#configuration */
export const qemuSettings = {
  arch: text(null),
  control_port: number(null),
  cpu: text(null),
  debug_port: number(null),
  disk_resize: text(null),
  drive_interface: text(null),
  extra_drive_args: text(null),
  extra_image_opts: text(null),
  extra_netdev_args: text(null),
  extra_qemu_args: list(),
  firmware_format: text(null),
  image_path: text(null),
  machine: text(null),
  memory: value(null),
  net_device: text(null),
  no_daemonize: flag(false),
  other_default: optionalList(),
  qemu_bin: value(null),
  qemu_dir: text(null),
  smp: value(null),
  ssh_auto_correct: flag(false),
  ssh_host: text(null),
  ssh_port: number(null),
} as const;

/** The provider of vagrant_utm: https://naveenrajm7.github.io/vagrant_utm/configuration.html */
export const utmSettings = {
  check_guest_additions: flag(true),
  cpus: number(null),
  customizations: list({ initial: 'list' }),
  directory_share_mode: text(null),
  functional_9pfs: flag(true),
  icon: text(null),
  memory: number(null),
  name: text(null),
  notes: text(null),
  utm_file_url: text(null),
  wait_time: number(null),
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
