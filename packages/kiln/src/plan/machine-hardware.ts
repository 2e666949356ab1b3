/** Parts of a machine that Kiln would choose otherwise. What is undefined is left to it. */
export interface MachineHardware {
  /** As QEMU names it, or `host`. */
  readonly cpuModel?: string;
  /** The machine can run virtual machines itself. */
  readonly nested?: boolean;
  /** QEMU's machine type, such as `q35`. */
  readonly machineType?: string;
  /** How disks are attached. */
  readonly diskBus?: 'virtio' | 'scsi' | 'sata' | 'ide';
  /** QEMU's device, such as `e1000`. */
  readonly networkCard?: string;
  /** Of the card that leads out: `52:54:…`. */
  readonly mac?: string;
  /** More words for QEMU's command line. */
  readonly qemuArguments?: readonly string[];
}
