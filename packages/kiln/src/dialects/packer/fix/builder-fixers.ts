import { changeBuilders, type Fixer, inTurn, renamed, renameOption, renameType } from './fixer.ts';
import { isObject, type JsonObject, type JsonValue, without } from './json-value.ts';

/** Fixers of what concerns single kinds of builders. */

const virtualbox = ['virtualbox-iso', 'virtualbox-ovf', 'virtualbox-vm'];
const parallels = ['parallels-iso', 'parallels-pvm'];
const amazon = ['amazon-ebs', 'amazon-ebssurrogate', 'amazon-ebsvolume', 'amazon-instance', 'amazon-chroot'];
const hyperv = ['hyperv-iso', 'hyperv-vmcx'];

export const virtualboxGuestAdditions: Fixer = {
  name: 'virtualbox-gaattach',
  summary: 'Turns "guest_additions_attach" of VirtualBox builders into "guest_additions_mode"',
  fix: renameOption(['virtualbox'], 'guest_additions_attach', 'guest_additions_mode', {
    type: 'boolean',
    convert: (attach) => (attach === true ? 'attach' : 'upload'),
  }),
};

export const virtualboxRename: Fixer = {
  name: 'virtualbox-rename',
  summary: 'Renames the builder "virtualbox" to "virtualbox-iso"',
  fix: renameType('virtualbox', 'virtualbox-iso', true),
};

export const vmwareRename: Fixer = {
  name: 'vmware-rename',
  summary: 'Renames the builder "vmware" to "vmware-iso"',
  fix: renameType('vmware', 'vmware-iso'),
};

export const parallelsHeadless: Fixer = {
  name: 'parallels-headless',
  summary: 'Removes "headless" of Parallels builders, which has no effect',
  fix: changeBuilders(parallels, (builder) => without(builder, 'headless')),
};

export const parallelsDeprecations: Fixer = {
  name: 'parallels-deprecations',
  summary: 'Removes "parallels_tools_host_path" and renames "guest_os_distribution" to "guest_os_type"',
  fix: inTurn(
    changeBuilders(parallels, (builder) => without(builder, 'parallels_tools_host_path')),
    renameOption(parallels, 'guest_os_distribution', 'guest_os_type'),
  ),
};

export const scalewayAccessKey: Fixer = {
  name: 'scaleway-access-key',
  summary: 'Renames "access_key" of Scaleway builders to "organization_id"',
  fix: renameOption(['scaleway'], 'access_key', 'organization_id', { type: 'string', keep: true }),
};

export const amazonShutdownBehavior: Fixer = {
  name: 'amazon-shutdown_behavior',
  summary: 'Renames "shutdown_behaviour" of Amazon builders to "shutdown_behavior"',
  fix: renameOption(amazon, 'shutdown_behaviour', 'shutdown_behavior'),
};

export const amazonEnhancedNetworking: Fixer = {
  name: 'amazon-enhanced-networking',
  summary: 'Renames "enhanced_networking" of Amazon builders to "ena_support"',
  fix: renameOption(amazon, 'enhanced_networking', 'ena_support', { type: 'boolean' }),
};

export const amazonPrivateIp: Fixer = {
  name: 'amazon-private-ip',
  summary: 'Turns "ssh_private_ip" of Amazon builders into "ssh_interface"',
  fix: changeBuilders(amazon, (builder) => {
    const { ssh_private_ip: isPrivate, ...rest } = builder;
    const wanted = { true: 'private_ip', false: 'public_ip' }[String(isPrivate)];
    return wanted === undefined || rest['ssh_interface'] !== undefined
      ? builder
      : { ...rest, ssh_interface: wanted };
  }),
};

export const amazonTemporaryCidrs: Fixer = {
  name: 'amazon-temp-sec-cidrs',
  summary: 'Turns "temporary_security_group_source_cidr" of Amazon builders into a list',
  fix: renameOption(amazon, 'temporary_security_group_source_cidr', 'temporary_security_group_source_cidrs', {
    type: 'string',
    convert: (value) => [value],
  }),
};

export const spotPriceAutoProduct: Fixer = {
  name: 'spot-price-auto-product',
  summary: 'Removes "spot_price_auto_product" of Amazon builders',
  fix: changeBuilders(amazon, (builder) => without(builder, 'spot_price_auto_product')),
};

