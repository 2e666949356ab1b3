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
}

/** The files beside the record. All are read only, but `disk` and `state`, which may be missing, each copy opens. */
export interface WarmFiles {
  readonly folder: string;
  readonly record: string;
  /** The disk's layer, on the image. Copies keep a link of their own to it. */
  readonly disk: string;
  /** An empty layer on `base.qcow2` in its own folder: what a copy's disk begins as. */
  readonly empty: string;
  /** Memory, with holes where it was never touched. */
  readonly memory: string;
  /** State of its devices. */
  readonly state: string;
  /** Variables of a UEFI firmware. */
  readonly efiVars: string;
}
