import type { SurveyQuery } from './survey.ts';

/** Where people put configuration, and where package managers and systemd remember theirs. */
export const configurationPlaces = [
  '/etc',
  '/usr/local',
  '/opt',
  '/srv',
  '/var/www',
  '/var/spool/cron',
] as const;

/** Folders with units that packages bring. */
export const unitFolders = [
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
  '/usr/lib/systemd/user',
  '/lib/systemd/user',
] as const;

const dpkgInfo = '/var/lib/dpkg/info';

/** Names of the searches. */
export const searchNames = {
  /** dpkg's lists of files, as far as they are in the places. */
  owned: 'owned',
  /** dpkg's digests of files in the places, and of what packages may copy there. */
  digests: 'digests',
  /** Lines of packages' scripts that name files in the places. */
  scripts: 'scripts',
  /** Packages' scripts that make users or groups. */
  accounts: 'accounts',
  /** Lines of packages' scripts that enable units by themselves. */
  units: 'units',
} as const;

/** Everything that an inventory is made of. */
export const inventoryQuery: SurveyQuery = {
  places: [
    // Links such as /lib, and swap files.
    { path: '/', depth: 1, digests: false },
    ...configurationPlaces.map((path) => ({ path, digests: true })),
    ...unitFolders.map((path) => ({ path, depth: 2, digests: false })),
    { path: '/var/lib/systemd/deb-systemd-helper-enabled', depth: 3, digests: false },
    { path: '/var/lib/systemd/deb-systemd-helper-masked', depth: 2, digests: false },
    { path: '/var/lib/systemd/deb-systemd-user-helper-enabled', depth: 3, digests: false },
    { path: '/var/lib/apache2', depth: 4, digests: false },
    { path: '/var/lib/php/modules', depth: 5, digests: false },
  ],
  homes: [
    { path: '', depth: 1, prefix: '.', digests: true, whose: 'people' },
    { path: '.config', depth: 4, digests: true, whose: 'people' },
    { path: '.ssh', depth: 1, digests: true, whose: 'all' },
  ],
  homeFiles: ['.ssh/authorized_keys'],
  files: [
    ...['/etc/os-release', '/usr/lib/os-release', '/etc/debian_version'],
    ...['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/gshadow', '/etc/sudoers', '/etc/sudoers.d/*'],
    ...['/etc/hostname', '/etc/hosts', '/etc/resolv.conf', '/etc/timezone', '/etc/fstab'],
    ...['/etc/default/locale', '/etc/locale.conf', '/etc/locale.gen', '/etc/environment'],
    ...['/etc/default/keyboard', '/etc/vconsole.conf'],
    ...[
      '/etc/sysctl.conf',
      '/etc/sysctl.d/*',
      '/etc/modules',
      '/etc/initramfs-tools/modules',
      '/etc/modules-load.d/*',
      '/etc/modprobe.d/*',
    ],
    ...['/etc/security/limits.conf', '/etc/security/limits.d/*'],
    ...['/etc/crontab', '/etc/cron.d/*', '/var/spool/cron/*', '/var/spool/cron/crontabs/*'],
    ...['/etc/apt/sources.list', '/etc/apt/sources.list.d/*', '/etc/ca-certificates.conf'],
    ...[
      '/etc/nsswitch.conf',
      '/etc/networks',
      '/etc/hosts.allow',
      '/etc/hosts.deny',
      '/etc/pam.d/*',
      '/usr/share/libc-bin/nsswitch.conf',
    ],
    ...['/etc/yum.repos.d/*', '/etc/zypp/repos.d/*', '/etc/apk/repositories', '/etc/apk/world'],
    ...['/etc/systemd/system/*', '/etc/systemd/resolved.conf', '/etc/systemd/resolved.conf.d/*'],
    ...['/var/lib/dpkg/status', '/var/lib/dpkg/diversions', '/var/lib/dpkg/statoverride'],
    ...[
      '/var/lib/dpkg/alternatives/*',
      '/var/lib/alternatives/*',
      '/var/lib/apt/extended_states',
      '/var/lib/ucf/hashfile',
    ],
    ...['/var/lib/systemd/deb-systemd-helper-enabled/*'],
    ...['/usr/share/base-passwd/passwd.master', '/usr/share/base-passwd/group.master'],
    ...['/usr/share/base-files/*', '/usr/share/pam/*', '/usr/share/pam-configs/*'],
    ...['/usr/lib/sysusers.d/*', '/usr/lib/systemd/system-preset/*', '/usr/lib/systemd/user-preset/*'],
    ...['/lib/apk/db/installed', '/usr/lib/apk/db/installed'],
    ...['/usr/lib/sysimage/rpm/rpmdb.sqlite*', '/var/lib/rpm/rpmdb.sqlite*'],
  ],
  searches: [
    {
      name: searchNames.owned,
      folder: dpkgInfo,
      suffixes: ['.list'],
      pattern:
        '^/(etc|opt|srv|root|home|usr/local|var/www|var/spool/cron|(usr/)?lib/systemd/(system|user))(/|$)',
    },
    {
      name: searchNames.digests,
      folder: dpkgInfo,
      suffixes: ['.md5sums'],
      pattern: '^[0-9a-f]{32}  (etc|opt|srv|root|usr/local|usr/share|var/www)/',
      except:
        '  usr/share/(doc|doc-base|man|info|locale|icons|zoneinfo|perl|perl5|i18n|fonts|bash-completion|mime|terminfo|lintian|javascript|pixmaps|help|sounds|themes)/',
    },
    {
      name: searchNames.scripts,
      folder: dpkgInfo,
      suffixes: ['.postinst', '.preinst', '.config', '.triggers'],
      pattern: '/etc/|/opt/|/srv/|/var/www/|/usr/local|/root',
      except: ':[ \t]*#',
    },
    {
      name: searchNames.accounts,
      folder: dpkgInfo,
      suffixes: ['.postinst', '.preinst', '.config'],
      pattern: 'adduser|useradd|addgroup|groupadd|usermod|gpasswd',
      whole: true,
    },
    {
      name: searchNames.units,
      folder: dpkgInfo,
      suffixes: ['.postinst'],
      pattern: 'systemctl .*(enable|preset) ',
      except: ':[ \t]*#',
    },
  ],
};
