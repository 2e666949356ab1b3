import {
  choice,
  type Infer,
  notation,
  nothing,
  oneOf,
  onOff,
  openList,
  optional,
  required,
  text,
  wholeNumber,
} from '../../../base/yaml/shape.ts';
import type { Condition, UserWish } from '../../../plan/profile.ts';
import { bothForms, listOrMap } from '../both-forms.ts';
import type { LayerContext } from '../layer-context.ts';
import type { SectionLayer } from '../layers.ts';
import { accountKey, groupName, groupNames, userName } from '../notations/names.ts';
import { password, refuseClear } from '../notations/password.ts';
import { machinePath } from '../notations/paths.ts';
import { oneLine } from '../notations/settings.ts';
import { looksLikeSshKey, sshKeyProblem } from '../notations/ssh-key.ts';
import { type EntryContext, type NamedDraft, readSection } from '../section-entries.ts';
import { readWhen, when } from '../when.ts';
import { highestId } from './groups.ts';

/** What `sudo: true` and `sudo: password` stand for. */
export const sudoWords: Readonly<Record<string, readonly string[]>> = {
  true: ['ALL=(ALL:ALL) NOPASSWD: ALL'],
  password: ['ALL=(ALL:ALL) ALL'],
  false: [],
};

/** A rule of sudoers(5) behind the user's name, or a word for the usual ones. */
export const sudoRule = notation<string>({
  expected: 'a rule of sudoers such as "ALL=(ALL) NOPASSWD: ALL"',
  pattern: '^(true|false|password|.+=.+)$',
  allowsNumber: false,
  allowsSwitch: true,
  parse: (rule) => {
    if (Object.hasOwn(sudoWords, rule)) return rule;
    if (/[\r\n]/.test(rule)) return { problem: 'the rule has several lines', hint: 'make a list of rules' };
    return /^[^=\s][^=]*=\s*\S/.test(rule)
      ? rule
      : {
          problem: `"${rule}" is not a rule of sudoers`,
          hint: 'write true (without a password), password (asking for it), or a rule: "ALL=(ALL) NOPASSWD: /usr/bin/apt"',
        };
  },
});

const fields = {
  uid: optional(wholeNumber(0, highestId), "The user's number.", {
    byDefault: 'the next free one',
    examples: [1500],
  }),
  group: optional(groupName, 'The primary group.', { byDefault: 'one with the name of the user' }),
  groups: optional(oneOf(groupNames, openList(groupName)), 'Further groups.', {
    examples: [['sudo', 'docker']],
  }),
  exact_groups: optional(onOff, 'Leave every group that is not named.', { byDefault: 'false' }),
  home: optional(machinePath, 'The home folder.', { byDefault: '/home/NAME', examples: ['/srv/deploy'] }),
  create_home: optional(onOff, 'Make the home folder.', { byDefault: 'true, but not for system users' }),
  shell: optional(machinePath, 'The login shell.', { byDefault: "the system's", examples: ['/bin/bash'] }),
  comment: optional(oneLine, 'Who it is, for people (GECOS).', { examples: ['Deployment'] }),
  system: optional(onOff, 'It is for a service: its number is a low one.', { byDefault: 'false' }),
  password: optional(
    password,
    'A hash of crypt(5), as `openssl passwd -6` prints it, or locked: then no password works.',
    { byDefault: 'left as it is; a new user has none', examples: ['locked'] },
  ),
  ssh_keys: optional(
    oneOf(text, openList(text)),
    'Public keys that may log in, the whole of authorized_keys: texts, or local files with keys.',
    { examples: [['./keys/deploy.pub']] },
  ),
  sudo: optional(
    oneOf(sudoRule, openList(sudoRule)),
    'true lets the user do everything as root, without a password; "password" asks for it; else rules as in sudoers, behind the name.',
    { examples: ['true', 'ALL=(ALL) NOPASSWD: /usr/bin/systemctl restart app'] },
  ),
  absent: optional(onOff, 'Remove the user.', { byDefault: 'false' }),
  remove_home: optional(onOff, 'With "absent": remove the home folder too.', { byDefault: 'false' }),
  when,
};
const synonyms = {
  id: 'uid',
  primary_group: 'group',
  'primary-group': 'group',
  ssh_authorized_keys: 'ssh_keys',
  'ssh-authorized-keys': 'ssh_keys',
  authorized_keys: 'ssh_keys',
  keys: 'ssh_keys',
  gecos: 'comment',
  description: 'comment',
  homedir: 'home',
  passwd: 'password',
  hashed_passwd: 'password',
  lock_passwd: 'password',
  create: 'create_home',
  no_create_home: 'create_home',
  remove: 'remove_home',
  state: 'absent',
  username: 'name',
  user: 'name',
};
const { listed, mapped } = bothForms(
  'a user',
  { name: required(userName, 'The login name.', { examples: ['deploy'] }) },
  fields,
  synonyms,
);

