import { KilnError } from '../base/errors.ts';
import type { EmitEvent } from '../base/events.ts';
import type { ImageRef } from '../plan/image-ref.ts';

/** A local file that holds a disk (or an installer medium), ready to be read. Never to be written. */
export interface LocalImage {
  readonly path: string;
  /** Detected from the bytes. */
  readonly format: DiskFormat;
  /** Identifies the content: an image id of the store, or the SHA-256 of the file. */
  readonly digest: string;
  readonly virtualSize: number;
  /** The machine takes Kiln's seed (login key, host name). */
  readonly seeded: boolean;
  /** User to log in as, when known. */
  readonly user?: string;
  /** How to log in first, where that is a convention of the image's kind: all of them may be tried, in this order. */
  readonly login?: ImageLogin;
  /** Disks beside the first one, in order. */
  readonly moreDisks?: readonly LocalImage[];
  /** Firmware that the machine needs, when known. */
  readonly firmware?: 'bios' | 'efi';
  /** The box it came from. */
  readonly box?: ImageBox;
}

export interface ImageLogin {
  readonly user: string;
  readonly password?: string;
  /** Absolute paths of private keys, readable for their owner alone. */
  readonly privateKeyFiles: readonly string[];
}

export interface ImageBox {
  readonly name: string;
  readonly version: string;
  readonly provider: string;
  readonly architecture?: string;
  /** Where it is unpacked; its Vagrantfile is there. */
  readonly folder: string;
  readonly metadataUrl?: string;
}

export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vpc' | 'vhdx' | 'vdi' | 'qed' | 'iso';

export interface ResolveContext {
  readonly emit: EmitEvent;
  readonly build?: string;
  readonly signal: AbortSignal;
  /** Only what is on this host already will do: nothing is made or fetched. */
  readonly onlyPresent?: boolean;
}

/** What to throw when an image that may not be made or fetched is not there. */
export function notPresent(what: string): KilnError {
  return new KilnError('not-found', `${what} is not on this host yet`, {
    hint: 'a build makes or fetches it',
  });
}

/** Turns a plan's image reference into a local file: bootstraps, downloads, looks up or just checks. */
export interface ImageResolver {
  /** @throws KilnError `not-found`, `file-missing`, `file-unsafe`, `checksum-mismatch`, `download-failed`, `tool-missing` */
  resolve(ref: ImageRef, context: ResolveContext): Promise<LocalImage>;
}
