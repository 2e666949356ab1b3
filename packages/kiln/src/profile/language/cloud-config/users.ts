import type { SourceLocation } from '../../../base/errors.ts';
import { parsePassword, refuseClear } from '../notations/password.ts';
import { sshKeyProblem } from '../notations/ssh-key.ts';
import { highestId } from '../sections/groups.ts';
import { sudoRule, type UserDraft } from '../sections/users.ts';
import { namesIn } from './account-names.ts';
import { type CloudContext, refuse } from './cloud-context.ts';
import { type DefaultUsers, defaultUsersFor } from './default-user.ts';
import type { CloudConfig } from './shape.ts';
import type { CloudUser } from './user-shape.ts';

/**
 * The fields `users`, `user`, `ssh_authorized_keys` and `disable_root`. The default user is there when something is said
 * of it: one without keys and passwords is of no use to anybody. Gives the default users for what passwords say.
 */
export function readUsers(config: CloudConfig, context: CloudContext): DefaultUsers {
  const { layer, places } = context;
  const { user, users } = config;
  const [named] =
    typeof user === 'string' ? namesIn(user, 'user', places.of(config, 'user'), context) : [user?.name];
  const defaults = defaultUsersFor(named, context);
  if (user !== undefined) {
    const at = places.of(config, 'user');
    defaults.add(at, typeof user === 'string' ? {} : readUser(defaults.names[0]!, user, at, context));
  }
  const addNamed = (name: string, at: SourceLocation) =>
    name === 'default' ? defaults.add(at, {}) : layer.add('users', name, at, newUser);
  if (typeof users === 'string') {
    const at = places.of(config, 'users');
    for (const name of namesIn(users, 'user', at, context)) addNamed(name, at);
  } else if (isList(users)) {
    users.forEach((one, index) => {
      const at = places.of(users, index);
      if (typeof one === 'string') for (const name of namesIn(one, 'user', at, context)) addNamed(name, at);
      else if (one.name === 'default') defaults.add(at, readUser(one.name, one, at, context));
      else if (one.name !== undefined) layer.add('users', one.name, at, readUser(one.name, one, at, context));
    });
  } else {
    for (const [name, fields] of Object.entries(users ?? {})) {
      const at = places.of(users!, name);
      if (fields === false) continue;
      if (fields === null || fields === true) addNamed(name, at);
      else layer.add('users', name, at, readUser(name, fields, at, context));
    }
  }
  readDefaultKeys(config, defaults, context);
  return defaults;
}

type Listed = Extract<CloudConfig['users'], readonly unknown[]>;

function isList(users: CloudConfig['users']): users is Listed {
  return Array.isArray(users);
}

/** Without anything else, an account nobody can log in to with a password. */
const newUser: UserDraft = { absent: false, password: { kind: 'locked' } };

/** Fields that a profile has no words for, with what to do instead. */
const refusedFields: readonly (readonly [field: keyof CloudUser, reason: string, hint: string])[] = [
  ['doas', 'rules of doas have no words here', 'write them to /etc/doas.d with write_files'],
  ['expiredate', 'accounts that end have no words here', 'run `chage -E DATE NAME` with runcmd'],
  ['inactive', 'accounts that end have no words here', 'run `chage -I DAYS NAME` with runcmd'],
  ['selinux_user', 'users of SELinux have no words here', 'run `semanage login` with runcmd'],
  [
    'snapuser',
    'accounts of Snap are made where snapd runs',
    'run `snap create-user` in a script at first-boot',
  ],
  [
    'ssh_import_id',
    'keys are not fetched from elsewhere while an image is made',
    'write them under ssh_authorized_keys; `curl https://github.com/NAME.keys` prints those of an account',
  ],
  [
    'ssh_redirect_user',
    'there are no keys of a cloud that could be redirected',
    'take it out, and give the user no keys',
  ],
];

function readUser(name: string, written: CloudUser, at: SourceLocation, context: CloudContext): UserDraft {
  const { layer, problems, places } = context;
  const user = undashed(written);
  const placeOf = (field: keyof CloudUser) =>
    places.of(written, written[field] === undefined ? field.replaceAll('_', '-') : field);
  for (const [field, reason, hint] of refusedFields) {
    const value = user[field];
    if (value === undefined || value === null || value === false || value === 'None') continue;
    problems.error(placeOf(field), `${field} of the user ${name} cannot be honoured: ${reason}`, hint);
  }
  const groups = groupsOf(user.groups, placeOf('groups'), context);
  const primary = user.primary_group ?? (user.no_user_group ? 'users' : undefined);
  if (user.create_groups !== false) {
    for (const group of [...groups, ...(primary === undefined ? [] : [primary])]) {
      layer.add('groups', group, at, { absent: false });
    }
  }
  const uid = user.uid === undefined ? undefined : Number(user.uid);
  if (uid !== undefined && !(Number.isInteger(uid) && uid >= 0 && uid <= highestId)) {
    problems.error(
      placeOf('uid'),
      `the user ${name} cannot have the number "${user.uid}"`,
      `write a number from 0 to ${highestId}`,
    );
  }
  const keys = user.ssh_authorized_keys;
  return {
    absent: false,
    uid,
    group: primary,
    ...(user.groups !== undefined && { groups }),
    home: user.homedir,
    shell: user.shell,
    comment: user.gecos?.replaceAll(':', ' '),
    system: user.system,
    createHome: user.no_create_home === undefined ? undefined : !user.no_create_home,
    password: readPassword(user, placeOf, context),
    sshKeys: keys === undefined ? undefined : readKeys(keys, placeOf('ssh_authorized_keys'), context),
    sudo: sudoOf(user.sudo, placeOf('sudo'), context),
  };
}

