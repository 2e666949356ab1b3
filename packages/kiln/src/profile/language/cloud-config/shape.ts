import { hostName } from '../../../base/yaml/notations.ts';
import {
  contentText,
  type Infer,
  list,
  named,
  nothing,
  oneOf,
  optional,
  record,
  required,
  scriptText,
  text,
} from '../../../base/yaml/shape.ts';
import { accountKey, userName } from '../notations/names.ts';
import { machinePath } from '../notations/paths.ts';
import { ipAddress, keyboardWord, locale, oneLine, timeZone } from '../notations/settings.ts';
import { aptShape } from './apt-shape.ts';
import { permissions, swapBytes, yesNo } from './notations.ts';
import { cloudConfigSynonyms, idleKeys, refusedKeys } from './other-keys.ts';
import { cloudUser, cloudUserOverride } from './user-shape.ts';

const strings = list(text);
const groupMembers = named({ what: "a group's name", ...accountKey }, oneOf(nothing, text, list(userName)));

const writeFile = record(
  'a file',
  {
    path: required(machinePath, 'Where the file goes.', { examples: ['/etc/motd'] }),
    content: optional(contentText, 'What is in it.'),
    source: optional(
      record('source', {
        uri: optional(text, 'Where the content is.'),
        headers: optional(named({ what: 'a header', pattern: '', expected: 'a name' }, text), 'Headers.'),
      }),
      'Content from elsewhere.',
    ),
    owner: optional(text, 'Owner, as user:group.', { byDefault: 'root:root', examples: ['root:root'] }),
    permissions: optional(permissions, 'Permission bits.', { byDefault: '0644', examples: ['"0644"'] }),
    encoding: optional(text, 'How the content is encoded.', { examples: ['b64'] }),
    append: optional(yesNo, 'Put the content behind what is there.'),
    defer: optional(yesNo, 'Write it when users and packages are there, as Kiln always does.'),
  },
  { synonyms: { mode: 'permissions', contents: 'content', text: 'content' } },
);
export type WriteFileEntry = Infer<typeof writeFile>;

const command = oneOf(nothing, scriptText, list(scriptText));
const packageItem = oneOf(
  text,
  strings,
  record('packages', {
    apt: optional(list(oneOf(text, strings)), 'Packages of apt.'),
    snap: optional(list(oneOf(text, strings)), 'Snaps.'),
  }),
);

const passwords = record('chpasswd', {
  expire: optional(yesNo, 'Passwords have to be changed at the next login.', { byDefault: 'true' }),
  users: optional(
    list(
      record('a password', {
        name: required(userName, 'Whose it is.', { examples: ['debian'] }),
        password: optional(contentText, 'The hash.'),
        type: optional(text, 'hash, text or RANDOM.', { byDefault: 'hash' }),
      }),
    ),
    'Users with their passwords.',
  ),
  list: optional(oneOf(scriptText, list(scriptText)), 'Lines of user:hash.'),
});

const refused = Object.fromEntries(
  Object.entries(refusedKeys).map(([name, [reason]]) => [name, optional(text, reason, { separate: true })]),
);
const idle = Object.fromEntries(
  Object.entries(idleKeys).map(([name, reason]) => [name, optional(text, reason, { separate: true })]),
);

const certificates = record('ca_certs', {
  trusted: optional(strings, 'Certificates.'),
  remove_defaults: optional(yesNo, "Remove the system's own."),
  'remove-defaults': optional(yesNo, "Remove the system's own."),
});

