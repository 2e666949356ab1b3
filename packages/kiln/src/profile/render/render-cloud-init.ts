import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { KilnError } from '../../base/errors.ts';
import type { FileWish, PackageWish, Profile, UserWish } from '../../plan/profile.ts';
import { type CompileOptions, compileProfile } from '../compile/compile-profile.ts';
import { isEmptyProfile } from '../profile-parts.ts';
import type { RenderedFor } from './platform-of.ts';

/** Where the script is while it runs: nowhere when the machine starts the next time. */
const scriptPath = '/run/kiln-profile.sh';

/**
 * User data for cloud-init: in its own words where it has some that mean the same, and everything else as a script that
 * it runs when it has done its part.
 * @throws KilnError `unsupported` when it is larger than clouds take, and what compiling throws
 */
export async function renderCloudInit(
  { profile, platform }: RenderedFor,
  options: Pick<CompileOptions, 'fetch'>,
): Promise<string> {
  const { native, rest } = split(profile);
  const config: Record<string, unknown> = { ...native };
  if (!isEmptyProfile(rest)) {
    const { script } = await compileProfile(rest, { ...options, platform, standalone: true });
    const packed = gzipSync(Buffer.from(script), { level: 9 }).toString('base64');
    config['write_files'] = [
      ...((config['write_files'] as object[] | undefined) ?? []),
      {
        path: scriptPath,
        permissions: '0600',
        encoding: 'gz+b64',
        content: packed,
        defer: true,
      },
    ];
    config['runcmd'] = [`sh ${scriptPath}; code=$?; rm -f ${scriptPath}; exit $code`];
  }
  const text = `#cloud-config\n# Made by Kiln of the profile ${JSON.stringify(profile.name)}.\n${stringify(config, { lineWidth: 0 })}`;
  if (Buffer.byteLength(text) > largest) {
    throw new KilnError(
      'unsupported',
      `the profile ${profile.name} is too large for cloud-init: ${Buffer.byteLength(text)} bytes, and clouds take ${largest}`,
      { hint: 'build an image from it, or let large files come from a URL by a script' },
    );
  }
  return text;
}

/** The least of what clouds take, after a line of base64 has grown by a third, is 16 KiB; OpenStack takes 64. */
const largest = 64 << 10;

interface Split {
  readonly native: Readonly<Record<string, unknown>>;
  /** The profile without what cloud-init does. */
  readonly rest: Profile;
}

/**
 * cloud-init makes users when it starts, then installs packages, then writes files that can wait, then runs commands. So
 * nothing may be left to it that has to come after something that is left to the script. Users are in both: people can
 * log in early, and the script sees to the rest of what is said of them.
 */
