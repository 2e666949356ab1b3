import { DiskImageError } from '../read.ts';

/** A tree is too large for its filesystem. */
export class FilesystemFullError extends DiskImageError {
  /** Whether blocks or inodes ran out. */
  readonly lacking: 'blocks' | 'inodes';
  /** How many of them the tree needs more than there are, at least. */
  readonly missing: number;

  constructor(lacking: 'blocks' | 'inodes', missing: number) {
    const what = lacking === 'blocks' ? `blocks of 4 KiB` : 'inodes';
    super(`the filesystem is too small for its files: it lacks at least ${missing} ${what}`);
    this.name = 'FilesystemFullError';
    this.lacking = lacking;
    this.missing = missing;
  }
}
