import { writeSync } from 'node:fs';

/**
 * Where a filesystem is written: an area of a file or disk that reads as zeros wherever nothing has been written.
 * Positions are bytes from the area's start. Writing is synchronous, as reading of the tree is.
 */
export interface BlockTarget {
  write(bytes: Uint8Array, position: number): void;
}

/** The part of an open file that starts at `offset`: all of it, or a partition of a raw disk. */
export function fileTarget(fd: number, offset = 0): BlockTarget {
  return {
    write(bytes, position) {
      for (let done = 0; done < bytes.length; )
        done += writeSync(fd, bytes, done, bytes.length - done, offset + position + done);
    },
  };
}