export const vmwareCompaction: Fixer = {
  name: 'vmware-compaction',
  summary: 'Sets "skip_compaction" where the disks of an ESXi host cannot be compacted',
  fix: changeBuilders(['vmware-iso'], (builder) => {
    if (builder['remote_type'] !== 'esx5') return builder;
    const { disk_type_id: type = 'zeroedthick' } = builder;
    if (typeof type !== 'string' || type === 'thin') return builder;
    return { ...builder, disk_type_id: type, skip_compaction: true };
  }),
};

export const hypervDeprecations: Fixer = {
  name: 'hyperv-deprecations',
  summary: 'Removes "vhd_temp_path" of Hyper-V builders',
  fix: changeBuilders(['hyperv-iso'], (builder) => without(builder, 'vhd_temp_path')),
};

export const hypervVmcxTypo: Fixer = {
  name: 'hyperv-vmxc-typo',
  summary: 'Renames "clone_from_vmxc_path" of Hyper-V builders to "clone_from_vmcx_path"',
  fix: renameOption(['hyperv-vmcx'], 'clone_from_vmxc_path', 'clone_from_vmcx_path'),
};

export const hypervCpuAndRam: Fixer = {
  name: 'hyperv-cpu-and-ram',
  summary: 'Renames "cpu" and "ram_size" of Hyper-V builders to "cpus" and "memory"',
  fix: inTurn(renameOption(hyperv, 'cpu', 'cpus'), renameOption(hyperv, 'ram_size', 'memory')),
};

export const qemuDiskSize: Fixer = {
  name: 'qemu-disk-size',
  summary: 'Gives a number as "disk_size" of QEMU builders its unit',
  fix: changeBuilders(['qemu'], (builder) => {
    const size = builder['disk_size'];
    return typeof size === 'number' ? { ...builder, disk_size: `${Math.trunc(size)}M` } : builder;
  }),
};

export const qemuHostPort: Fixer = {
  name: 'qemu-host-port',
  summary:
    'Renames "ssh_host_port_min" and "ssh_host_port_max" of QEMU builders to "host_port_min" and "host_port_max"',
  fix: inTurn(
    renameOption(['qemu'], 'ssh_host_port_min', 'host_port_min'),
    renameOption(['qemu'], 'ssh_host_port_max', 'host_port_max'),
  ),
};

export const commConfig: Fixer = {
  name: 'comm-config',
  summary: 'Takes "ssh_" off the options for forwarded ports of VirtualBox builders',
  fix: inTurn(
    ...['host_port_min', 'host_port_max', 'skip_nat_mapping'].map((name) =>
      renameOption(virtualbox, `ssh_${name}`, name, { keep: true }),
    ),
  ),
};

export const vsphereIsoNetworkDisk: Fixer = {
  name: 'vsphere-iso-net-disk',
  summary:
    'Moves options for networks and disks of vsphere-iso builders into "network_adapters" and "storage"',
  fix: inTurn(
    changeBuilders(['vsphere-iso'], (builder) =>
      gathered(builder, 'network_adapters', ['network', 'network_card']),
    ),
    changeBuilders(['vsphere-iso'], (builder) =>
      gathered(builder, 'storage', ['disk_size', 'disk_thin_provisioned', 'disk_eagerly_scrub']),
    ),
  ),
};

export const azureExcludeFromLatest: Fixer = {
  name: 'azure-exclude_from_latest',
  summary: 'Renames "exlude_from_latest" of "shared_image_destination" to "exclude_from_latest"',
  fix: changeBuilders([], (builder) => {
    const destination = builder['shared_image_destination'];
    if (!isObject(destination)) return builder;
    return {
      ...builder,
      shared_image_destination: renamed('exlude_from_latest', 'exclude_from_latest')(destination),
    };
  }),
};

export const proxmoxType: Fixer = {
  name: 'proxmox-type',
  summary: 'Renames the builder "proxmox" to "proxmox-iso"',
  fix: renameType('proxmox', 'proxmox-iso'),
};

/** Puts options that stood alone into the first object of a list. */
function gathered(builder: JsonObject, list: string, options: readonly string[]): JsonObject {
  const present = options.filter((option) => builder[option] !== undefined);
  if (present.length === 0) return builder;
  const first = Object.fromEntries(present.map((option) => [option, builder[option]!]));
  const others: readonly JsonValue[] = Array.isArray(builder[list]) ? builder[list] : [];
  return { ...without(builder, ...options), [list]: [first, ...others] };
}
