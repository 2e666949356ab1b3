/** What a machine is made of, whichever provider's blocks said so. What nobody said is undefined. */
export interface Hardware {
  /** The providers whose blocks were taken, the one that counts most last. */
  readonly from: readonly string[];
  /** MiB. */
  readonly memory: number | undefined;
  readonly cpus: number | undefined;
  /** The processor as QEMU names it, or `host`. */
  readonly cpuModel: string | undefined;
  /** The machine can run virtual machines itself. */
  readonly nested: boolean | undefined;
  readonly firmware: 'bios' | 'efi' | undefined;
  /** QEMU's machine type. */
  readonly machineType: string | undefined;
  /** A window with the machine's screen is wanted. */
  readonly gui: boolean | undefined;
  /** What the provider calls the machine. */
  readonly name: string | undefined;
  readonly linkedClone: boolean | undefined;
  /** Size of the first disk, in bytes; it only grows. */
  readonly diskSize: number | undefined;
  /** How disks are attached. */
  readonly diskBus: string | undefined;
  readonly extraDisks: readonly ExtraDisk[];
  /** Files of disks that are read only. */
  readonly cdroms: readonly string[];
  /** Model of network cards, as QEMU names it. */
  readonly networkCard: string | undefined;
  /** By the card's number, from 1 on: `aa:bb:cc:dd:ee:ff`. */
  readonly macAddresses: Readonly<Record<number, string>>;
  /** Share of a processor that the machine may use, in percent. */
  readonly cpuCap: number | undefined;
  /** More words for QEMU's command line. */
  readonly qemuArguments: readonly string[];
}

export interface ExtraDisk {
  /** Bytes. */
  readonly size: number;
  /** The name it was given, such as the path of its file. */
  readonly name: string | undefined;
  readonly bus: string | undefined;
}

export type PartialHardware = Partial<Hardware>;

export const noHardware: Hardware = {
  from: [],
  memory: undefined,
  cpus: undefined,
  cpuModel: undefined,
  nested: undefined,
  firmware: undefined,
  machineType: undefined,
  gui: undefined,
  name: undefined,
  linkedClone: undefined,
  diskSize: undefined,
  diskBus: undefined,
  extraDisks: [],
  cdroms: [],
  networkCard: undefined,
  macAddresses: {},
  cpuCap: undefined,
  qemuArguments: [],
};
