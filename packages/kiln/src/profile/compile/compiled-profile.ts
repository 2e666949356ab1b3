import type { PayloadFile } from './contents.ts';

/** What a report is about. */
export interface ResourceReference {
  readonly kind: ResourceKind;
  /** As the profile has it; of settings, the setting's name. */
  readonly name: string;
}

export type ResourceKind =
  | 'repository'
  | 'package'
  | 'group'
  | 'user'
  | 'setting'
  | 'file'
  | 'service'
  | 'script';

/** A profile as a program for the machine. The same profile always gives the same, byte for byte. */
export interface CompiledProfile {
  /**
   * A script for any POSIX shell, to be run by root: `sh SCRIPT [--check] [--payload=FOLDER]`. It ends with 0 when all is
   * (now) as it should be, 1 when something failed, 2 when a check has found differences, 3 when it could not begin.
   */
  readonly script: string;
  /** Files that have to be in the payload's folder; empty when all is in the script. */
  readonly payload: readonly PayloadFile[];
  /** What the numbers in its reports stand for, the first being 1. */
  readonly resources: readonly ResourceReference[];
  /** Whether it holds something that only root may read. */
  readonly secret: boolean;
}

/** How a profile is compiled for one kind of machine. */
export interface Platform {
  readonly manager: 'apt' | 'dnf' | 'zypper' | 'apk';
  readonly init: 'systemd' | 'openrc' | 'none';
}

export function describeResource({ kind, name }: ResourceReference): string {
  return `${kind} ${name}`;
}
