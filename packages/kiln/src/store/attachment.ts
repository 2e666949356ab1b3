/** Something that belongs to an image and is no part of its disk. Its content is in `attachments/`, by digest. */
export interface Attachment {
  readonly kind: AttachmentKind;
  /** Hex SHA-256 of the content. */
  readonly digest: string;
  /** Bytes of the content. */
  readonly size: number;
}

/**
 * `attestations`: a bundle of signed in-toto statements, one DSSE envelope a line. `profile` and `lock`: what the image
 * was built from, for building it again.
 */
export type AttachmentKind = 'spdx' | 'cyclonedx' | 'attestations' | 'profile' | 'lock';
