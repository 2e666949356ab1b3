import type { BuildSupply } from '../supply/attest/build-supply.ts';

/** What a build made, passed along a chain of outputs. */
export interface Artifact {
  /** Identifies the kind of maker, such as `transcend.qemu`; Packer's ids where Packer has one. */
  readonly builderId: string;
  readonly id: string;
  /** One line for people. */
  readonly description: string;
  /** Absolute or as the user wrote them; in the order they are listed to people. */
  readonly files: readonly string[];
  /** The machine's disk as a chain of qcow2 layers, for outputs that need not flatten it. */
  readonly disk?: ArtifactDisk;
  /** What its maker knows of how it was made, for those who sign it. */
  readonly supply?: BuildSupply;
  /** Removes the artifact's files. */
  destroy(): Promise<void>;
}

export interface ArtifactDisk {
  readonly path: string;
  readonly format: 'qcow2' | 'raw';
  /** Store image that `path` is a layer on, when it is one. */
  readonly base?: string;
  readonly seeded: boolean;
  /** When it says it was made, where that is fixed: seconds since 1970. */
  readonly time?: number;
  readonly user?: string;
  /** Firmware that the machine is known to start with. */
  readonly firmware?: readonly ('bios' | 'efi')[];
}