const honoured = {
  users: optional(
    oneOf(
      text,
      list(oneOf(text, cloudUser)),
      named({ what: "a user's name", ...accountKey }, oneOf(nothing, yesNo, cloudUserOverride)),
    ),
    'Users: names, "default", or fields.',
  ),
  user: optional(oneOf(text, cloudUserOverride), 'Name or fields of the default user.'),
  groups: optional(oneOf(text, list(oneOf(text, groupMembers)), groupMembers), 'Groups, with members.'),
  password: optional(contentText, "The default user's password, as a hash."),
  chpasswd: optional(passwords, 'Passwords of users.'),
  ssh_pwauth: optional(text, 'Whether passwords may be used over SSH.'),
  ssh_authorized_keys: optional(strings, 'Public keys of the default user.'),
  disable_root: optional(yesNo, 'No login as root over SSH.', { byDefault: 'true' }),
  disable_root_opts: optional(text, 'Options for keys of root.'),
  ssh_deletekeys: optional(yesNo, 'Remove host keys.', { byDefault: 'true' }),
  packages: optional(list(packageItem), 'Packages.'),
  apt_update: optional(yesNo, 'An old name of package_update.'),
  apt_upgrade: optional(yesNo, 'An old name of package_upgrade.'),
  apt_reboot_if_required: optional(yesNo, 'An old name of package_reboot_if_required.'),
  package_update: optional(yesNo, 'Read the lists of packages anew, as Kiln always does.'),
  package_upgrade: optional(yesNo, 'Upgrade what is installed.'),
  package_reboot_if_required: optional(yesNo, 'Restart when packages want it.'),
  apt: optional(aptShape, 'Repositories and settings of apt.'),
  write_files: optional(list(writeFile), 'Files.'),
  runcmd: optional(list(command), 'Commands that run once, after everything else.'),
  bootcmd: optional(list(command), 'Commands that run early at every boot.'),
  timezone: optional(timeZone, 'The time zone.', { examples: ['Europe/London'] }),
  locale: optional(oneOf(locale), 'The locale.', { examples: ['en_GB.UTF-8'] }),
  keyboard: optional(
    record('keyboard', {
      layout: required(keyboardWord, 'The layout.', { examples: ['gb'] }),
      model: optional(keyboardWord, 'The model.'),
      variant: optional(keyboardWord, 'The variant.'),
      options: optional(oneLine, 'Options.'),
    }),
    'The keyboard.',
  ),
  hostname: optional(hostName, 'The host name.', { examples: ['web-1'] }),
  fqdn: optional(hostName, 'The host name with its domain.', { examples: ['web-1.example.org'] }),
  prefer_fqdn_over_hostname: optional(yesNo, 'The host name is the one with the domain.'),
  preserve_hostname: optional(yesNo, 'Leave the host name as it is.'),
  create_hostname_file: optional(yesNo, 'Write /etc/hostname.', { byDefault: 'true' }),
  manage_etc_hosts: optional(text, 'Whether /etc/hosts has the name of the machine.', {
    examples: ['localhost'],
  }),
  ntp: optional(
    oneOf(
      nothing,
      record('ntp', {
        enabled: optional(yesNo, 'Set the clock over the network.', { byDefault: 'true' }),
        servers: optional(list(hostName), 'Servers.'),
        pools: optional(list(hostName), 'Pools of servers.'),
        peers: optional(list(hostName), 'Peers.'),
        allow: optional(strings, 'Networks that may ask.'),
        ntp_client: optional(text, 'The program.', { byDefault: 'auto' }),
        config: optional(
          named({ what: 'a setting', pattern: '', expected: 'a name' }, oneOf(text, strings)),
          'Settings of the program.',
        ),
      }),
    ),
    'Time over the network.',
  ),
  swap: optional(
    record('swap', {
      filename: optional(machinePath, 'The file.', { byDefault: '/swap.img' }),
      size: optional(swapBytes, 'Its size.', { examples: ['2G'] }),
      maxsize: optional(swapBytes, 'The most it may have.'),
    }),
    'A swap file.',
  ),
  mounts: optional(list(list(text)), 'Lines of fstab, as lists of fields.'),
  growpart: optional(
    record('growpart', {
      mode: optional(text, 'How.', { byDefault: 'auto' }),
      devices: optional(strings, 'Which.', { byDefault: '[/]' }),
      ignore_growroot_disabled: optional(yesNo, 'Ignore a file that forbids it.'),
    }),
    'Whether the partition grows with the disk.',
  ),
  resize_rootfs: optional(text, 'Whether the file system grows with its partition.'),
  manage_resolv_conf: optional(yesNo, 'Take resolv_conf.'),
  resolv_conf: optional(
    record('resolv_conf', {
      nameservers: optional(list(ipAddress), 'Name servers.'),
      searchdomains: optional(list(hostName), 'Domains to look in.'),
      domain: optional(hostName, 'The domain.'),
      sortlist: optional(strings, 'Order of addresses.'),
      options: optional(
        named({ what: 'an option', pattern: '', expected: 'a name' }, text),
        'Options of the resolver.',
      ),
    }),
    'Name servers.',
  ),
  ca_certs: optional(certificates, 'Certificate authorities to trust.'),
  'ca-certs': optional(certificates, 'An old name of ca_certs.'),
};

/** Everything that is known of cloud-config; what is `separate` is refused, or changes nothing. */
export const cloudConfig = record(
  'cloud-config',
  // Nobody asks for the values of the others.
  { ...honoured, ...refused, ...idle } as typeof honoured,
  { synonyms: cloudConfigSynonyms },
);

export type CloudConfig = Infer<typeof cloudConfig>;