function split(profile: Profile): Split {
  const { packages, users, groups, files, services, config, repositories, scripts } = profile;
  const isFirst =
    repositories.length === 0 && !scripts.some(({ at }) => at === 'first' || at === 'before-packages');
  const ownPackages = isFirst ? packages.filter(isPlainPackage) : [];
  // A group or shell of a user may come with a package that only the script installs.
  const early =
    isFirst &&
    ownPackages.length === packages.length &&
    !scripts.some(({ at }) => at === 'after-packages') &&
    !users.some(({ absent }) => absent);
  const ownGroups = early ? groups.filter(isPlainGroup).map(({ name }) => name) : [];
  const ownUsers = early ? users.filter((user) => isPlainUser(user, ownGroups, groups)) : [];
  const names = ownUsers.map(({ name }) => name);
  const owners = { users: ['root', ...names], groups: ['root', ...ownGroups, ...names] };
  // What restarts a service has to be changed by who restarts it.
  const watched = new Set(services.flatMap(({ restartOn }) => restartOn));
  const ownFiles = files.filter(isPlainFile).filter((file) => {
    const { path, owner = '', group = '' } = file;
    return early && !watched.has(path) && owners.users.includes(owner) && owners.groups.includes(group);
  });
  const { hostname, timezone, locale, ...otherConfig } = config;
  const native = {
    ...(hostname !== undefined && { hostname }),
    ...(timezone !== undefined && { timezone }),
    ...(locale !== undefined && { locale }),
    ...(ownGroups.length > 0 && { groups: ownGroups }),
    // The image's own user stays.
    ...(ownUsers.length > 0 && { users: ['default', ...ownUsers.map(cloudUser)] }),
    ...(ownPackages.length > 0 && {
      package_update: true,
      packages: ownPackages.map(({ name }) => name),
    }),
    ...(ownFiles.length > 0 && { write_files: ownFiles.map(cloudFile) }),
  };
  const paths = new Set(ownFiles.map(({ path }) => path));
  const installed = new Set(ownPackages.map(({ name }) => name));
  return {
    native,
    rest: {
      ...profile,
      packages: packages.filter(({ name }) => !installed.has(name)),
      groups: groups.filter(({ name }) => !ownGroups.includes(name)),
      users: users.filter((user) => !names.includes(user.name) || !isWholeForCloud(user)),
      files: files.filter(({ path }) => !paths.has(path)),
      config: otherConfig,
    },
  };
}

function isPlainPackage({ state, version, held }: PackageWish): boolean {
  return state === 'present' && version === undefined && held === undefined;
}

function isPlainGroup({ absent, gid, system }: Profile['groups'][number]): boolean {
  return !absent && gid === undefined && !system;
}

/** One that cloud-init can make, with the groups that are there by then. It leaves users alone that are there already. */
function isPlainUser(user: UserWish, made: readonly string[], groups: Profile['groups']): boolean {
  const { exactGroups, group, groups: others, system, name, home } = user;
  const needed = [...(group === undefined ? [] : [group]), ...others];
  const unmade = needed.some((one) => groups.some((own) => own.name === one) && !made.includes(one));
  return !exactGroups && !system && !unmade && name !== 'root' && home === undefined;
}

/** Whether nothing is said of a user beside what cloud-init does in the same way. */
function isWholeForCloud({ sshKeys, sudo, password }: UserWish): boolean {
  return sshKeys === undefined && sudo === undefined && password?.kind !== 'hash';
}

function cloudUser(user: UserWish): object {
  const { name, uid, group, groups, shell, comment, createHome, password, sshKeys } = user;
  return {
    name,
    ...(uid !== undefined && { uid }),
    ...(group !== undefined && { primary_group: group }),
    ...(groups.length > 0 && { groups }),
    ...(shell !== undefined && { shell }),
    ...(comment !== undefined && { gecos: comment }),
    ...(!createHome && { no_create_home: true }),
    ...(password?.kind === 'hash'
      ? { hashed_passwd: password.hash, lock_passwd: false }
      : { lock_passwd: true }),
    ...(sshKeys && sshKeys.length > 0 && { ssh_authorized_keys: sshKeys }),
  };
}

/** What a file is when nobody says it, cloud-init does not look at: it would change what is there. */
function isPlainFile(file: FileWish): file is FileWish & { readonly kind: 'file' } {
  if (
    file.kind !== 'file' ||
    file.mode === undefined ||
    file.owner === undefined ||
    file.group === undefined
  ) {
    return false;
  }
  const { content } = file;
  if (content?.kind === 'text') return content.text.length <= 8192;
  return content?.kind === 'bytes' && content.base64.length <= 8192;
}

function cloudFile(file: FileWish & { readonly kind: 'file' }): object {
  const { path, content, mode, owner, group } = file;
  return {
    path,
    owner: `${owner}:${group}`,
    permissions: `0${mode!.toString(8)}`,
    defer: true,
    ...(content?.kind === 'bytes'
      ? { encoding: 'b64', content: content.base64 }
      : { content: content?.kind === 'text' ? content.text : '' }),
  };
}
