import type { Attachment } from './attachment.ts';

/** What the store knows of an image. Serialised as JSON; the id is the digest of its top layer. */
export interface ImageRecord {
  readonly schema: 1;
  /** Hex SHA-256 of the top layer's bytes. */
  readonly id: string;
  /** Digests of the layers, top first. Each layer's qcow2 header names the next by file name. */
  readonly layers: readonly string[];
  /** What the guest sees, in bytes. */
  readonly virtualSize: number;
  readonly createdAt: string;
  /** The machine takes its login key and host name from Kiln's seed (see hosts/qemu/seed.ts). */
  readonly seeded: boolean;
  /** `bios`, `efi`, or both, as far as known. */
  readonly firmware: readonly ('bios' | 'efi')[];
  /** The user that people log in as, when known. */
  readonly user?: string;
  /** The resolved profile that it was made from, as `formatProfile` writes it. Holds no secret. */
  readonly profile?: string;
  readonly provenance: Provenance;
  /** By kind; one of each. */
  readonly attachments?: readonly Attachment[];
}

/** Where an image came from. Never holds a secret. */
export interface Provenance {
  readonly kilnVersion: string;
  /** Such as `bootstrap debian/12`, `import disk.vmdk`, `build web`. */
  readonly made: string;
  /** Template file's name and the SHA-256 of its bytes. */
  readonly template?: { readonly file: string; readonly digest: string };
  /** Hash over everything that determined the image (plan, base, the content of every file read). */
  readonly key?: string;
  readonly inputs?: readonly { readonly what: string; readonly digest: string }[];
  readonly base?: string;
  readonly steps?: readonly { readonly step: string; readonly milliseconds: number }[];
  readonly startedAt?: string;
  readonly finishedAt?: string;
  /** Exact versions of packages, for bootstrapped images: `name=version`. */
  readonly packages?: readonly string[];
}
