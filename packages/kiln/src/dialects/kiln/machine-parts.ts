import { isIP, isIPv6 } from 'node:net';
import { userName } from '../../base/yaml/notations.ts';
import {
  choice,
  list,
  type NotationProblem,
  notation,
  oneOf,
  onOff,
  optional,
  record,
  required,
  scriptText,
  text,
} from '../../base/yaml/shape.ts';

/** An address with or without the length of its network's prefix. */
export interface AddressInNetwork {
  /** Undefined: a free one is chosen. */
  readonly address?: string;
  readonly prefix?: number;
}

const address = notation<AddressInNetwork>({
  expected: 'an address such as "192.168.60.10", "192.168.60.10/24" or "fd00:60::10", or "dhcp"',
  pattern: '^(dhcp|[0-9a-fA-F:.]+(/\\d{1,3})?)$',
  allowsNumber: false,
  parse: parseAddress,
});

function parseAddress(written: string): AddressInNetwork | undefined | NotationProblem {
  if (written === 'dhcp') return {};
  const [host, prefixText, more] = written.split('/');
  if (more !== undefined || host === undefined || isIP(host) === 0) return undefined;
  if (prefixText === undefined) return { address: host };
  const prefix = Number(prefixText);
  const bits = isIPv6(host) ? 128 : 32;
  if (!/^\d+$/.test(prefixText) || prefix < 1 || prefix > bits - 2) {
    return {
      problem: `a network of ${written} has no room for machines`,
      hint: 'write /24, or leave it out',
    };
  }
  return { address: host, prefix };
}

const networkName = notation<string>({
  expected: 'a name of letters, digits, ".", "_" and "-"',
  pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$',
  allowsNumber: false,
  parse: (written) => (/^[a-z0-9][\w.-]{0,62}$/i.test(written) ? written : undefined),
});

const mac = notation<string>({
  expected: 'a hardware address such as "52:54:00:12:34:56"',
  pattern: '^[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}$',
  allowsNumber: false,
  parse: (written) =>
    /^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(written)
      ? written.toLowerCase().replaceAll('-', ':')
      : undefined,
});

/** An entry of `networks:`. */
export const network = oneOf(
  address,
  record(
    'a network',
    {
      address: optional(address, 'The address of the machine there; "dhcp" for a free one.', {
        byDefault: 'dhcp',
        examples: ['192.168.60.10'],
      }),
      name: optional(networkName, 'Machines of this file with the same name here share a network.', {
        byDefault: 'the network that the address lies in',
        examples: ['back'],
      }),
      bridge: optional(
        text,
        'Be in the network of a bridge of this host, as a computer of its own, instead of a private one.',
        { examples: ['br0'] },
      ),
      isolated: optional(onOff, 'Machines only: the host has no address there.', { byDefault: 'false' }),
      hostname: optional(onOff, "The machine's host name belongs to this address.", { byDefault: 'false' }),
      mac: optional(mac, 'Hardware address of the card.', { byDefault: 'one is made' }),
      configure: optional(onOff, 'Set the card up in the machine.', { byDefault: 'true' }),
    },
    { synonyms: { ip: 'address', network: 'name', mac_address: 'mac', auto_config: 'configure' } },
  ),
);

/** `HOST:MACHINE[:ro]`, as in Compose. */
export interface ShortFolder {
  readonly from: string;
  readonly to: string;
  readonly readOnly: boolean;
}

const shortFolder = notation<ShortFolder>({
  expected: 'a folder as "host:machine", such as "./src:/srv/app" or ".:/app:ro"',
  pattern: '^[^:]+:[/~][^:]*(:(ro|rw))?$',
  allowsNumber: false,
  parse: (written) => {
    const match = /^([^:]+):([/~][^:]*?)(?::(ro|rw))?$/.exec(written);
    return match ? { from: match[1]!, to: match[2]!, readOnly: match[3] === 'ro' } : undefined;
  },
});

const rsync = record(
  'rsync',
  {
    exclude: optional(list(text), 'Patterns of files to leave out, as for rsync.', {
      examples: [['node_modules/', '*.log']],
    }),
    arguments: optional(
      list(scriptText),
      'Options of rsync instead of "--archive --delete -z --copy-links". Those that only rsync knows need it here and in the machine.',
    ),
    watch: optional(onOff, '`kiln rsync-auto` copies what changes.', { byDefault: 'true' }),
    chown: optional(onOff, "Give the files to the folder's owner.", { byDefault: 'true' }),
  },
  { synonyms: { excludes: 'exclude', args: 'arguments', auto: 'watch' } },
);

/** An entry of `folders:`. */
export const folder = oneOf(
  shortFolder,
  record(
    'a folder',
    {
      from: required(text, "The folder of this host, relative to this file's folder.", {
        examples: ['./src'],
      }),
      to: required(text, 'Where it is in the machine: an absolute path, or one below "~".', {
        examples: ['/srv/app'],
      }),
      type: optional(
        choice('auto', 'nfs', 'rsync', '9p', 'virtiofs', 'sshfs'),
        'How it gets there: auto mounts it, and copies where the machine cannot mount; rsync copies.',
        { byDefault: 'auto' },
      ),
      create: optional(onOff, "Make the host's folder when it is not there.", { byDefault: 'false' }),
      owner: optional(userName, 'Whose the files are in the machine.', {
        byDefault: 'the user that logs in',
      }),
      group: optional(userName, 'Their group.', { byDefault: "the owner's" }),
      read_only: optional(onOff, 'The machine may not change it.', { byDefault: 'false' }),
      options: optional(list(text), 'More options of mount(8).', { examples: [['noatime']] }),
      rsync: optional(rsync, 'How it is copied, when it is.'),
    },
    {
      synonyms: {
        host: 'from',
        source: 'from',
        src: 'from',
        guest: 'to',
        target: 'to',
        destination: 'to',
        dest: 'to',
        readonly: 'read_only',
        mount_options: 'options',
      },
    },
  ),
);
