import type { Config } from '../../plan/profile.ts';
import type { PackageDatabase, RunningFacts, SurveyEntry } from './survey.ts';

/** What a system is made of, as far as somebody could have said it in a profile. Serialisable but for `shadow`. */
export interface Inventory {
  /** Where it was looked at, for people. */
  readonly description: string;
  readonly os: InventoryOs;
  /** As Debian calls it where that is known; else in the words of the system's own packages. */
  readonly architecture?: string;
  readonly database: PackageDatabase | undefined;
  /** It came from a base image of Kiln's. */
  readonly installedByKiln: boolean;
  /** Sorted by name. */
  readonly packages: readonly InventoryPackage[];
  readonly repositories: readonly InventoryRepository[];
  readonly users: readonly InventoryUser[];
  readonly groups: readonly InventoryGroup[];
  readonly units: readonly InventoryUnit[];
  /** Names of the units that packages bring, sorted. */
  readonly unitFiles: readonly string[];
  /** Everything in the places where configuration is, sorted by path. Folders too. */
  readonly files: readonly InventoryFile[];
  readonly settings: InventorySettings;
  readonly running?: RunningFacts;
  /** What could not be looked at, as sentences. */
  readonly gaps: readonly string[];
}

/** os-release(5). */
export interface InventoryOs {
  readonly id: string;
  readonly version?: string;
  readonly codename?: string;
  readonly name: string;
}

export interface InventoryPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** It is there because somebody asked for it, and not because another package needs it. */
  readonly manual: boolean;
  readonly held: boolean;
  /** No system of this distribution is without it. */
  readonly required: boolean;
  /** `config-files`: it was removed, but not its configuration. */
  readonly state: 'installed' | 'config-files' | 'broken';
  /** Alternatives by alternatives, names only: what must be there. */
  readonly depends: readonly (readonly string[])[];
  /** Names that it can stand for, apart from its own. */
  readonly provides: readonly string[];
}

/** One place of packages, as a line or a paragraph of configuration has it. */
export interface InventoryRepository {
  /** The file, and what it is called there: the file's name without its ending, with a number when there are several. */
  readonly name: string;
  readonly file: string;
  readonly urls: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  readonly architectures: readonly string[];
  /** It is not used. */
  readonly disabled: boolean;
  /** Path of the keys that sign it, or the key itself. */
  readonly signedBy?: string;
  /** Options that a profile has no words for, such as `trusted=yes`. */
  readonly otherOptions: readonly string[];
}

/** `base`: every system of this distribution has it. `package`: a package has made it. `own`: somebody else has. */
export type Origin = 'base' | 'package' | 'own';

export interface InventoryUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Name of the primary group; its number where it has no name. */
  readonly group: string;
  /** Supplementary groups, sorted. */
  readonly groups: readonly string[];
  /** Those of `groups` that a package's script has put the user into. */
  readonly joinedByPackages: readonly string[];
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** Of users that every system of the distribution has: the shell that it gives them. */
  readonly standardShell?: string;
  /** Whether a password works. `unknown` where only root could tell. */
  readonly password: 'locked' | 'set' | 'empty' | 'unknown';
  /** Lines of authorized_keys, without comments and empty ones. */
  readonly sshKeys: readonly string[];
  /** Specifications of sudoers(5) behind the user's name, as files in /etc/sudoers.d have them. */
  readonly sudo: readonly string[];
  readonly origin: Origin;
}

export interface InventoryGroup {
  readonly name: string;
  readonly gid: number;
  readonly origin: Origin;
}

/** A unit of systemd that somebody has a say in. */
export interface InventoryUnit {
  /** With its suffix. */
  readonly name: string;
  readonly enabled: boolean;
  readonly masked: boolean;
  /** What its package made of it: undefined for units that no package brings, or that are never enabled. */
  readonly enabledByPackage: boolean | undefined;
  /** The unit's own file is not a package's. */
  readonly ownFile?: string;
  /** Drop-ins that are no package's. */
  readonly dropIns: readonly string[];
  /** Known only of systems that run. */
  readonly active?: boolean;
}

export interface InventoryFile extends SurveyEntry {
  readonly state: FileState;
  /** Name of the package that it belongs to. */
  readonly package?: string;
}

/**
 * - `shipped`: as its package brought it; of files that packages keep no digest of, only that they are a package's
 * - `changed`: a package brought something else
 * - `missing`: a package brought it, and it is gone
 * - `made`: a package or the system itself has made it, and can make it again
 * - `volatile`: means nothing, such as caches and what makes a machine one particular machine
 * - `own`: somebody has put it there
 */
export type FileState = 'shipped' | 'changed' | 'missing' | 'made' | 'volatile' | 'own';

/** Settings that a profile has words for, from files that are not as packages brought them. */
export interface InventorySettings extends Omit<Config, 'cron' | 'timers' | 'swap'> {
  readonly cron: readonly InventoryCronJob[];
  /** Swap of fstab(5): files with their sizes, where they are seen. */
  readonly swap: readonly { readonly path: string; readonly size?: number }[];
  /** Files all of which is in the settings above, by the setting's name. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

export interface InventoryCronJob {
  /** The file that it is in. */
  readonly file: string;
  readonly schedule: string;
  readonly user: string;
  readonly command: string;
}
