/**
 * What a machine should be, after everything that made it up has been resolved: bases merged, parameters filled in,
 * texts rendered, local sources read or named by absolute path. The value is frozen and serialisable.
 */
export interface Profile {
  /** Name for people; the file's when it gives none. */
  readonly name: string;
  /** What it is for. A profile without an `os` can be applied to any. */
  readonly os?: OperatingSystem;
  readonly repositories: readonly Repository[];
  readonly packages: readonly PackageWish[];
  readonly groups: readonly GroupWish[];
  readonly users: readonly UserWish[];
  readonly files: readonly FileWish[];
  readonly services: readonly ServiceWish[];
  readonly config: Config;
  readonly scripts: readonly ProfileScript[];
}

export interface OperatingSystem {
  readonly distribution: string;
  readonly release: string;
}

/** Every resource can be bound to facts of the machine. */
export interface Resource {
  readonly when?: Condition;
}

/** A condition over facts, in the form it was parsed to. */
export type Condition =
  | {
      readonly kind: 'fact';
      readonly name: string;
      readonly operator: ComparisonOperator;
      readonly value: FactValue;
    }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition };

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'matches';
export type FactValue = string | number | boolean | readonly string[];

/** What is known of a machine (facts.ts says which there are). */
export type Facts = Readonly<Record<string, string | number | boolean>>;

/** Where packages come from. */
export type Repository = Resource & {
  /** File name of its definition on the machine, without extension. */
  readonly name: string;
  readonly absent: boolean;
  /** `apt`: base of the archive; else where the repository's metadata is. */
  readonly urls: readonly string[];
  /** apt only. */
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** ASCII-armoured OpenPGP key. */
  readonly key?: Content;
};

export type PackageWish = Resource & {
  readonly name: string;
  readonly state: 'present' | 'absent' | 'latest';
  /** Exact version, or a pattern with `*`. */
  readonly version?: string;
  /** Keep at the version that is installed; undefined leaves that as it is. */
  readonly held?: boolean;
};

export type GroupWish = Resource & {
  readonly name: string;
  readonly absent: boolean;
  readonly gid?: number;
  readonly system: boolean;
};

export type UserWish = Resource & {
  readonly name: string;
  readonly absent: boolean;
  /** With the home folder; only when absent. */
  readonly removeHome: boolean;
  readonly uid?: number;
  /** Primary group. */
  readonly group?: string;
  /** Supplementary groups; others that the user is in stay unless `exactGroups`. */
  readonly groups: readonly string[];
  readonly exactGroups: boolean;
  readonly home?: string;
  readonly shell?: string;
  readonly comment?: string;
  readonly system: boolean;
  readonly createHome: boolean;
  /** A crypt(5) hash; `locked` means that no password works; undefined leaves it as it is. */
  readonly password?: { readonly kind: 'hash'; readonly hash: string } | { readonly kind: 'locked' };
  /** The whole of authorized_keys, when given. */
  readonly sshKeys?: readonly string[];
  /** sudoers(5) specifications behind the user's name, such as `ALL=(ALL) NOPASSWD: ALL`. */
  readonly sudo?: readonly string[];
};

/** Bytes that a file is to have. `digest` is the lower-case hexadecimal SHA-256. */
export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly base64: string }
  /** A local file or folder, by absolute path. */
  | { readonly kind: 'local'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string; readonly digest: string };

export type FileWish = Resource & {
  /** Absolute, without `.`, `..` or doubled slashes. */
  readonly path: string;
} & (
    | {
        readonly kind: 'file';
        /** Undefined: it must be there, with these attributes. */
        readonly content?: Content;
        readonly mode?: number;
        readonly owner?: string;
        readonly group?: string;
        /** Never reported, kept with mode 0600 wherever it is stored. */
        readonly secret: boolean;
      }
    | {
        readonly kind: 'directory';
        /** The content of a local folder is copied into it. */
        readonly source?: string;
        /** With `source`: what is not in it goes away. */
        readonly exact: boolean;
        readonly mode?: number;
        /** Of the files below, when they come from `source`. */
        readonly fileMode?: number;
        readonly owner?: string;
        readonly group?: string;
      }
    | { readonly kind: 'link'; readonly target: string }
    | { readonly kind: 'absent'; readonly recursive: boolean }
  );

/** A unit of systemd (openrc on Alpine). */
export type ServiceWish = Resource & {
  /** With its suffix (`nginx.service`, `backup.timer`). */
  readonly name: string;
  readonly enabled?: boolean;
  readonly masked?: boolean;
  /** Only on machines that are running. */
  readonly running?: boolean;
  /** The unit's whole text, when it is ours. */
  readonly unit?: string;
  /** Text of `<unit>.d/kiln.conf`. */
  readonly dropIn?: string;
  /** Paths of files of this profile: when one has changed, a running service is restarted. */
  readonly restartOn: readonly string[];
};

/** The system's settings. What is undefined, or not in a record, stays as it is. */
export interface Config {
  readonly hostname?: string;
  /** IANA name. */
  readonly timezone?: string;
  /** Such as `en_GB.UTF-8`. */
  readonly locale?: string;
  /** Further locales to generate. */
  readonly locales: readonly string[];
  readonly keyboard?: { readonly layout: string; readonly variant?: string; readonly model?: string };
  readonly sysctl: Readonly<Record<string, string>>;
  readonly modules: { readonly load: readonly string[]; readonly blacklist: readonly string[] };
  readonly limits: readonly Limit[];
  /** Lines of /etc/environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Names by address. */
  readonly hosts: Readonly<Record<string, readonly string[]>>;
  readonly dns?: { readonly servers: readonly string[]; readonly search: readonly string[] };
  readonly cron: readonly CronJob[];
  readonly timers: readonly Timer[];
  readonly swap?: Swap;
}

/** A line of limits.conf(5). */
export interface Limit {
  readonly domain: string;
  readonly type: 'soft' | 'hard' | '-';
  readonly item: string;
  readonly value: string;
}

/** A file in /etc/cron.d. */
export interface CronJob {
  readonly name: string;
  /** Five fields, or `@daily` and its like. */
  readonly schedule: string;
  readonly user: string;
  readonly command: string;
  readonly absent: boolean;
}

/** A timer of systemd with its service. */
export interface Timer {
  readonly name: string;
  /** systemd.time(7) calendar expression. */
  readonly calendar: string;
  readonly command: string;
  readonly user: string;
  readonly persistent: boolean;
  readonly absent: boolean;
}

/** A swap file; made at first boot of an image. Size in bytes; 0 for none. */
export interface Swap {
  readonly path: string;
  readonly size: number;
}

/** The way out: what the profile has no words for. */
export type ProfileScript = Resource & {
  readonly name: string;
  readonly at: ScriptPoint;
  /** Text of the script; its first line may say what runs it. */
  readonly run: string;
  /** A command that succeeds where the script has nothing to do. */
  readonly unless?: string;
  /** A path that exists where the script has nothing to do. */
  readonly creates?: string;
  /** Runs every time, and says itself whether it changed something; only scripts without `unless` and `creates`. */
  readonly always: boolean;
};

export type ScriptPoint =
  | 'first'
  | 'before-packages'
  | 'after-packages'
  | 'after-files'
  | 'last'
  | 'first-boot';
