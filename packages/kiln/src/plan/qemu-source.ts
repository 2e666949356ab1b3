import type { Communicator } from './communicator.ts';
import type { ImageRef } from './image-ref.ts';
import type { Text } from './text.ts';

/** A machine made with QEMU. Sizes in bytes, durations in milliseconds, paths absolute. */
export interface QemuSource {
  readonly kind: 'qemu';
  /** The machine's first disk, before the build. */
  readonly disk: ImageRef;
  /** An installer medium in the CD drive. */
  readonly installer?: ImageRef;
  readonly communicator: Communicator;
  readonly hardware: QemuHardware;
  readonly boot: QemuBoot;
  readonly media: QemuMedia;
  readonly shutdown: QemuShutdown;
  readonly result: QemuResult;
  /** Kiln's own seed: login key and host name handed over by SMBIOS strings and a `cidata` disk. */
  readonly seed: boolean;
}

export interface QemuHardware {
  readonly binary?: string;
  /** `auto` takes one that works; a named one is used or refused with the reason. */
  readonly accelerator: 'auto' | 'none' | 'kvm' | 'tcg' | 'hax' | 'hvf' | 'whpx' | 'xen';
  readonly machineType?: string;
  readonly cpuModel?: string;
  readonly cpus: number;
  readonly sockets?: number;
  readonly cores?: number;
  readonly threads?: number;
  readonly memory: number;
  readonly firmware: QemuFirmware;
  readonly diskInterface: 'ide' | 'sata' | 'scsi' | 'virtio' | 'virtio-scsi' | 'none';
  readonly diskCache?: string;
  readonly diskDiscard?: string;
  readonly diskDetectZeroes?: string;
  readonly cdromInterface?: string;
  readonly netDevice: string;
  readonly netBridge?: string;
  readonly vga?: string;
  readonly tpm?: { readonly device: string; readonly version1: boolean };
  /** Replaces or adds options, by Packer's rule: a named option replaces all of Kiln's of that name. */
  readonly qemuArgs: readonly (readonly Text[])[];
}

export type QemuFirmware =
  | { readonly kind: 'bios'; readonly file?: string; readonly pflash?: boolean }
  | { readonly kind: 'efi'; readonly code?: string; readonly vars?: string; readonly dropVars: boolean };

export interface QemuBoot {
  readonly headless: boolean;
  readonly display?: string;
  /** Elements are typed one after the other. */
  readonly command: readonly Text[];
  readonly wait: number;
  readonly keyInterval?: number;
  readonly keyGroupInterval: number;
  readonly vnc: {
    readonly disabled: boolean;
    readonly bindAddress: string;
    readonly usePassword: boolean;
    readonly password?: string;
    readonly portMin: number;
    readonly portMax: number;
  };
  readonly qmpSocketPath?: string;
  /** Range for the host's port that leads to the communicator's port. */
  readonly hostPortMin: number;
  readonly hostPortMax: number;
  readonly skipNatMapping: boolean;
}

export interface QemuMedia {
  readonly http?: {
    readonly directory?: string;
    readonly content?: Readonly<Record<string, Text>>;
    readonly portMin: number;
    readonly portMax: number;
    readonly bindAddress: string;
    readonly interface?: string;
    readonly networkProtocol?: string;
  };
  readonly cd?: {
    readonly files: readonly string[];
    readonly content: Readonly<Record<string, Text>>;
    readonly label: string;
  };
  readonly floppy?: {
    readonly files: readonly string[];
    readonly directories: readonly string[];
    readonly content: Readonly<Record<string, Text>>;
    readonly label: string;
  };
}

export interface QemuShutdown {
  /** Run in the machine to turn it off. Undefined: ACPI power button when `acpi`, else the machine is stopped hard. */
  readonly command?: Text;
  readonly acpi: boolean;
  readonly timeout: number;
  /** Wait for the machine to turn itself off. */
  readonly disabled: boolean;
}

export interface QemuResult {
  /** Name of the first disk's file, and of the machine. */
  readonly machineName: string;
  /** Folder that receives the disks; undefined when only the store wants them. */
  readonly directory?: string;
  readonly format: 'qcow2' | 'raw';
  /** Undefined keeps the source's size. */
  readonly diskSize?: number;
  readonly additionalDiskSizes: readonly number[];
  readonly skipCompaction: boolean;
  readonly compress: boolean;
  /** Keep the overlay and its backing file instead of one flat file. */
  readonly useBackingFile: boolean;
  readonly imgArgs: {
    readonly convert: readonly string[];
    readonly create: readonly string[];
    readonly resize: readonly string[];
  };
}