export const usersShape = listOrMap(
  oneOf(userName, listed),
  { what: "a user's name", ...accountKey },
  oneOf(nothing, choice('absent'), mapped),
);

export interface UserDraft {
  readonly absent?: boolean;
  readonly removeHome?: boolean | undefined;
  readonly uid?: number | undefined;
  readonly group?: string | undefined;
  readonly groups?: readonly string[] | undefined;
  readonly exactGroups?: boolean | undefined;
  readonly home?: string | undefined;
  readonly shell?: string | undefined;
  readonly comment?: string | undefined;
  readonly system?: boolean | undefined;
  readonly createHome?: boolean | undefined;
  readonly password?: UserWish['password'] | undefined;
  readonly sshKeys?: readonly string[] | undefined;
  readonly sudo?: readonly string[] | undefined;
  readonly when?: Condition | undefined;
}

type Mapped = Infer<typeof mapped>;

export function readUsers(
  section: Infer<typeof usersShape> | undefined,
  context: LayerContext,
): SectionLayer<UserDraft> {
  return readSection(section, context, {
    fromList: (entry: string | Infer<typeof listed>, within) =>
      typeof entry === 'string' ? readEntry(entry, {}, within) : readEntry(entry.name, entry, within),
    fromMap: (name, value: null | 'absent' | Mapped, within) =>
      value === 'absent' ? { name, draft: { absent: true } } : readEntry(name, value ?? {}, within),
  });
}

function readEntry(name: string, entry: Mapped, context: EntryContext): NamedDraft<UserDraft> {
  const { absent = false, remove_home: removeHome, ssh_keys: keys, sudo, when: condition, ...others } = entry;
  const { problems, places } = context;
  const [other] = [...Object.keys(others), ...(keys ? ['ssh_keys'] : []), ...(sudo ? ['sudo'] : [])];
  if (absent && other !== undefined) {
    problems.error(
      context.at,
      `the user ${name} is to be absent, and has "${other}" too`,
      'take one of them out',
    );
  }
  if (removeHome && !absent) {
    problems.error(
      places.of(entry, 'remove_home'),
      `the user ${name} stays, and so must the home folder`,
      '"remove_home" goes with "absent: true"',
    );
  }
  const at = (field: string) => places.of(entry, field);
  return {
    name,
    draft: {
      absent,
      removeHome,
      uid: entry.uid,
      group: entry.group,
      groups: entry.groups,
      exactGroups: entry.exact_groups,
      home: entry.home,
      shell: entry.shell,
      comment: readComment(entry, context),
      system: entry.system,
      createHome: entry.create_home,
      password:
        entry.password?.kind === 'clear'
          ? refuseClear(entry.password, at('password'), context)
          : entry.password,
      sshKeys: keys === undefined ? undefined : readKeys(keys, entry, context),
      sudo:
        sudo === undefined
          ? undefined
          : (Array.isArray(sudo) ? sudo : [sudo]).flatMap((rule: string) => sudoWords[rule] ?? [rule]),
      when: readWhen(condition, context),
    },
    places: {
      ...(entry.uid !== undefined && { uid: at('uid') }),
      ...(entry.group !== undefined && { group: at('group') }),
    },
  };
}

function readComment(entry: Mapped, { problems, places }: EntryContext): string | undefined {
  if (entry.comment?.includes(':')) {
    problems.error(
      places.of(entry, 'comment'),
      'a comment cannot have ":" in it, which ends a field of passwd(5)',
      'write it without',
    );
    return undefined;
  }
  return entry.comment;
}

function readKeys(
  keys: string | readonly string[],
  entry: Mapped,
  { problems, places, files }: EntryContext,
): readonly string[] {
  const texts = typeof keys === 'string' ? [keys] : keys;
  const placeOf = (index: number) =>
    typeof keys === 'string' ? places.of(entry, 'ssh_keys') : places.of(keys, index);
  return texts.flatMap((text, index) => {
    const at = placeOf(index);
    const content = looksLikeSshKey(text) ? text : files.text(text, at);
    const lines = (content ?? '').split(/\r?\n/).map((line) => line.trim());
    const found = lines.filter((line) => line !== '' && !line.startsWith('#'));
    const problem = /PRIVATE KEY/.test(content ?? '')
      ? sshKeyProblem('PRIVATE KEY')
      : found.map(sshKeyProblem).find((one) => one !== undefined);
    if (problem) problems.error(at, problem.problem, problem.hint);
    else if (content !== undefined && found.length === 0) {
      problems.error(
        at,
        `there is no key in "${text}"`,
        'name a file that ssh-keygen made, which ends with .pub',
      );
    }
    return problem ? [] : found;
  });
}
