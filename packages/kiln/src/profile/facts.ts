import type { Facts, FactValue } from '../plan/profile.ts';

/** How values of a fact are compared. */
export type FactType =
  /** Letter by letter; only `==`, `!=`, `in` and `matches` (a pattern of the shell with `*` and `?`). */
  | 'text'
  /** Numbers between dots one by one, missing ones as 0: 9 < 12, 24.04 == 24.4, 12 == 12.0. */
  | 'version'
  | 'number'
  /** `true` or `false`. */
  | 'yes-no';

export interface FactDefinition {
  readonly type: FactType;
  readonly description: string;
  /** Values that it may have, where they are few. */
  readonly known?: readonly string[];
  readonly example: FactValue;
}

/** Everything that conditions and texts can ask of a machine. */
export const factDefinitions: Readonly<Record<string, FactDefinition>> = {
  'os.distribution': {
    type: 'text',
    description: 'The ID of os-release(5).',
    example: 'debian',
  },
  'os.release': {
    type: 'version',
    description: 'The VERSION_ID of os-release(5).',
    example: '12',
  },
  'os.codename': {
    type: 'text',
    description: 'The VERSION_CODENAME of os-release(5); empty where there is none.',
    example: 'bookworm',
  },
  architecture: {
    type: 'text',
    description: "The processor's architecture, in Debian's words.",
    known: ['amd64', 'arm64', 'armhf', 'i386', 'ppc64el', 'riscv64', 's390x'],
    example: 'amd64',
  },
  hostname: {
    type: 'text',
    description: 'The name of the machine, without its domain.',
    example: 'web-1',
  },
  container: {
    type: 'yes-no',
    description: 'It is a container: there is no kernel of its own.',
    example: false,
  },
  virtual: {
    type: 'yes-no',
    description: 'It is a virtual machine.',
    example: true,
  },
  booted: {
    type: 'yes-no',
    description: 'It runs with its init; false in a tree that becomes an image.',
    example: true,
  },
  cpus: { type: 'number', description: 'Processors that are online.', example: 4 },
  memory: {
    type: 'number',
    description: 'Memory in bytes; sizes such as 4G may be written.',
    example: 4294967296,
  },
  kernel: {
    type: 'version',
    description: 'The release of the running kernel, up to the first "-".',
    example: '6.1.0',
  },
};

export const factNames: readonly string[] = Object.keys(factDefinitions);

/** Code names of releases that are told by the number, for facts of machines that do not exist yet. */
const codenames: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  debian: { 10: 'buster', 11: 'bullseye', 12: 'bookworm', 13: 'trixie', 14: 'forky' },
  ubuntu: { '20.04': 'focal', '22.04': 'jammy', '24.04': 'noble' },
};

/** The facts that an operating system alone tells. A code name may stand for the number. */
export function factsOfSystem(distribution: string, release: string): Facts {
  const names = Object.entries(codenames[distribution] ?? {});
  const found = names.find(([number, name]) => number === release || name === release.toLowerCase());
  return {
    'os.distribution': distribution,
    'os.release': found?.[0] ?? release,
    ...(found && { 'os.codename': found[1] }),
  };
}
