import { allPorts, portPath } from '../guests/agent/agent-ports.ts';
import { portName } from '../guests/agent/agent-script.ts';
import { escapeComma } from '../hosts/qemu/launch.ts';
import { memoryId, memoryOptions } from '../hosts/qemu/saved-memory.ts';
import type { MachineDisk } from '../plan/machine-spec.ts';
import type { MachineFiles, MachineRecord } from './machine-record.ts';

/**
 * Changed whenever the devices of the same record become others: a saved state fits only the machine that it is of.
 */
export const devicesFormat = 1;

/** Where a machine's memory is. */
export type MemoryPlace =
  | { readonly kind: 'private' }
  /** Others can read and write it (saved-memory.ts; vhost-user devices need it too). */
  | { readonly kind: 'shared' }
  /** Begins as the file's content, and keeps what is written to it to itself. */
  | { readonly kind: 'copy-of'; readonly file: string };

export interface DevicesInput {
  readonly record: MachineRecord;
  readonly files: MachineFiles;
  readonly memory: MemoryPlace;
  /** Firmware code for a UEFI machine. */
  readonly efiCode?: string;
  /** CD with a cloud-init seed. */
  readonly seedDisk?: string;
  /** Words for networks and folders (surroundings.ts). */
  readonly more?: readonly string[];
}

/** Names of what is behind the card that leads out; see outside-network.ts. */
export const outsideHub = 0;
export const isolated = { netdev: 'isolated', port: 'isolated-port' } as const;

/** PCI slots behind which devices are plugged in while the machine runs: networks, disks, folders. */
export const hotplugPorts = ['plug0', 'plug1', 'plug2', 'plug3', 'plug4', 'plug5', 'plug6', 'plug7'] as const;

/**
 * All devices of a machine. The same record always gives the same ones: a saved state only fits the machine that it is
 * of. Addresses are fixed, so that a device more does not move the others; the card is where VirtualBox has its first
 * (`enp0s3`).
 */
export function deviceArguments(input: DevicesInput): string[] {
  const { record } = input;
  const hardware = record.hardware ?? {};
  const machine = hardware.machineType ?? 'q35';
  const isQ35 = /q35/.test(machine);
  return [
    ...['-machine', `${machine},memory-backend=${memoryId}`],
    ...['-smp', String(record.cpus), '-m', `${memoryBytes(record) / 2 ** 20}M`],
    ...memoryArguments(input),
    ...['-nodefaults', '-display', 'none'],
    // Loaders and installers of others may insist on a screen; Kiln's own images do not, and it takes time.
    ...(record.image.seeded ? [] : ['-device', 'VGA,addr=0x1']),
    ...['-serial', `file:${escapeComma(input.files.serialLog)}`],
    ...efiFlash(input),
    ...(isQ35
      ? hotplugPorts.flatMap((id, at) => [
          '-device',
          `pcie-root-port,id=${id},bus=pcie.0,addr=0x4.${at},chassis=${at + 1},multifunction=on`,
        ])
      : []),
    ...systemDisk(input),
    ...(record.disks ?? []).flatMap((disk, at) => extraDisk(disk, at, input)),
    ...(input.seedDisk === undefined ? [] : cdrom('seed', input.seedDisk, 5)),
    ...['-netdev', `user,id=${isolated.netdev},restrict=on`],
    ...['-netdev', `hubport,id=${isolated.port},hubid=${outsideHub},netdev=${isolated.netdev}`],
    ...['-netdev', `hubport,id=net,hubid=${outsideHub}`],
    ...[
      '-device',
      `${hardware.networkCard ?? 'virtio-net-pci'},netdev=net,mac=${macAddress(record)},romfile=,addr=0x3`,
    ],
    ...['-device', 'virtio-rng-pci,addr=0x5', '-device', 'vmgenid,guid=auto'],
    ...agentDevices(input.files.folder),
    ...(input.more ?? []),
    ...(hardware.qemuArguments ?? []),
  ];
}

/** What QEMU rounds to. */
function memoryBytes({ memory }: Pick<MachineRecord, 'memory'>): number {
  return Math.ceil(memory / 2 ** 20) * 2 ** 20;
}

function memoryArguments({ record, memory }: DevicesInput): string[] {
  const size = memoryBytes(record);
  switch (memory.kind) {
    case 'private':
      return ['-object', `memory-backend-ram,id=${memoryId},size=${size}`];
    case 'shared':
      return memoryOptions(size);
    case 'copy-of':
      return [
        '-object',
        `memory-backend-file,id=${memoryId},size=${size},mem-path=${escapeComma(memory.file)},share=off`,
      ];
  }
}

