import type { SurveyEntry } from './survey.ts';

/**
 * The files of a system that does not run: a folder of this host, or a filesystem in an image. Paths are absolute in
 * that system, as byte-names.ts has them. No link is ever followed: what is behind one is not there. So nothing outside
 * of the tree is ever seen.
 */
export interface TreeAccess {
  /** What a path is; undefined when it is not there, or behind a link. */
  entry(path: string): Promise<TreeEntryFound | undefined>;
  /** What is directly in a folder, in no order; undefined when there is no such folder. */
  children(path: string): Promise<readonly TreeEntryFound[] | undefined>;
  /** A regular file's content; undefined for everything else, and for more than `limit` bytes. */
  read(path: string, limit: number): Promise<Uint8Array | undefined>;
  /** What could not be read so far, as sentences. */
  readonly gaps: readonly string[];
  close(): Promise<void>;
}

export interface TreeEntryFound extends SurveyEntry {
  /** A folder of another filesystem is mounted there: it is not entered. */
  readonly mountPoint?: true;
}
