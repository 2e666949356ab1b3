import type { SourceLocation } from '../../../base/errors.ts';
import type { Condition } from '../../../plan/profile.ts';
import type { UserDraft } from '../sections/users.ts';
import type { CloudContext } from './cloud-context.ts';

interface DefaultUser {
  readonly distribution: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly shell: string;
}

/** Groups that every system of a family has from its first package on. */
const debianGroups = ['adm', 'cdrom', 'dip', 'sudo'];
const redHatGroups = ['adm', 'systemd-journal', 'wheel'];

const defaultUsers: readonly DefaultUser[] = [
  { distribution: 'debian', name: 'debian', groups: debianGroups, shell: '/bin/bash' },
  { distribution: 'ubuntu', name: 'ubuntu', groups: debianGroups, shell: '/bin/bash' },
  { distribution: 'fedora', name: 'fedora', groups: redHatGroups, shell: '/bin/bash' },
  { distribution: 'rhel', name: 'cloud-user', groups: redHatGroups, shell: '/bin/bash' },
  { distribution: 'centos', name: 'cloud-user', groups: redHatGroups, shell: '/bin/bash' },
  { distribution: 'rocky', name: 'rocky', groups: redHatGroups, shell: '/bin/bash' },
  { distribution: 'almalinux', name: 'almalinux', groups: redHatGroups, shell: '/bin/bash' },
  { distribution: 'alpine', name: 'alpine', groups: ['adm', 'wheel'], shell: '/bin/ash' },
  { distribution: 'arch', name: 'arch', groups: ['wheel', 'users'], shell: '/bin/bash' },
];

/** Who the default user is: named in the file, or as each distribution has it. */
export interface DefaultUsers {
  readonly names: readonly string[];
  add(at: SourceLocation, draft: UserDraft): void;
}

/**
 * The default user of cloud images. Which one that is depends on the distribution: where that is not known, there is
 * one for each, and every machine has the one of its own.
 */
export function defaultUsersFor(named: string | undefined, context: CloudContext): DefaultUsers {
  const distribution = context.scope.values.get('os.distribution');
  const own = defaultUsers.find((one) => one.distribution === distribution);
  const users: readonly Candidate[] =
    own || named !== undefined || distribution !== undefined
      ? [{ ...(own ?? plain), name: named ?? own?.name ?? plain.name, distributions: undefined }]
      : [...Map.groupBy(defaultUsers, (one) => one.name).values()].map((same) => ({
          ...same[0]!,
          distributions: same.map((one) => one.distribution),
        }));
  return {
    names: users.map(({ name }) => name),
    add(at, draft) {
      for (const { name, groups, shell, distributions } of users) {
        const when = distributions && isOneOf(distributions);
        context.layer.add('users', name, at, { ...usual, groups, shell, ...(when && { when }), ...draft });
      }
    },
  };
}

interface Candidate extends Omit<DefaultUser, 'distribution'> {
  /** Only there. */
  readonly distributions: readonly string[] | undefined;
}

/** On a distribution that has no such user. */
const plain = { name: 'cloud-user', groups: [], shell: '/bin/sh' } as const;

const usual: UserDraft = {
  absent: false,
  comment: 'Default user',
  password: { kind: 'locked' },
  sudo: ['ALL=(ALL) NOPASSWD:ALL'],
};

function isOneOf(distributions: readonly string[]): Condition {
  const [first] = distributions;
  return distributions.length === 1
    ? { kind: 'fact', name: 'os.distribution', operator: '==', value: first! }
    : { kind: 'fact', name: 'os.distribution', operator: 'in', value: distributions };
}
