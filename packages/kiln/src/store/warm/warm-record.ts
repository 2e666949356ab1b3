/** A disk of a kept machine beside the first one. Its layer, and `<name>.empty` to begin a copy's with, are in the folder. */
export interface KeptDisk {
  /** As it is called in the machine's folder. */
  readonly name: string;
  /** Further layers below it. */
  readonly below: readonly string[];
}

/** What is written down of a booted machine that others are copied from: `warm/<key>/record.json`. */
export interface WarmRecord {
  readonly schema: 1;
  /** Everything that must be the same for a copy: image, devices, memory, QEMU (machines/warm/warm-key.ts). */
  readonly key: string;
  readonly createdAt: string;
  readonly image: { readonly id: string; readonly description: string };
  /** For people, such as `2 processors, 512 MB`. */
  readonly machine: string;
  /** Address of its network card, which a copy has to give up. */
  readonly mac: string;
  /** Kinds of SSH host keys that it has, such as `ed25519`. */
  readonly hostKeys: readonly string[];
  /** Further layers below its disk, by their names in this folder and in those of copies. */
  readonly below?: readonly string[];
  /** Disks beside the first one that are not empty. */
  readonly disks?: readonly KeptDisk[];
  /** The state has the memory in it, and there is no file of that. */
  readonly isWhole?: boolean;
  /** It was one particular machine, whose key (base64) a copy must not let in. */
  readonly loginKey?: string;
}

/** The files beside the record. Nothing of them is ever changed. */
export interface WarmFiles {
  readonly folder: string;
  readonly record: string;
  /** The disk's layer, on the image. Copies keep a link of their own to it. */
  readonly disk: string;
  /** An empty layer on what copies know `disk` by: what a copy's disk begins as. */
  readonly empty: string;
  /** Memory, with holes where it was never touched. */
  readonly memory: string;
  /** State of its devices. */
  readonly state: string;
  /** Variables of a UEFI firmware. */
  readonly efiVars: string;
}
