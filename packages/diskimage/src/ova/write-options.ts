import type { WriteOptions } from '../write/write-options.ts';

/** What the appliance is called and the machine that its description asks for. */
export interface OvaWriteOptions extends WriteOptions {
  /** Name of the machine; its files are named for it. Letters, digits, `.`, `_` and `-`. */
  readonly name: string;
  /** Identifies the disk; its content id is taken from it. */
  readonly uuid: string;
  /** Times of the files in the archive. Seconds since 1970. */
  readonly time: number;
  /** Processors. Default 1. */
  readonly cpus?: number;
  /** Mebibytes. Default 1024. */
  readonly memory?: number;
  /** Default `bios`. `efi` is VMware's setting; VirtualBox has to be told by hand. */
  readonly firmware?: 'bios' | 'efi';
  /** Default: another 64-bit Linux. */
  readonly system?: OvaSystem;
  /** What the disk hangs on. Default `lsilogic`. */
  readonly controller?: OvaController;
  /** A network card for each, by the name of its network. Default one, on `VM Network`. */
  readonly networks?: readonly string[];
  /** Default `E1000`, which everything can give. */
  readonly networkCard?: 'E1000' | 'VmxNet3';
  /** Version of the virtual hardware, in VMware's words. Default `vmx-11` (ESXi 6.0). */
  readonly hardware?: string;
  readonly product?: { readonly name: string; readonly version?: string; readonly vendor?: string };
  readonly annotation?: string;
  /** Compression level of the disk, 1 to 9. Default 6. */
  readonly level?: number;
}

export type OvaController = 'lsilogic' | 'pvscsi' | 'sata' | 'ide';

/** What a guest is, in the words of those who import it. */
export interface OvaSystem {
  /** Number in DMTF's CIM_OperatingSystem.OSType. */
  readonly id: number;
  readonly description: string;
  /** VMware's guest identifier, such as `debian12_64Guest`. */
  readonly vmware: string;
}
