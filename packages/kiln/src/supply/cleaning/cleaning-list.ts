/**
 * What makes a system one particular machine, or is left over from making it, and therefore is no part of an image.
 * The one list for all: trees (`cleanEntries`), machines (`cleaningScript`, which images of Kiln have as
 * /usr/lib/kiln/seal), and whoever must know which files of a system mean nothing (`cleaningOf`).
 */
export interface CleaningRule {
  readonly name: string;
  /** What it is, for people. */
  readonly what: string;
  readonly actions: readonly CleaningAction[];
}

/** Paths are absolute; `*` stands for any part of one name. No action follows a link that the last name is. */
export type CleaningAction =
  /** A file that is there becomes an empty one. */
  | { readonly kind: 'empty'; readonly paths: readonly string[] }
  /** A file or link goes; a folder with all that is in it. */
  | { readonly kind: 'remove'; readonly paths: readonly string[] }
  /** Everything in a folder goes, the folder stays. */
  | { readonly kind: 'clear'; readonly paths: readonly string[] }
  /** Regular files in a folder and below go; folders, which services expect to find, and links stay. */
  | { readonly kind: 'remove-files'; readonly paths: readonly string[] };

const homes = ['/root', '/home/*'];
const inHomes = (...names: readonly string[]) =>
  homes.flatMap((home) => names.map((name) => `${home}/${name}`));

export const cleaningRules: readonly CleaningRule[] = [
  {
    name: 'machine-id',
    what: 'the id that systemd and D-Bus know the machine by',
    actions: [
      // Empty, not missing: the id is then made at each boot, and the first one does not reset which services run.
      { kind: 'empty', paths: ['/etc/machine-id', '/var/lib/dbus/machine-id'] },
    ],
  },
  {
    name: 'host-keys',
    what: 'the keys by which SSH clients know the machine',
    actions: [{ kind: 'remove', paths: ['/etc/ssh/ssh_host_*', '/etc/dropbear/dropbear_*_host_key'] }],
  },
  {
    name: 'random-seed',
    what: 'randomness, which must not be the same in two machines',
    actions: [
      {
        kind: 'remove',
        paths: [
          '/var/lib/systemd/random-seed',
          '/var/lib/systemd/credential.secret',
          '/var/lib/urandom/random-seed',
          '/var/lib/misc/random-seed',
          '/var/lib/seedrng',
          '/var/lib/random-seed',
          '/boot/loader/random-seed',
          '/boot/efi/loader/random-seed',
          '/efi/loader/random-seed',
          ...inHomes('.gnupg/random_seed', '.rnd'),
        ],
      },
    ],
  },
  {
    name: 'identity',
    what: 'which machine this was, as Kiln and cloud-init remember it',
    actions: [
      {
        kind: 'remove',
        paths: [
          '/var/lib/kiln/instance',
          '/var/lib/cloud/instance',
          '/var/lib/cloud/instances',
          '/var/lib/cloud/data',
          '/var/lib/cloud/sem',
          '/etc/udev/rules.d/70-persistent-net.rules',
          '/etc/udev/rules.d/75-persistent-net-generator.rules',
        ],
      },
    ],
  },
  {
    name: 'network-state',
    what: 'leases and other memories of networks',
    actions: [
      {
        kind: 'remove',
        paths: [
          '/var/lib/dhcp/*',
          '/var/lib/dhclient/*',
          '/var/lib/dhcpcd/*.lease*',
          '/var/lib/dhcpcd/duid',
          '/var/lib/dhcpcd/secret',
          '/var/lib/NetworkManager/*.lease',
          '/var/lib/NetworkManager/secret_key',
          '/var/lib/NetworkManager/seen-bssids',
          '/var/lib/NetworkManager/timestamps',
          '/var/lib/NetworkManager/internal-*',
        ],
      },
    ],
  },
  {
    name: 'logs',
    what: 'logs, crash reports and mail',
    actions: [
      { kind: 'clear', paths: ['/var/log/journal', '/run/log/journal', '/var/crash'] },
      { kind: 'remove-files', paths: ['/var/log', '/var/mail', '/var/spool/mail'] },
      {
        kind: 'clear',
        paths: ['/var/lib/systemd/coredump', '/var/lib/systemd/timers', '/var/lib/systemd/rfkill'],
      },
    ],
  },
  {
    name: 'history',
    what: 'what people typed and looked at',
    actions: [
      {
        kind: 'remove',
        paths: inHomes(
          '.*_history',
          '.*_history-*',
          '.history',
          '.lesshst',
          '.viminfo',
          '.wget-hsts',
          '.cache',
          '.local/share/recently-used.xbel',
          '.local/share/nano/search_history',
          '.local/share/fish/fish_history',
          '.sudo_as_admin_successful',
          '.ssh/known_hosts.old',
        ),
      },
    ],
  },
  {
    name: 'package-caches',
    what: 'what package managers have downloaded and can download again',
    actions: [
      {
        kind: 'remove',
        paths: ['/var/cache/apt/*.bin', '/var/cache/apt/archives/*.deb', '/var/cache/apt/archives/lock'],
      },
      { kind: 'remove-files', paths: ['/var/lib/apt/lists', '/var/cache/apt/archives/partial'] },
      {
        kind: 'remove',
        paths: ['/var/lib/apt/periodic/*', '/var/lib/apt/daily_lock', '/var/lib/apt/mirrors/partial/*'],
      },
      {
        kind: 'clear',
        paths: [
          '/var/cache/dnf',
          '/var/cache/libdnf5',
          '/var/cache/yum',
          '/var/cache/zypp',
          '/var/cache/apk',
          '/var/cache/PackageKit',
        ],
      },
    ],
  },
  {
    name: 'caches',
    what: 'what programs have worked out and can work out again',
    actions: [
      {
        kind: 'remove',
        paths: ['/var/cache/ldconfig/aux-cache', '/var/cache/debconf/*-old', '/var/cache/apparmor/*'],
      },
      { kind: 'clear', paths: ['/var/cache/fontconfig', '/var/cache/man'] },
    ],
  },
  {
    name: 'backups',
    what: 'earlier versions that package tools and user tools keep, and their locks',
    actions: [
      {
        kind: 'remove',
        paths: [
          ...['passwd-', 'shadow-', 'group-', 'gshadow-', 'subuid-', 'subgid-', '.pwd.lock'].map(
            (name) => `/etc/${name}`,
          ),
          '/var/lib/dpkg/*-old',
          '/var/lib/dpkg/lock',
          '/var/lib/dpkg/lock-frontend',
          '/var/lib/dpkg/triggers/Lock',
          '/var/lib/ucf/hashfile.*',
          '/var/lib/ucf/registry.*',
        ],
      },
      { kind: 'clear', paths: ['/var/backups', '/var/lib/dpkg/updates'] },
    ],
  },
  {
    name: 'temporary',
    what: 'temporary files',
    actions: [{ kind: 'clear', paths: ['/tmp', '/var/tmp', '/run'] }],
  },
];
