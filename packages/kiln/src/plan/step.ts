import type { AnsibleLocalStep, AnsibleStep } from './ansible-step.ts';
import type { ChefStep } from './chef-step.ts';
import type { ContainerStep } from './container-step.ts';
import type { Profile } from './profile.ts';
import type { PuppetStep } from './puppet-step.ts';
import type { RebootStep } from './reboot-step.ts';
import type { SaltStep } from './salt-step.ts';
import type { ScriptDownload } from './script-download.ts';
import type { StepBase } from './step-base.ts';
import type { Text } from './text.ts';

/** One thing to do to a machine. Only, except and override have been resolved by the dialect. */
export type Step =
  | ShellStep
  | PowershellStep
  | WindowsShellStep
  | WindowsRestartStep
  | ShellLocalStep
  | FileStep
  | ProfileStep
  | AnsibleStep
  | AnsibleLocalStep
  | PuppetStep
  | ChefStep
  | SaltStep
  | ContainerStep
  | RebootStep
  | SleepStep
  | BreakpointStep;

export type { ScriptDownload } from './script-download.ts';
export type { StepBase, StepCache } from './step-base.ts';

export interface ShellStep extends StepBase {
  readonly kind: 'shell';
  readonly script: ScriptSource;
  /** Instead of `script`. */
  readonly download?: ScriptDownload;
  readonly inlineShebang: string;
  /** In order; later entries win. Values may have holes. */
  readonly environment: readonly (readonly [name: string, value: Text])[];
  /** C-like format of one assignment with two `%s`. */
  readonly environmentFormat: string;
  /** Write the assignments to a file in the machine instead of the command line. */
  readonly useEnvironmentFile: boolean;
  readonly environmentFileFolder: string;
  /** Has `.Vars`, `.Path` and `.EnvVarFile`. */
  readonly executeCommand: Text;
  readonly remoteFolder: string;
  readonly remoteFile?: string;
  readonly remotePath?: string;
  readonly skipClean: boolean;
  readonly expectDisconnect: boolean;
  readonly startRetryTimeout: number;
  readonly validExitCodes: readonly number[];
  /** Leave line ends as they are. */
  readonly binary: boolean;
  readonly pauseAfter: number;
}

/** PowerShell in a Windows machine. */
export interface PowershellStep extends StepBase {
  readonly kind: 'powershell';
  /** Inline lines are sent inside of a script that fails when one of them does. */
  readonly script: ScriptSource;
  /** Instead of `script`. */
  readonly download?: ScriptDownload;
  readonly environment: readonly (readonly [name: string, value: Text])[];
  /** C-like format of one assignment with two `%s`; the assignments are sent as a script. */
  readonly environmentFormat: string;
  /** Has `.Path` and `.Vars`, the path of the script with the assignments. Clean-up goes through it too. */
  readonly executeCommand: Text;
  /** Runs the scripts as this user, by means of the task scheduler. */
  readonly elevated?: ElevatedUser;
  /** Where a script is kept while it runs; a folder when it ends with a slash. */
  readonly remotePath?: string;
  /** Where the script with the assignments is kept. */
  readonly environmentFile?: string;
  /** Level of `Set-PSDebug -Trace` for inline lines; 0 for none. */
  readonly debugLevel: number;
  readonly skipClean: boolean;
  readonly startRetryTimeout: number;
  readonly validExitCodes: readonly number[];
  readonly pauseAfter: number;
}

export interface ElevatedUser {
  readonly user: Text;
  /** Empty for a service account. */
  readonly password: Text;
  readonly environmentFormat: string;
  readonly executeCommand: Text;
}

/** Batch files in a Windows machine. */
export interface WindowsShellStep extends StepBase {
  readonly kind: 'windows-shell';
  readonly script: ScriptSource;
  readonly environment: readonly (readonly [name: string, value: Text])[];
  readonly environmentFormat: string;
  /** Has `.Vars` and `.Path`. */
  readonly executeCommand: Text;
  readonly remotePath: string;
  readonly startRetryTimeout: number;
  readonly validExitCodes: readonly number[];
}

/** Restarts a Windows machine and waits until it can be worked with again. */
export interface WindowsRestartStep extends StepBase {
  readonly kind: 'windows-restart';
  readonly restartCommand: Text;
  /** Run once in the machine that is back, beside Kiln's own check. */
  readonly checkCommand?: Text;
  readonly restartTimeout: number;
  /** Keys whose existence says that another restart is due; waits until none of them is there. */
  readonly registryKeys: readonly string[];
}

export type ScriptSource =
  | { readonly kind: 'inline'; readonly lines: readonly Text[] }
  | { readonly kind: 'files'; readonly paths: readonly string[] };

export interface ShellLocalStep extends StepBase {
  readonly kind: 'shell-local';
  readonly script: ScriptSource;
  readonly inlineShebang: string;
  readonly environment: readonly (readonly [name: string, value: Text])[];
  readonly environmentFormat: string;
  /** argv; each element has `.Vars`, `.Script` and `.Command`. */
  readonly executeCommand: readonly Text[];
  readonly validExitCodes: readonly number[];
  /** Extension of the file that inline lines are written to. */
  readonly tempfileExtension: string;
  /** Operating systems (`linux`, `darwin`, `windows`) to run on; empty for all. */
  readonly onlyOn: readonly string[];
}

export interface FileStep extends StepBase {
  readonly kind: 'file';
  readonly direction: 'upload' | 'download';
  /** Local paths for an upload (a trailing slash copies a folder's content), remote ones for a download. */
  readonly sources: readonly Text[];
  readonly content?: Text;
  /** A file of another host that is uploaded; `sources` is empty then. */
  readonly download?: ScriptDownload;
  readonly destination: Text;
  /** Sources are made while the build runs and need not exist before. */
  readonly generated: boolean;
  /** Permission bits and owner to set after an upload. */
  readonly mode?: number;
  readonly owner?: string;
  /** Uploads go to where only root may write, with folders made as needed; the login user must be able to sudo. */
  readonly asRoot?: boolean;
}

/** Brings the machine to what a profile says, or to a part of it. */
export interface ProfileStep extends StepBase {
  readonly kind: 'profile';
  /** What is not of this part is not in it. */
  readonly profile: Profile;
  /** Builds do a profile in parts, each a step that is built once: what is changed in a file does not touch packages. */
  readonly part: ProfilePart;
  /** Absolute paths of local files that it reads. */
  readonly reads: readonly string[];
}

/**
 * `packages` has repositories, and scripts up to `after-packages`; `config` users, groups, settings and services that
 * are not ours; `files` the rest.
 */
export type ProfilePart = 'all' | 'packages' | 'config' | 'files';

export interface SleepStep extends StepBase {
  readonly kind: 'sleep';
  readonly duration: number;
}

export interface BreakpointStep extends StepBase {
  readonly kind: 'breakpoint';
  readonly note: string;
  readonly disabled: boolean;
}
