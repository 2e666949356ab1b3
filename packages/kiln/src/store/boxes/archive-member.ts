/** Something in an archive that is being unpacked. Nothing of it was checked yet. */
export interface ArchiveMember {
  readonly kind: 'file' | 'folder' | 'symbolic link' | 'hard link' | 'device' | 'pipe' | 'special member';
  readonly name: string;
  /** Bytes of the file, holes included. */
  readonly size: number;
  readonly mode: number;
  /** Where a link leads. */
  readonly target?: string;
  /** A file's content in order, without its holes. To be read to its end before the next member is asked for. */
  readonly content: AsyncGenerator<ContentPiece>;
}

export interface ContentPiece {
  readonly position: number;
  readonly bytes: Buffer;
}
