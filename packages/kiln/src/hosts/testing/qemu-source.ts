import type { QemuBoot, QemuHardware, QemuResult, QemuSource } from '../../plan/qemu-source.ts';

/** A whole plan source with Packer's defaults, without a communicator. */
export function qemuSource(changes: {
  readonly disk?: QemuSource['disk'];
  readonly hardware?: Partial<QemuHardware>;
  readonly boot?: Partial<QemuBoot>;
  readonly result?: Partial<QemuResult>;
  readonly media?: QemuSource['media'];
  readonly shutdown?: Partial<QemuSource['shutdown']>;
  readonly communicator?: QemuSource['communicator'];
  readonly seed?: boolean;
}): QemuSource {
  return {
    kind: 'qemu',
    disk: changes.disk ?? { kind: 'empty' },
    communicator: changes.communicator ?? { kind: 'none' },
    hardware: {
      accelerator: 'tcg',
      cpus: 1,
      memory: 512 * 2 ** 20,
      firmware: { kind: 'bios' },
      diskInterface: 'virtio',
      netDevice: 'virtio-net',
      qemuArgs: [],
      ...changes.hardware,
    },
    boot: {
      headless: true,
      command: [],
      wait: 0,
      keyGroupInterval: 0,
      vnc: { disabled: true, bindAddress: '127.0.0.1', usePassword: false, portMin: 5900, portMax: 6000 },
      hostPortMin: 2222,
      hostPortMax: 4444,
      skipNatMapping: false,
      ...changes.boot,
    },
    media: changes.media ?? {},
    shutdown: { acpi: false, timeout: 60_000, disabled: false, ...changes.shutdown },
    seed: changes.seed ?? false,
    result: {
      machineName: 'machine',
      format: 'qcow2',
      additionalDiskSizes: [],
      skipCompaction: false,
      compress: false,
      useBackingFile: false,
      imgArgs: { convert: [], create: [], resize: [] },
      ...changes.result,
    },
  };
}
