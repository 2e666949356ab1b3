import type { GroupWish, UserWish } from '../../plan/profile.ts';
import type { Inventory, InventoryUser } from '../inventory/inventory.ts';
import { sshKeyProblem } from '../language/notations/ssh-key.ts';
import type { BareSystem } from './bare-system.ts';
import type { LeftOutSecret, Remark } from './captured-profile.ts';
import { linesText, type OriginalFiles } from './original-files.ts';

export interface CapturedAccounts {
  readonly groups: readonly GroupWish[];
  readonly users: readonly UserWish[];
  /** Paths of files that are in them. */
  readonly files: ReadonlySet<string>;
  readonly remarks: readonly Remark[];
  readonly secrets: readonly LeftOutSecret[];
  readonly warnings: readonly string[];
}

/**
 * Users and groups that somebody has made, and what somebody has changed of others.
 * @param hashes hashes of passwords that are to be written, by user
 */
export function captureAccounts(
  inventory: Inventory,
  bare: BareSystem,
  hashes: ReadonlyMap<string, string>,
  originals: OriginalFiles,
): CapturedAccounts {
  const files = new Set<string>();
  const known = new Map(bare.inventory?.users.map((user) => [user.name, user]));
  const users: UserWish[] = [];
  const remarks: Remark[] = [];
  const secrets: LeftOutSecret[] = [];
  const warnings: string[] = [];
  for (const user of inventory.users) {
    const usual = known.get(user.name);
    const isOwn = user.origin === 'own' && !usual;
    if (!isAccountName(user.name)) {
      if (isOwn) warnings.push(`the user ${JSON.stringify(user.name)} has a name that no profile can have`);
      continue;
    }
    const isLeftOut = user.password === 'set' && !hashes.has(user.name);
    const fields = {
      ...(isOwn ? ownUser(user, inventory) : changedUser(user, usual)),
      ...passwordField(user, usual, hashes),
      ...keysField(user, originals, files),
      ...sudoField(user, originals, files),
    };
    if (isLeftOut) secrets.push({ name: `password of ${user.name}`, what: 'the hash of a password' });
    if (!isOwn && Object.keys(fields).length === 0) continue;
    users.push({ ...plainUser, createHome: isOwn && user.uid >= 1000, ...fields, name: user.name });
    if (isLeftOut)
      remarks.push({
        at: ['users', user.name],
        text: 'has a password, whose hash was left out (--password-hashes writes it)',
      });
  }
  for (const name of removedUsers(inventory, bare))
    users.push({ ...plainUser, name, absent: true, createHome: false });
  return { groups: ownGroups(inventory, bare), users, files, remarks, secrets, warnings };
}

const plainUser = {
  absent: false,
  removeHome: false,
  groups: [],
  exactGroups: false,
  system: false,
  createHome: true,
} as const;

/** Names that profiles can have: useradd(8). */
function isAccountName(name: string): boolean {
  return /^[a-z_][a-z0-9_-]{0,31}$/.test(name);
}

function ownUser(user: InventoryUser, inventory: Inventory): Partial<UserWish> {
  const { uid, group, groups, home, shell } = user;
  const comment = user.comment.replace(/,+$/, '');
  const system = uid < 1000;
  return {
    uid,
    ...(group === user.name || !isAccountName(group) ? {} : { group }),
    ...(groups.length > 0 ? { groups: groups.filter(isAccountName) } : {}),
    ...(system ? { system } : {}),
    ...(home === `/home/${user.name}` ? {} : { home }),
    createHome: hasHome(user, inventory, !system),
    ...(shell.startsWith('/') ? { shell } : {}),
    ...(comment === '' || comment.includes(':') ? {} : { comment }),
  };
}

/** Of homes that nobody has looked at, the usual is believed. */
function hasHome({ home, uid }: InventoryUser, { files }: Inventory, usual: boolean): boolean {
  if (files.some((file) => file.path === home)) return true;
  const wasLookedAt = uid >= 1000 && home.startsWith('/home/');
  return wasLookedAt ? false : usual && !/^\/(?:nonexistent|dev|proc|run)(?:\/|$)|^\/$/.test(home);
}

/** What somebody has done to a user that the system or a package has made. */
function changedUser(user: InventoryUser, usual: InventoryUser | undefined): Partial<UserWish> {
  const { groups, joinedByPackages, shell, standardShell } = user;
  const joinedBefore = new Set([...joinedByPackages, ...(usual?.groups ?? [])]);
  const joined = groups.filter((group) => !joinedBefore.has(group) && isAccountName(group));
  const usualShell = usual?.shell ?? standardShell;
  return {
    ...(joined.length > 0 ? { groups: joined } : {}),
    ...(usualShell !== undefined && shell !== usualShell ? { shell } : {}),
  };
}

function passwordField(
  user: InventoryUser,
  usual: InventoryUser | undefined,
  hashes: ReadonlyMap<string, string>,
): Partial<UserWish> {
  const hash = hashes.get(user.name);
  if (user.password === 'set') return hash === undefined ? {} : { password: { kind: 'hash', hash } };
  // A new user has no password that works.
  const wasOpen = usual?.password === 'set' || usual?.password === 'empty';
  return user.password === 'locked' && wasOpen ? { password: { kind: 'locked' } } : {};
}

/** Keys in words replace the whole file, with the attributes that sshd wants. */
function keysField(
  { home, uid, gid, sshKeys }: InventoryUser,
  originals: OriginalFiles,
  files: Set<string>,
): Partial<UserWish> {
  const path = `${home}/.ssh/authorized_keys`;
  const isPlain =
    originals.is(path, linesText(sshKeys), 0o600, uid, gid) &&
    originals.isFolder(`${home}/.ssh`, 0o700, uid, gid);
  if (sshKeys.length === 0 || !isPlain || sshKeys.some((key) => sshKeyProblem(key))) return {};
  files.add(path);
  return { sshKeys };
}

/** Rules in words stand in a file of the user's (compile/resources/accounts.ts). */
function sudoField(
  { name, sudo }: InventoryUser,
  originals: OriginalFiles,
  files: Set<string>,
): Partial<UserWish> {
  const path = `/etc/sudoers.d/kiln-${name}`;
  if (sudo.length === 0 || !originals.is(path, linesText(sudo.map((rule) => `${name} ${rule}`)), 0o440))
    return {};
  files.add(path);
  return { sudo };
}

/** Groups of users' own come with the users, unless their number is another one. */
function ownGroups({ groups, users }: Inventory, bare: BareSystem): GroupWish[] {
  const known = new Set(bare.inventory?.groups.map((group) => group.name));
  const byName = new Map(users.map((user) => [user.name, user]));
  return groups.flatMap(({ name, gid, origin }) => {
    if (origin !== 'own' || known.has(name) || !isAccountName(name)) return [];
    const user = byName.get(name);
    if (user && user.gid === gid && user.uid === gid) return [];
    return [{ name, absent: false, gid, system: gid < 1000 }];
  });
}

function removedUsers(inventory: Inventory, { inventory: bare }: BareSystem): string[] {
  const names = new Set(inventory.users.map((user) => user.name));
  const usual = (bare?.users ?? []).filter((user) => user.origin !== 'package');
  return usual.filter((user) => !names.has(user.name)).map((user) => user.name);
}
