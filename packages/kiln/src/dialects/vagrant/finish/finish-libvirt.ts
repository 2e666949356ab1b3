import type { Options } from '../vagrant-config.ts';
import { mapOf, textOr } from './coerce.ts';

type Channel = Readonly<Record<string, unknown>>;

/** Settings of vagrant-libvirt whose default depends on other settings. */
export function finishLibvirt(values: Options, given: Options): Options {
  const disk = diskValues(given);
  const graphics = textOr(values['graphics_type']);
  const isSpice = graphics === 'spice';
  const accelerated = values['video_accel3d'] === true;
  const usbs = values['usbs'] as unknown[];
  const redirections = values['redirdevs'] as unknown[];
  return {
    ...disk,
    snapshot_pool_name: given['snapshot_pool_name'] ?? values['storage_pool_name'],
    cpu_mode: given['cpu_mode'] === undefined ? cpuMode(values) : values['cpu_mode'],
    cpu_model: values['cpu_mode'] === 'custom' ? (given['cpu_model'] ?? 'qemu64') : '',
    features: given['features'] === undefined ? ['acpi', 'apic', 'pae'] : values['features'],
    graphics_autoport: !isSpice && given['graphics_port'] === undefined ? 'yes' : null,
    graphics_passwd: graphics === 'vnc' || isSpice ? values['graphics_passwd'] : null,
    graphics_port: given['graphics_port'] ?? (isSpice ? null : -1),
    graphics_websocket: given['graphics_websocket'] ?? (isSpice ? null : -1),
    graphics_ip: given['graphics_ip'] ?? (isSpice ? null : '127.0.0.1'),
    graphics_gl: given['graphics_gl'] ?? accelerated,
    video_type: given['video_type'] ?? (accelerated ? 'virtio' : 'cirrus'),
    inputs: given['inputs'] === undefined ? [{ type: 'mouse', bus: 'ps2' }] : values['inputs'],
    channels: channels(values, isSpice),
    cdroms: withDevices(values['cdroms'] as unknown[], 'hd', 'abcd'),
    floppies: withDevices(values['floppies'] as unknown[], 'fd', 'ab'),
    usbctl_dev:
      given['usbctl_dev'] ?? (usbs.length > 0 || redirections.length > 0 ? { model: 'qemu-xhci' } : {}),
    serials: given['serials'] === undefined ? [{ type: 'pty', source: null }] : values['serials'],
    host_device_exclude_prefixes:
      given['host_device_exclude_prefixes'] === undefined
        ? ['docker', 'macvtap', 'virbr', 'vnet']
        : values['host_device_exclude_prefixes'],
    numa_nodes: numaNodes(given['numa_nodes']),
  };
}

const withCpuModel = new Set([
  ...['aarch64', 'armv6l', 'armv7b', 'armv7l', 'i686', 'x86_64', 'ppc64', 'ppc64le', 's390', 's390x'],
]);

function cpuMode(values: Options): string | null {
  const architecture = textOr(values['machine_arch']);
  return architecture === undefined || withCpuModel.has(architecture.toLowerCase()) ? 'host-model' : null;
}

function diskValues(given: Options): Options {
  const device = textOr(given['disk_device']) ?? (given['disk_bus'] === 'scsi' ? 'sda' : 'vda');
  const bus = textOr(given['disk_bus']) ?? (device.startsWith('sd') ? 'scsi' : 'virtio');
  const controller = given['disk_controller_model'] ?? (bus === 'scsi' ? 'virtio-scsi' : null);
  return { disk_device: device, disk_bus: bus, disk_controller_model: controller };
}

function channels(values: Options, isSpice: boolean): Channel[] {
  const given = (values['channels'] as Channel[]).filter((one) => !one['disabled']);
  const has = (prefix: string) =>
    (values['channels'] as Channel[]).some((one) => textOr(one['target_name'])?.startsWith(prefix) === true);
  const blank = {
    source_mode: null,
    source_path: null,
    target_address: null,
    target_port: null,
    disabled: null,
  };
  const agent = { type: 'unix', target_name: 'org.qemu.guest_agent.0', target_type: 'virtio' };
  const display = { type: 'spicevmc', target_name: 'com.redhat.spice.0', target_type: 'virtio' };
  return [
    ...given,
    ...(values['qemu_use_agent'] === true && !has('org.qemu.guest_agent.') ? [{ ...blank, ...agent }] : []),
    ...(isSpice && !has('com.redhat.spice.') ? [{ ...blank, ...display }] : []),
  ];
}

/** Drives that were given no device get the next one that is free. */
function withDevices(drives: readonly unknown[], prefix: string, letters: string): unknown[] {
  const used = new Set(drives.flatMap((drive) => textOr(mapOf(drive)['dev']) ?? []));
  return drives.map((drive) => {
    if (textOr(mapOf(drive)['dev']) !== undefined) return drive;
    const free = [...letters].map((letter) => prefix + letter).find((device) => !used.has(device));
    if (free !== undefined) used.add(free);
    return { ...mapOf(drive), dev: free ?? null };
  });
}

/** Memory of NUMA nodes is given in MiB and used in KiB. */
function numaNodes(given: unknown): unknown {
  if (!Array.isArray(given)) return null;
  return given.map((node) => ({ ...mapOf(node), memory: Number(mapOf(node)['memory']) * 1024 }));
}
