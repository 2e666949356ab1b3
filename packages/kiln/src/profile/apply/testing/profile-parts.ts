import type { FileWish, Profile, ProfileScript, ServiceWish, UserWish } from '../../../plan/profile.ts';
import { noConfig } from '../../profile-parts.ts';

/** A profile that says nothing but what is given. */
export function profileOf(parts: Partial<Profile> = {}): Profile {
  return {
    name: 'test',
    repositories: [],
    packages: [],
    groups: [],
    users: [],
    files: [],
    services: [],
    config: noConfig,
    scripts: [],
    ...parts,
  };
}

export function userOf(name: string, more: Partial<UserWish> = {}): UserWish {
  return {
    ...{ name, absent: false, removeHome: false, groups: [], exactGroups: false },
    ...{ system: false, createHome: true },
    ...more,
  };
}

export function textFile(
  path: string,
  text: string,
  more: Partial<Extract<FileWish, { kind: 'file' }>> = {},
): FileWish {
  return { kind: 'file', path, content: { kind: 'text', text }, secret: false, ...more };
}

export function serviceOf(name: string, more: Partial<ServiceWish> = {}): ServiceWish {
  return { name, restartOn: [], ...more };
}

export function scriptOf(name: string, run: string, more: Partial<ProfileScript> = {}): ProfileScript {
  const always = more.unless === undefined && more.creates === undefined;
  return { name, at: 'last', run, always, ...more };
}
