import { readFileSync } from 'node:fs';
import type { QemuSource } from '../../plan/qemu-source.ts';
import type { CheckpointSupport } from '../checkpoint.ts';
import { chooseAccelerator } from './accelerator.ts';
import { qemuCapabilities } from './capabilities.ts';
import { findEfiFiles } from './efi.ts';

/** Options of qemuargs that change nothing outside of what a checkpoint keeps. */
const harmless = new Set([
  ...[
    '-m',
    '-smp',
    '-cpu',
    '-machine',
    '-M',
    '-accel',
    '-enable-kvm',
    '-name',
    '-rtc',
    '-boot',
    '-k',
    '-uuid',
  ],
  ...[
    '-display',
    '-vga',
    '-vnc',
    '-nographic',
    '-serial',
    '-monitor',
    '-parallel',
    '-global',
    '-usb',
    '-usbdevice',
  ],
  ...[
    '-device',
    '-netdev',
    '-no-reboot',
    '-no-shutdown',
    '-audiodev',
    '-soundhw',
    '-smbios',
    '-sandbox',
    '-overcommit',
  ],
]);

/** Devices whose state lies with another program or the host's own hardware. */
const foreignDevices = /vfio|vhost|ivshmem|virtio-9p|virtio-fs|usb-host|nvdimm|pc-dimm|virtio-mem|tpm/;

/**
 * Whether states of this machine can be kept. The template's qemuargs may give it things that no checkpoint holds:
 * those are told by name.
 */
export async function checkpointSupport(source: QemuSource, home: string): Promise<CheckpointSupport> {
  const { hardware, communicator } = source;
  const reason = whyNot(source);
  if (reason !== undefined || communicator.kind === 'none')
    return { kind: 'none', reason: reason ?? 'nobody can log in to the machine' };
  const binary = hardware.binary ?? 'qemu-system-x86_64';
  const { accelerator } = await chooseAccelerator(hardware.accelerator, { binary, home });
  const { version } = await qemuCapabilities(binary, home);
  const noMemory = whyNoMemory(source);
  return {
    kind: 'disks',
    ...(noMemory === undefined ? {} : { noMemory }),
    machine: {
      qemu: `${binary} ${version}`,
      accelerator,
      ...(accelerator === 'tcg' ? {} : { processor: hostProcessor() }),
      ...(hardware.firmware.kind === 'efi' ? { firmware: findEfiFiles(hardware.firmware).code } : {}),
    },
  };
}

function whyNot({ hardware, boot }: QemuSource): string | undefined {
  if (hardware.netBridge) return 'its network is a bridge of this host, which knows the machine';
  if (hardware.tpm) return 'the state of its TPM lies with another program';
  for (const [option = ''] of hardware.qemuArgs) {
    if (typeof option !== 'string') return 'the name of an option in qemuargs is known only when it runs';
    if (!harmless.has(option.replace(/^--/, '-'))) return `qemuargs name ${option}`;
  }
  for (const [option, ...pieces] of hardware.qemuArgs) {
    const value = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.source)).join('');
    if (option === '-device' && foreignDevices.test(value)) return `qemuargs name the device ${value}`;
    if (option === '-netdev' && !value.startsWith('user')) return `qemuargs name the network ${value}`;
    if ((option === '-machine' || option === '-M') && /memory-backend|memory-encryption/.test(value))
      return `qemuargs name ${option} ${value}`;
  }
  if (boot.qmpSocketPath) return 'somebody else may change it over its own QMP socket';
  return undefined;
}

/** Memory that is to be saved is one block, and its size must be known before QEMU starts. */
function whyNoMemory({ hardware }: QemuSource): string | undefined {
  if (process.platform !== 'linux') return 'the memory of machines can be kept only on Linux';
  const sizes = hardware.qemuArgs.filter(([option]) => option === '-m');
  for (const [, ...pieces] of sizes) {
    const value = pieces.map((piece) => (typeof piece === 'string' ? piece : piece.source)).join('');
    if (memorySize(value) === undefined) return `qemuargs name -m ${value}`;
  }
  return undefined;
}

/** Bytes of a plain value of `-m` (QEMU's manual: without a unit in MiB); undefined for one with slots, say. */
export function memorySize(value: string): number | undefined {
  const match = /^(?:size=)?(\d+)([MGmg]?)$/.exec(value);
  if (!match) return undefined;
  return Number(match[1]) * (match[2]?.toLowerCase() === 'g' ? 2 ** 30 : 2 ** 20);
}

/** What a guest sees of the host's processor when it is not emulated. */
export function hostProcessor(): string {
  const info = readFileSync('/proc/cpuinfo', 'utf8');
  return [/^model name\s*:\s*(.*)$/m, /^flags\s*:\s*(.*)$/m]
    .map((pattern) => pattern.exec(info)?.[1] ?? '')
    .join(' ');
}
