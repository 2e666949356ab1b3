import {
  differs,
  flag,
  list,
  map,
  needless,
  number,
  optionalList,
  text,
  type ValuesOf,
  value,
} from './setting.ts';

/** `config.vm.*`: https://developer.hashicorp.com/vagrant/docs/vagrantfile/machine_settings */
export const vmSettings = {
  allow_fstab_modification: flag(true),
  allow_hosts_modification: flag(true),
  allowed_synced_folder_types: optionalList<string>(),
  base_address: text(null, differs('QEMU gives the first card its address')),
  base_mac: text(null),
  boot_timeout: number(300),
  box: text(null),
  box_architecture: text('auto'),
  box_check_update: flag(true),
  box_download_ca_cert: text(null),
  box_download_ca_path: text(null),
  box_download_checksum: text(''),
  box_download_checksum_type: text(null),
  box_download_client_cert: text(null),
  box_download_disable_ssl_revoke_best_effort: flag(false, differs('only curl on Windows knows it')),
  box_download_insecure: flag(false),
  box_download_location_trusted: flag(false),
  box_download_options: map(differs('Kiln downloads by itself, without curl')),
  box_server_url: text(null),
  box_url: optionalList<string>(),
  box_version: text(null),
  clone: text(null, differs('such a machine does not come up: Kiln has no machines of Vagrant to copy')),
  cloud_init_first_boot_only: flag(true, needless('cloud-init itself tells a new machine from an old one')),
  communicator: text(null, needless('`ssh`; machines with `winrm` do not come up, with a warning')),
  graceful_halt_timeout: number(60),
  guest: text(null, needless('Kiln sees what system the machine has')),
  hostname: text(null),
  ignore_box_vagrantfile: flag(false),
  post_up_message: text(''),
  usable_port_range: value({ first: 2200, last: 2250 }),
} as const;

export type VmSettings = ValuesOf<typeof vmSettings>;

/** Options that `config.vm.provision` takes for every type of provisioner. */
export const provisionOptions = [
  'type',
  'run',
  'before',
  'after',
  'preserve_order',
  'communicator_required',
] as const;

/** A disk: `config.vm.disk`. */
export const diskSettings = {
  name: text(null),
  type: text('disk'),
  disk_ext: text(null),
  size: value(null),
  file: text(null),
  primary: flag(false),
  provider_config: map({ initial: 'map' }),
} as const;

/** `config.vm.cloud_init`. */
export const cloudInitSettings = {
  type: text('user_data'),
  content_type: text(null),
  content_disposition_filename: text(null),
  path: text(null),
  inline: text(null),
} as const;

/** One trigger: `config.trigger.before` and `after`. */
export const triggerSettings = {
  name: text(null),
  info: text(null),
  warn: text(null),
  on_error: text('halt'),
  ignore: list<string>(),
  only_on: optionalList(),
  run: value(null),
  run_remote: value(null),
  exit_codes: list<number>(),
  abort: value(null),
  ruby: value(null),
  type: text('action'),
} as const;
