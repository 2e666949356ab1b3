/** The state of a build's machine after a step, as the store knows it. Serialised as JSON, mode 0600. */
export interface CheckpointRecord {
  readonly schema: 1;
  /** Hash over everything that led to this state (engine/step-keys.ts). */
  readonly key: string;
  readonly createdAt: string;
  /** For people: the build, and the step after which this state was there. */
  readonly build: string;
  readonly step: string;
  /** Digest of the source image that the first disk stands on. */
  readonly base?: string;
  /** For each disk the digests of its layers, top first. The lowest one stands on the base or on nothing. */
  readonly disks: readonly (readonly string[])[];
  /** Of a tree without a disk: the digests of its layers, top first. */
  readonly trees?: readonly string[];
  /** UEFI's variables, in base64. */
  readonly firmwareVariables?: string;
  /** Memory and device state of the machine; without it the machine boots from its disks. */
  readonly memory?: { readonly digest: string; readonly size: number };
  /** What a machine that boots from the disks would lack, for people. Empty when nothing. */
  readonly lostByReboot: readonly string[];
  /** The key pair that may log in: it was made for the first build of this line, and the machine knows no other. */
  readonly login?: { readonly privateKey: string; readonly publicKey: string };
  /** Index of the step that had failed when this machine was kept; its key is of the build alone then. */
  readonly failedStep?: number;
  /** The files of this state that are under `disks/`, `memory/` and `trees/`, by digest. */
  readonly files: Readonly<Record<string, BlobFacts>>;
}

export interface BlobFacts {
  readonly bytes: number;
  /** Device, inode, size and times of the file or folder. As long as these are the same nobody has changed its content. */
  readonly identity: string;
}
