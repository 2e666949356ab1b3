import { createHash } from 'node:crypto';
import { digestFile } from '../../base/files.ts';
import { readTree } from '../../guests/local-tree.ts';
import type { Content, FileWish, Profile, Resource, ServiceWish, UserWish } from '../../plan/profile.ts';
import { repositoryItems } from './repository-items.ts';
import { settingItems } from './setting-items.ts';
import type { StateItem, SystemState } from './system-state.ts';
import { fileMode, keysText, memberValues, sudoText } from './value-texts.ts';

/**
 * What a profile says of a machine. What depends on conditions that are still open is left out, and what scripts do is
 * not known.
 * @throws a system error when a local file of the profile cannot be read
 */
export async function stateOfProfile(whole: Profile, description: string): Promise<SystemState> {
  const profile = withoutConditions(whole);
  const { os, packages, repositories, groups, users, services, config, scripts } = profile;
  const gaps = [
    ...scripts.map((script) => `what the script "${script.name}" does is not known`),
    ...openConditions(whole).map((name) => `${name} depends on facts that are not known`),
  ];
  return {
    description,
    whole: false,
    sections: {
      system: new Map(os ? [['distribution', { values: { name: `${os.distribution} ${os.release}` } }]] : []),
      packages: new Map(packages.map((wish) => [wish.name, packageItem(wish)])),
      repositories: repositoryItems(
        repositories
          .filter((one) => !one.absent)
          .map((one) => ({ ...one, disabled: false, ...(one.key && { signedBy: 'a key of its own' }) })),
        os?.distribution ?? '',
      ),
      groups: new Map(
        groups.map((group) => [
          group.name,
          group.absent ? absent : { values: group.gid === undefined ? {} : { gid: String(group.gid) } },
        ]),
      ),
      users: new Map(users.map((user) => [user.name, userItem(user)])),
      services: new Map(services.flatMap((service) => serviceItems(service))),
      settings: settingItems(settingsOf(config)),
      files: new Map([...(await fileItems(profile.files)), ...services.flatMap(unitFiles)]),
    },
    gaps,
  };
}

const conditional = ['repositories', 'packages', 'groups', 'users', 'files', 'services', 'scripts'] as const;

function withoutConditions(profile: Profile): Profile {
  const decided = <R extends Resource>(resources: readonly R[]) => resources.filter((one) => !one.when);
  return {
    ...profile,
    repositories: decided(profile.repositories),
    packages: decided(profile.packages),
    groups: decided(profile.groups),
    users: decided(profile.users),
    files: decided(profile.files),
    services: decided(profile.services),
    scripts: decided(profile.scripts),
  };
}

function openConditions(profile: Profile): string[] {
  return conditional.flatMap((section) =>
    profile[section].filter((one) => one.when).map((one) => ('path' in one ? one.path : one.name)),
  );
}

const absent: StateItem = { values: {}, absent: true };

function packageItem({ state, version, held }: Profile['packages'][number]): StateItem {
  if (state === 'absent') return absent;
  return {
    values: {
      ...(version === undefined ? {} : { version }),
      ...(held === undefined ? {} : { held: held ? 'yes' : 'no' }),
    },
    ...(version?.includes('*') ? { patterns: ['version'] } : {}),
  };
}

function userItem(user: UserWish): StateItem {
  if (user.absent) return absent;
  const { uid, group, groups, comment, home, shell, password, sshKeys, sudo } = user;
  const known = { group, comment, home, shell };
  return {
    values: {
      ...(uid === undefined ? {} : { uid: String(uid) }),
      ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
      ...memberValues(groups),
      ...(password === undefined ? {} : { password: password.kind === 'locked' ? 'locked' : 'set' }),
      ...(sshKeys === undefined ? {} : { 'ssh keys': keysText(sshKeys) }),
      ...(sudo === undefined ? {} : { sudo: sudoText(sudo) }),
    },
  };
}

