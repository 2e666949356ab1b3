/**
 * What is looked at in a system before anything is concluded from it. The same query gives the same survey of the same
 * system, whether it runs, is a folder on this host, or an image: `inventoryOf` need not know which.
 */
export interface Survey {
  /** Everything in the places that were asked for, by absolute path (byte-names.ts). Names with line breaks are left out. */
  readonly entries: ReadonlyMap<string, SurveyEntry>;
  /** Contents of the files that were asked for and are regular files, not too large. */
  readonly contents: ReadonlyMap<string, Uint8Array>;
  /** Which kind of package database there is, if any. */
  readonly database: PackageDatabase | undefined;
  /** What the searches found, by their names. */
  readonly matches: ReadonlyMap<string, readonly SearchMatch[]>;
  /** What only a system that runs can tell; undefined for files alone. */
  readonly running?: RunningFacts;
  /** What could not be looked at, as sentences. */
  readonly gaps: readonly string[];
}

/** By the file that says so; its digests of files are of one algorithm. */
export type PackageDatabase = 'dpkg' | 'apk' | 'rpm';

export const packageDigests: Readonly<Record<PackageDatabase, DigestAlgorithm>> = {
  dpkg: 'md5',
  apk: 'sha1',
  rpm: 'sha256',
};

/** Files that only this kind of package database has, in the order in which they are looked for. */
export const databaseFiles: readonly (readonly [PackageDatabase, readonly string[]])[] = [
  ['dpkg', ['/var/lib/dpkg/status']],
  ['apk', ['/lib/apk/db/installed', '/usr/lib/apk/db/installed']],
  ['rpm', ['/usr/lib/sysimage/rpm/rpmdb.sqlite', '/var/lib/rpm/rpmdb.sqlite']],
];

/** One file, without its content. Links are not followed. */
export interface SurveyEntry {
  readonly path: string;
  readonly kind: EntryKind;
  /** Permission bits with set-user-id, set-group-id and sticky: `07777`. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of a regular file; 0 for everything else. */
  readonly size: number;
  /** Where a symbolic link leads to. */
  readonly target?: string;
  /** Lower-case hexadecimal digests of a regular file; not for large ones. */
  readonly sha256?: string;
  /** By the algorithm of the system's package database. */
  readonly packageDigest?: string;
}

export type EntryKind = 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket';

export interface SearchMatch {
  /** The file that the line is in. */
  readonly path: string;
  readonly line: string;
}

export interface RunningFacts {
  /** `uname -r`. */
  readonly kernel: string;
  /** Units that are active; undefined where there is no systemd to ask. */
  readonly activeUnits?: readonly string[];
}

/** What a survey looks at. */
export interface SurveyQuery {
  readonly places: readonly Place[];
  /** Absolute paths of files to read; the last name may have `*`. */
  readonly files: readonly string[];
  readonly searches: readonly Search[];
  /** Places in home folders, by what the system's own /etc/passwd says. */
  readonly homes: readonly HomePlace[];
  /** Files to read in all home folders, relative to them. */
  readonly homeFiles: readonly string[];
}

export type DigestAlgorithm = 'md5' | 'sha1' | 'sha256';

/** A folder to list. */
export interface Place {
  readonly path: string;
  /** How many folders deep; 1 for what is directly in it. Undefined: all. */
  readonly depth?: number;
  /** Only names that start with this, directly in the folder. */
  readonly prefix?: string;
  readonly digests: boolean;
}

/** A folder in home folders; `path` is relative to them, and empty for the home folder itself. */
export interface HomePlace extends Place {
  /** `people`: root and those with ordinary user ids. `all`: services' homes too. */
  readonly whose: 'people' | 'all';
}

/** Lines of many small files. Patterns are both POSIX extended and JavaScript regular expressions. */
export interface Search {
  readonly name: string;
  readonly folder: string;
  /** Of the files' names. */
  readonly suffixes: readonly string[];
  readonly pattern: string;
  /** Lines that are left out again: a pattern over `path:line`. */
  readonly except?: string;
  /** All lines of files in which the pattern is somewhere. */
  readonly whole?: true;
}

/** What a survey takes at most. What is larger is left out, and told. */
export const surveyLimits = {
  /** Entries of one place. Of a larger one only the first two levels are listed, without digests. */
  entries: 20_000,
  /** Bytes of a file that gets a digest. */
  digest: 4 << 20,
  /** Bytes of a file that is read. Package databases of desktops have ten million. */
  content: 64 << 20,
  /** Bytes of everything that is read. */
  contents: 256 << 20,
} as const;

/** A system that can be looked at. */
export interface ExaminedSystem {
  /** For people: `the machine web`, `/srv/tree`. */
  readonly description: string;
  /** @throws KilnError `guest-disconnected`, `step-failed`, `file-missing`, `cancelled` */
  survey(query: SurveyQuery, signal?: AbortSignal): Promise<Survey>;
  /**
   * Contents of regular files, by path. Files that are not there, are something else, or have more than `limit` bytes
   * are not in the answer. Links are not followed.
   */
  read(
    paths: readonly string[],
    limit: number,
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, Uint8Array>>;
  /** A second call does nothing. */
  close(): Promise<void>;
}
