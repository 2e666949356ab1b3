import type { QemuFirmware, QemuHardware } from '../../../plan/qemu-source.ts';
import type { LateData } from '../../../text/compile-text.ts';
import type { Options } from '../options.ts';

const megabyte = 2 ** 20;
/** Packer takes this for everything below ten megabytes too. */
const defaultMemory = 512;

const lateQemuArgs: LateData = {
  fields: new Set(['HTTPIP', 'HTTPPort', 'HTTPDir', 'OutputDir', 'Name', 'SSHHostPort']),
  build: false,
  strict: true,
};

export function readQemuHardware(options: Options): QemuHardware {
  const memory = options.integer('memory') ?? 0;
  const binary = options.string('qemu_binary');
  const cpuModel = options.string('cpu_model');
  const cdromInterface = options.string('cdrom_interface');
  const netBridge = options.string('net_bridge');
  const machineType = options.string('machine_type');
  const diskCache = options.oneOf('disk_cache', [
    'writethrough',
    'writeback',
    'none',
    'unsafe',
    'directsync',
  ]);
  const diskDiscard = options.oneOf('disk_discard', ['unmap', 'ignore']);
  const diskDetectZeroes = options.oneOf('disk_detect_zeroes', ['unmap', 'on', 'off']);
  const vga = options.string('vga');
  const tpm = readTpm(options);
  return {
    ...(binary !== undefined && { binary }),
    accelerator: options.oneOf('accelerator', ['none', 'kvm', 'tcg', 'hax', 'hvf', 'whpx', 'xen']) ?? 'auto',
    ...(machineType !== undefined && { machineType }),
    ...(cpuModel !== undefined && { cpuModel }),
    ...readProcessors(options),
    memory: (memory < 10 ? defaultMemory : memory) * megabyte,
    firmware: readFirmware(options),
    diskInterface: readDiskInterface(options),
    // Left out where the template is silent: then the host may take what is fastest for a disk under construction.
    ...(diskCache !== undefined && { diskCache }),
    ...(diskDiscard !== undefined && { diskDiscard }),
    ...(diskDetectZeroes !== undefined && { diskDetectZeroes }),
    ...(cdromInterface !== undefined && { cdromInterface }),
    netDevice: options.string('net_device') ?? 'virtio-net',
    ...(netBridge !== undefined && { netBridge }),
    ...(vga !== undefined && { vga }),
    ...(tpm && { tpm }),
    qemuArgs: options.table('qemuargs', lateQemuArgs),
  };
}

function readDiskInterface(options: Options): QemuHardware['diskInterface'] {
  if (options.string('disk_interface') === 'sd') {
    options.error(
      'disk_interface',
      'Kiln does not do "disk_interface": "sd"',
      'use virtio, sata, ide or scsi',
    );
    return 'virtio';
  }
  return options.oneOf('disk_interface', ['ide', 'sata', 'scsi', 'virtio', 'virtio-scsi']) ?? 'virtio';
}

/** The number of processors, limited by what their arrangement has room for. */
function readProcessors(options: Options): Pick<QemuHardware, 'cpus' | 'sockets' | 'cores' | 'threads'> {
  const count = (name: string): number => {
    const value = options.integer(name) ?? 0;
    if (value >= 0) return value;
    options.error(name, `"${name}" must be a positive number, not ${value}`);
    return 0;
  };
  const cpus = count('cpus');
  const sockets = count('sockets');
  const cores = count('cores');
  const threads = count('threads');
  const given = [sockets, cores, threads].filter((value) => value > 0);
  const room = given.length === 0 ? 0 : given.reduce((product, value) => product * value, 1);
  return {
    cpus: room === 0 ? cpus || 1 : cpus === 0 ? room : Math.min(cpus, room),
    ...(sockets > 0 && { sockets }),
    ...(cores > 0 && { cores }),
    ...(threads > 0 && { threads }),
  };
}

function readFirmware(options: Options): QemuFirmware {
  const code = options.string('efi_firmware_code');
  const vars = options.string('efi_firmware_vars');
  const dropVars = options.boolean('efi_drop_efivars');
  const isEfi = options.boolean('efi_boot') || code !== undefined || vars !== undefined;
  const file = options.string('firmware');
  const pflash = options.boolean('use_pflash');
  const { context } = options;
  if (isEfi) {
    if (file !== undefined) {
      options.error(
        'firmware',
        '"firmware" and the "efi_" options do not go together',
        'use efi_firmware_code',
      );
    }
    return {
      kind: 'efi',
      ...(code !== undefined && { code: context.path(code) }),
      ...(vars !== undefined && { vars: context.path(vars) }),
      dropVars,
    };
  }
  if (file === undefined) return { kind: 'bios' };
  // A bare name is one of the firmwares in QEMU's own folder.
  return { kind: 'bios', file: file.includes('/') ? context.path(file) : file, pflash };
}

function readTpm(options: Options): QemuHardware['tpm'] {
  const isOn = options.boolean('vtpm');
  const version1 = options.boolean('use_tpm1');
  const device = options.string('tpm_device_type') ?? 'tpm-tis';
  return isOn ? { device, version1 } : undefined;
}
