/** A disk, or a part of one, as bytes that can be read anywhere. Every format's reader is one, and every writer takes one. */
export interface DiskReader {
  /** Bytes. */
  readonly size: number;
  /** Fills `into` from `position` on; areas that were never written are zeros. @throws DiskImageError outside of the disk */
  read(into: Uint8Array, position: number): Promise<void>;
  /** Areas that may hold something else than zeros, in order and apart from each other. Bytes. */
  dataRanges(): AsyncIterable<ByteRange>;
  close(): Promise<void>;
}

export interface ByteRange {
  readonly start: number;
  readonly length: number;
}
