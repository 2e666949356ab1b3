import { isPerson } from './home-folders.ts';
import type { InventoryGroup, InventoryUser, Origin } from './inventory.ts';
import type { PackageScripts } from './package-scripts.ts';
import type { ExaminedSystem, Survey } from './survey.ts';
import { filesIn, plainLines, textOf } from './text-lines.ts';

export interface Accounts {
  readonly users: readonly InventoryUser[];
  readonly groups: readonly InventoryGroup[];
}

/**
 * Users and groups: passwd(5), group(5), shadow(5). Hashes of passwords are not in the answer, nor is what sudo lets
 * users do.
 * @param kilnUser a user that Kiln gives every system
 */
export function readAccounts(
  survey: Survey,
  scripts: PackageScripts,
  kilnUser: string | undefined,
): Accounts {
  const groupLines = records(textOf(survey, '/etc/group'), 4);
  const groupNames = new Map(groupLines.map(([name, , gid]) => [Number(gid), name!]));
  const members = membersOf(groupLines);
  const shadow = new Map(records(textOf(survey, '/etc/shadow'), 2).map(([name, hash]) => [name!, hash!]));
  const shadowRead = survey.contents.has('/etc/shadow');
  const base = {
    users: idsOf(textOf(survey, '/usr/share/base-passwd/passwd.master')),
    groups: idsOf(textOf(survey, '/usr/share/base-passwd/group.master')),
  };
  const declared = declaredAccounts(survey);
  const origin = (
    known: ReadonlyMap<string, number>,
    kind: 'users' | 'groups',
    name: string,
    id: number,
  ): Origin => {
    if (name === kilnUser || known.get(name) === id || (name === 'root' && id === 0)) return 'base';
    if (isPerson(id)) return 'own';
    return declared[kind].has(name) || scripts.makesAccount(name) ? 'package' : 'own';
  };
  const shells = new Map(
    records(textOf(survey, '/usr/share/base-passwd/passwd.master'), 7).map((line) => [line[0]!, line[6]!]),
  );
  const users = records(textOf(survey, '/etc/passwd'), 7).map((fields): InventoryUser => {
    const [name, inline, uid, gid, comment, home, shell] = fields as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    const hash = inline === 'x' ? shadow.get(name) : inline;
    return {
      name,
      uid: Number(uid),
      gid: Number(gid),
      group: groupNames.get(Number(gid)) ?? gid,
      groups: (members.get(name) ?? []).sort(),
      joinedByPackages: (members.get(name) ?? []).filter((group) => scripts.joins(name, group)),
      comment,
      home,
      shell,
      ...(shells.has(name) ? { standardShell: shells.get(name)! } : {}),
      password: inline === 'x' && !shadowRead ? 'unknown' : passwordState(hash),
      sshKeys: plainLines(textOf(survey, `${home}/.ssh/authorized_keys`)),
      sudo: [],
      origin: origin(base.users, 'users', name, Number(uid)),
    };
  });
  const groups = groupLines.map(
    ([name, , gid]): InventoryGroup => ({
      name: name!,
      gid: Number(gid),
      origin: origin(base.groups, 'groups', name!, Number(gid)),
    }),
  );
  // A group of a user's own is made with the user.
  const own = new Set(users.filter((user) => user.origin === 'package').map((user) => user.name));
  return {
    users,
    groups: groups.map((group) =>
      own.has(group.name) && group.origin === 'own' ? { ...group, origin: 'package' } : group,
    ),
  };
}

/** Hashes of passwords that work, by user. Only for whoever has asked for them. */
export async function readPasswordHashes(
  system: ExaminedSystem,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const contents = await system.read(['/etc/shadow'], 1 << 20, signal);
  const lines = records(Buffer.from(contents.get('/etc/shadow') ?? []).toString('utf8'), 2);
  return new Map(lines.flatMap(([name, hash]) => (passwordState(hash) === 'set' ? [[name!, hash!]] : [])));
}

function passwordState(hash: string | undefined): InventoryUser['password'] {
  if (hash === undefined || /^[!*]/.test(hash)) return 'locked';
  return hash === '' ? 'empty' : 'set';
}

function records(text: string | undefined, fields: number): string[][] {
  return (text ?? '')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((line) => line.length >= fields && /^[^\s+-]\S*$/.test(line[0]!) && /^\d*$/.test(line[2] ?? ''));
}

function membersOf(groups: readonly (readonly string[])[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [group, , , names] of groups) {
    for (const name of (names ?? '').split(',').filter((one) => one !== '')) {
      const known = found.get(name);
      if (known) known.push(group!);
      else found.set(name, [group!]);
    }
  }
  return found;
}

function idsOf(text: string | undefined): Map<string, number> {
  return new Map(records(text, 3).map(([name, , id]) => [name!, Number(id)]));
}

/** Users and groups of sysusers.d(5), in the folder of packages. A user has a group of its name. */
function declaredAccounts(survey: Survey): Readonly<Record<'users' | 'groups', ReadonlySet<string>>> {
  const users = new Set<string>();
  const groups = new Set<string>();
  for (const path of filesIn(survey, '/usr/lib/sysusers.d', '.conf')) {
    for (const line of plainLines(textOf(survey, path))) {
      const [kind, name] = line.split(/\s+/);
      if (name === undefined) continue;
      if (kind?.startsWith('u')) users.add(name);
      if (kind?.startsWith('u') || kind?.startsWith('g')) groups.add(name);
    }
  }
  return { users, groups };
}
