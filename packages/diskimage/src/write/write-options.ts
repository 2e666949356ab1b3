/** What every writer of a disk format takes. */
export interface WriteOptions {
  /** Stops the writing; the unfinished file is removed, and the signal's reason thrown. */
  readonly signal?: AbortSignal;
  /** Called now and then with how far the disk is done, and its size. Bytes. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface WrittenDisk {
  /** Bytes that the machine sees. */
  readonly virtualSize: number;
  /** Length of the file in bytes. */
  readonly fileSize: number;
}