/** A user with the names of its fields as they are now. */
function undashed(user: CloudUser): CloudUser {
  return Object.fromEntries(Object.entries(user).map(([name, value]) => [name.replaceAll('-', '_'), value]));
}

function groupsOf(groups: CloudUser['groups'], at: SourceLocation, context: CloudContext): readonly string[] {
  if (groups === undefined) return [];
  if (typeof groups === 'string') return namesIn(groups, 'group', at, context);
  if (!Array.isArray(groups)) return Object.keys(groups);
  return (groups as readonly string[]).flatMap((one) => namesIn(one, 'group', at, context));
}

function sudoOf(
  sudo: CloudUser['sudo'],
  at: SourceLocation,
  { problems }: CloudContext,
): readonly string[] | undefined {
  if (sudo === undefined) return undefined;
  if (sudo === null || sudo === 'false' || sudo === 'False') return [];
  return (typeof sudo === 'string' ? [sudo] : sudo).flatMap((rule) => {
    const read = sudoRule.parse(rule);
    if (typeof read === 'string' && read.includes('=')) return [read];
    problems.error(at, `"${rule}" is not a rule of sudoers`, 'write a rule such as "ALL=(ALL) NOPASSWD:ALL"');
    return [];
  });
}

/** An account is locked unless `lock_passwd` is false, whatever password it has. */
function readPassword(
  user: CloudUser,
  placeOf: (field: keyof CloudUser) => SourceLocation,
  context: CloudContext,
): UserDraft['password'] {
  const { plain_text_passwd: clear } = user;
  if (clear !== undefined)
    return refuseClear({ kind: 'clear', text: clear }, placeOf('plain_text_passwd'), context);
  const field = user.hashed_passwd === undefined ? 'passwd' : 'hashed_passwd';
  const written = user[field];
  const read = written === undefined ? undefined : readHash(written, placeOf(field), context);
  return user.lock_passwd === false ? read : { kind: 'locked' };
}

/** A hash of crypt(5). One in clear, or none at all, is reported. */
export function readHash(written: string, at: SourceLocation, context: CloudContext): UserDraft['password'] {
  const read = parsePassword(written);
  if ('problem' in read) {
    context.problems.error(at, read.problem, read.hint);
    return undefined;
  }
  return read.kind === 'clear' ? refuseClear(read, at, context) : read;
}

function readKeys(
  keys: string | readonly string[],
  at: SourceLocation,
  { problems, places }: CloudContext,
): readonly string[] {
  const texts = typeof keys === 'string' ? keys.split('\n') : keys;
  return texts.flatMap((text, index) => {
    const line = text.trim();
    if (line === '') return [];
    const problem = sshKeyProblem(line);
    if (!problem) return [line];
    problems.error(
      typeof keys === 'string' ? at : places.of(keys, index),
      problem.problem,
      problem.hint.replace(', or the path of a .pub file', ''),
    );
    return [];
  });
}

function readDefaultKeys(config: CloudConfig, defaults: DefaultUsers, context: CloudContext): void {
  const { ssh_authorized_keys: keys, disable_root: disableRoot, disable_root_opts: options } = config;
  const { layer, places } = context;
  if (options !== undefined) {
    refuse(
      context,
      config,
      'disable_root_opts',
      'root has no keys at all where it is disabled',
      'take it out',
    );
  }
  if (keys === undefined) return;
  const at = places.of(config, 'ssh_authorized_keys');
  const read = readKeys(keys, at, context);
  for (const name of defaults.names) {
    const own = layer.find('users', name)?.sshKeys ?? [];
    const draft = { sshKeys: [...new Set([...own, ...read])] };
    if (layer.find('users', name)) layer.add('users', name, at, draft);
  }
  if (!defaults.names.some((name) => layer.find('users', name))) defaults.add(at, { sshKeys: read });
  if (disableRoot === false) layer.add('users', 'root', at, { absent: false, sshKeys: read });
}