function serviceItems({ name, enabled, masked, running }: ServiceWish): [string, StateItem][] {
  const state = masked ? 'masked' : enabled === undefined ? undefined : enabled ? 'enabled' : 'disabled';
  if (state === undefined && running === undefined) return [];
  return [
    [
      name,
      {
        values: {
          ...(state === undefined ? {} : { state }),
          ...(running === undefined ? {} : { active: running ? 'yes' : 'no' }),
        },
        ...(state === 'disabled' ? { usual: true } : {}),
      },
    ],
  ];
}

function unitFiles({ name, unit, dropIn }: ServiceWish): [string, StateItem][] {
  const folder = '/etc/systemd/system';
  const item = (text: string): StateItem => ({ values: { kind: 'file', content: textContent(text) } });
  return [
    ...(unit === undefined ? [] : [[`${folder}/${name}`, item(unit)] as [string, StateItem]]),
    ...(dropIn === undefined ? [] : [[`${folder}/${name}.d/kiln.conf`, item(dropIn)] as [string, StateItem]]),
  ];
}

function settingsOf(config: Profile['config']): Parameters<typeof settingItems>[0] {
  const { cron, swap, ...rest } = config;
  return {
    ...rest,
    cron: cron.filter((job) => !job.absent).map((job) => ({ ...job, file: `/etc/cron.d/${job.name}` })),
    swap: swap && swap.size > 0 ? [{ path: swap.path, size: swap.size }] : [],
    files: {},
  };
}

async function fileItems(files: readonly FileWish[]): Promise<[string, StateItem][]> {
  const items: [string, StateItem][] = [];
  for (const file of files) {
    switch (file.kind) {
      case 'absent':
        items.push([file.path, absent]);
        break;
      case 'link':
        items.push([file.path, { values: { kind: 'symlink', target: file.target } }]);
        break;
      case 'file': {
        const values: Record<string, string> = { kind: 'file', ...attributes(file) };
        if (file.content !== undefined) values['content'] = await digestOf(file.content);
        items.push([file.path, { values }]);
        break;
      }
      case 'directory':
        items.push([file.path, { values: { kind: 'directory', ...attributes(file) } }]);
        if (file.source !== undefined) items.push(...(await folderItems(file, file.source)));
    }
  }
  return items;
}

function attributes(file: {
  readonly mode?: number;
  readonly owner?: string;
  readonly group?: string;
}): Record<string, string> {
  const { mode, owner, group } = file;
  return {
    ...(mode === undefined ? {} : { mode: fileMode(mode) }),
    ...(owner === undefined ? {} : { owner }),
    ...(group === undefined ? {} : { group }),
  };
}

async function folderItems(
  wish: FileWish & { readonly kind: 'directory' },
  source: string,
): Promise<[string, StateItem][]> {
  const items: [string, StateItem][] = [];
  for (const entry of await readTree(source)) {
    const path = `${wish.path}/${entry.path}`;
    if (entry.kind === 'symlink') items.push([path, { values: { kind: 'symlink', target: entry.target } }]);
    else if (entry.kind === 'folder') items.push([path, { values: { kind: 'directory' } }]);
    else {
      const values = {
        kind: 'file',
        content: `sha256:${await digestFile(entry.local)}`,
        mode: fileMode(wish.fileMode ?? entry.mode),
      };
      items.push([path, { values }]);
    }
  }
  return items;
}

async function digestOf(content: Content): Promise<string> {
  switch (content.kind) {
    case 'text':
      return textContent(content.text);
    case 'bytes':
      return bytesContent(Buffer.from(content.base64, 'base64'));
    case 'local':
      return `sha256:${await digestFile(content.path)}`;
    case 'url':
      return `sha256:${content.digest}`;
  }
}

function textContent(text: string): string {
  return bytesContent(Buffer.from(text, 'utf8'));
}

function bytesContent(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
