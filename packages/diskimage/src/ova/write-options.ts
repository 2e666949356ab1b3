import type { WriteOptions } from '../write-options.ts';

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
  /** Default `bios`. */
  readonly firmware?: 'bios' | 'efi';
  /** What the guest is, as number and text of CIM and in VMware's word. Default: other Linux, 64-bit. */
  readonly system?: OvaSystem;
  /** Network cards, by the name of the network that each is to be on. Default one on `VM Network`. */
  readonly networks?: readonly string[];
  /** VMware's word for its virtual hardware. Default `vmx-11` (ESXi 6.0). */
  readonly hardware?: string;
  readonly product?: { readonly name: string; readonly version?: string; readonly vendor?: string };
  readonly annotation?: string;
  /** Compression level of the disk, 1 to 9. Default 6. */
  readonly level?: number;
}

export interface OvaSystem {
  /** CIM_OperatingSystem.OSType. */
  readonly id: number;
  readonly description: string;
  /** VMware's guest identifier, such as `debian12_64Guest`. */
  readonly vmware: string;
}
