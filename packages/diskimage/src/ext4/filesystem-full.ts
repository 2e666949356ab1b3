import { DiskImageError } from '../read.ts';

/** A tree is too large for its filesystem. */
export class FilesystemFullError extends DiskImageError {
  /** Whether blocks or inodes ran out. */
  readonly lacking: 'blocks' | 'inodes';
  /** About how many of them the tree needs more than there are: zeros in its files count as data. */
  readonly missing: number;

  constructor(lacking: 'blocks' | 'inodes', missing: number) {
    const what = lacking === 'blocks' ? `blocks of 4 KiB` : 'inodes';
    super(`the filesystem is too small for its files: it lacks about ${missing} ${what}`);
    this.name = 'FilesystemFullError';
    this.lacking = lacking;
    this.missing = missing;
  }
}