function efiFlash({ record, files, efiCode }: DevicesInput): string[] {
  if (record.firmware !== 'efi' || efiCode === undefined) return [];
  return [
    ...['-drive', `if=pflash,format=raw,readonly=on,file=${escapeComma(efiCode)}`],
    ...['-drive', `if=pflash,format=raw,file=${escapeComma(files.efiVars)}`],
  ];
}

/** QEMU's name of the first disk; those of others are `disk1` and so on. Devices are called `…-device`. */
export const systemDiskNode = 'disk';

function systemDisk({ record, files }: DevicesInput): string[] {
  const device = {
    virtio: 'virtio-blk-pci,drive=disk,addr=0x2',
    scsi: 'scsi-hd,bus=scsi.0,drive=disk',
    sata: 'ide-hd,bus=ide.0,drive=disk',
    ide: 'ide-hd,bus=ide.0,drive=disk',
  }[record.hardware?.diskBus ?? 'virtio'];
  return [
    ...qcow2Node(systemDiskNode, files.disk),
    ...(record.hardware?.diskBus === 'scsi' ? ['-device', 'virtio-scsi-pci,id=scsi,addr=0x2'] : []),
    ...['-device', `${device},id=${systemDiskNode}-device,bootindex=1`],
  ];
}

function extraDisk(disk: MachineDisk, at: number, { files }: DevicesInput): string[] {
  const node = `disk${at + 1}`;
  switch (disk.kind) {
    case 'disk':
      return [
        ...qcow2Node(node, extraDiskPath(files, disk.name)),
        ...[
          '-device',
          `virtio-blk-pci,drive=${node},id=${node}-device,serial=${serial(disk.name)},addr=0x${(16 + at).toString(16)}`,
        ],
      ];
    case 'file':
      return [
        ...[
          '-drive',
          `if=none,id=${node},file=${escapeComma(disk.path)}${disk.readOnly ? ',readonly=on' : ''}`,
        ],
        ...[
          '-device',
          `virtio-blk-pci,drive=${node},id=${node}-device,serial=${serial(disk.name)},addr=0x${(16 + at).toString(16)}`,
        ],
      ];
    case 'cdrom':
      return cdrom(node, disk.path, (at % 4) + 1);
    case 'floppy':
      return [
        ...['-drive', `if=none,id=${node},format=raw,file=${escapeComma(disk.path)}`],
        ...['-device', `isa-fdc,id=fdc-${node}`, '-device', `floppy,bus=fdc-${node}.0,drive=${node}`],
      ];
  }
}

function qcow2Node(node: string, path: string): string[] {
  const file = `file.driver=file,file.filename=${escapeComma(path)}`;
  return ['-blockdev', `driver=qcow2,node-name=${node},discard=unmap,detect-zeroes=unmap,${file}`];
}

function cdrom(node: string, path: string, bus: number): string[] {
  return [
    ...[
      '-blockdev',
      `driver=raw,node-name=${node},read-only=on,file.driver=file,file.filename=${escapeComma(path)}`,
    ],
    ...['-device', `ide-cd,bus=ide.${bus},drive=${node}`],
  ];
}

/** Where a disk of the plan that is the machine's own lies. */
export function extraDiskPath(files: Pick<MachineFiles, 'folder'>, name: string): string {
  return `${files.folder}/disk-${name.replace(/[^\w.-]+/g, '_')}.qcow2`;
}

/** By which the guest finds it in `/dev/disk/by-id`; at most 20 bytes. */
function serial(name: string): string {
  return escapeComma(name.replace(/[^\w.-]+/g, '_').slice(0, 20));
}

function agentDevices(folder: string): string[] {
  return [
    ...['-device', 'virtio-serial-pci,id=agent,max_ports=31,addr=0x6'],
    ...allPorts().flatMap(([slot, port]) => {
      const id = `a${slot}${port}`;
      const path = `path=${escapeComma(portPath(folder, slot, port))}`;
      const chardev = port === 'b' ? `pipe,id=${id},${path}` : `socket,id=${id},${path},server=on,wait=off`;
      const name = portName(slot, port);
      return ['-chardev', chardev, '-device', `virtserialport,bus=agent.0,chardev=${id},name=${name}`];
    }),
  ];
}

/** Locally administered, and the same at every start of this machine. */
export function macAddress(record: Pick<MachineRecord, 'id' | 'hardware'>): string {
  return record.hardware?.mac ?? `52:54:${record.id.match(/../g)!.join(':')}`;
}
