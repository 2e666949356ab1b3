import { seedArguments } from '../hosts/qemu/seed.ts';
import type { MachineFiles, MachineRecord } from './machine-record.ts';

export interface QemuArgumentsInput {
  readonly record: MachineRecord;
  readonly files: MachineFiles;
  /** `-accel` value and CPU model that work here. */
  readonly accelerator: string;
  readonly cpuModel: string;
  /** Firmware code for a UEFI machine. */
  readonly efiCode?: string;
  readonly publicKey: string;
  /** Extra CD with a cloud-init seed. */
  readonly seedDisk?: string;
  /** Wake up from this migration file. */
  readonly incoming?: string;
}

/**
 * The command line of an environment. The same record always gives the same devices: a suspended machine only wakes
 * up in the machine it fell asleep in.
 */
export function qemuArguments(input: QemuArgumentsInput): string[] {
  const { record, files } = input;
  return [
    ...['-name', record.name],
    ...['-machine', 'q35', '-accel', input.accelerator, '-cpu', input.cpuModel],
    ...['-smp', String(record.cpus), '-m', `${Math.ceil(record.memory / 2 ** 20)}M`],
    ...['-nodefaults', '-display', 'none', '-device', 'VGA'],
    ...['-serial', `file:${escapeComma(files.serialLog)}`],
    ...efiFlash(input),
    ...[
      '-drive',
      `if=none,id=disk,file=${escapeComma(files.disk)},format=qcow2,discard=unmap,detect-zeroes=unmap`,
    ],
    ...['-device', 'virtio-blk-pci,drive=disk,bootindex=1'],
    ...(input.seedDisk === undefined
      ? []
      : ['-drive', `if=virtio,readonly=on,format=raw,file=${escapeComma(input.seedDisk)}`]),
    ...['-netdev', `user,id=net,${forwards(record)}`],
    ...['-device', `virtio-net-pci,netdev=net,mac=${macAddress(record.id)},romfile=`],
    ...['-device', 'virtio-rng-pci'],
    ...seedArguments({ authorizedKeys: [input.publicKey], hostname: record.hostname, instance: record.id }),
    ...['-pidfile', files.pid],
    ...(input.incoming === undefined ? [] : ['-incoming', 'defer']),
  ];
}

function efiFlash({ record, files, efiCode }: QemuArgumentsInput): string[] {
  if (record.firmware !== 'efi' || efiCode === undefined) return [];
  return [
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${escapeComma(efiCode)}`],
    ...['-drive', `if=pflash,format=raw,file=${escapeComma(files.efiVars)}`],
  ];
}

function forwards(record: MachineRecord): string {
  return [
    `hostfwd=tcp:127.0.0.1:${record.sshPort}-:${record.guestSshPort ?? 22}`,
    ...record.ports.map(
      (port) => `hostfwd=${port.protocol}:${bracketed(port.hostAddress)}:${port.host}-:${port.guest}`,
    ),
  ].join(',');
}

/** Locally administered, and the same at every start of this machine. */
function macAddress(id: string): string {
  return `52:54:${id.match(/../g)!.join(':')}`;
}

function bracketed(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** QEMU's option parser ends a value at a comma and reads two as one. */
function escapeComma(value: string): string {
  return value.replaceAll(',', ',,');
}
