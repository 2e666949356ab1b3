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
  text,
} from '../../../base/yaml/shape.ts';
import { accountKey, groupName, userName } from '../notations/names.ts';
import { machinePath } from '../notations/paths.ts';
import { oneLine } from '../notations/settings.ts';
import { yesNo } from './notations.ts';

const strings = list(text);

const fields = {
  gecos: optional(oneLine, 'Who it is.'),
  uid: optional(text, "The user's number."),
  homedir: optional(machinePath, 'The home folder.'),
  no_create_home: optional(yesNo, 'Make no home folder.'),
  shell: optional(machinePath, 'The login shell.', { examples: ['/bin/bash'] }),
  system: optional(yesNo, 'It is for a service.'),
  primary_group: optional(groupName, 'The primary group.'),
  no_user_group: optional(yesNo, 'Make no group of the same name.'),
  groups: optional(
    oneOf(text, strings, named({ what: "a group's name", ...accountKey }, oneOf(nothing, text))),
    'Further groups.',
    { examples: ['sudo, docker'] },
  ),
  create_groups: optional(yesNo, 'Make groups that are not there.', { byDefault: 'true' }),
  lock_passwd: optional(yesNo, 'No password works.', { byDefault: 'true' }),
  passwd: optional(contentText, 'The hash of the password, for a new user.'),
  hashed_passwd: optional(contentText, 'The hash of the password.'),
  plain_text_passwd: optional(contentText, 'The password in clear, which is refused.'),
  ssh_authorized_keys: optional(oneOf(text, strings), 'Public keys that may log in.'),
  sudo: optional(oneOf(nothing, oneLine, list(oneLine)), 'Rules of sudoers, or false.', {
    examples: ['ALL=(ALL) NOPASSWD:ALL'],
  }),
  no_log_init: optional(yesNo, 'Do not touch lastlog, which makes no difference.'),
  doas: optional(strings, 'Rules of doas.'),
  expiredate: optional(text, 'When the user ends.'),
  inactive: optional(text, 'When an expired password ends the user.'),
  selinux_user: optional(text, 'The user of SELinux.'),
  snapuser: optional(text, 'An account of Snap.'),
  ssh_import_id: optional(oneOf(nothing, text, strings), 'Accounts whose keys are fetched.'),
  ssh_redirect_user: optional(yesNo, 'Send logins to the default user.'),
};

/** Older spellings, with dashes, stay right. */
const dashed = {
  'lock-passwd': fields.lock_passwd,
  'no-create-home': fields.no_create_home,
  'no-log-init': fields.no_log_init,
  'no-user-group': fields.no_user_group,
  'hashed-passwd': fields.hashed_passwd,
  'plain-text-passwd': fields.plain_text_passwd,
  'create-groups': fields.create_groups,
  'primary-group': fields.primary_group,
  'selinux-user': fields.selinux_user,
  'ssh-authorized-keys': fields.ssh_authorized_keys,
  'ssh-import-id': fields.ssh_import_id,
  'ssh-redirect-user': fields.ssh_redirect_user,
};

const synonyms = {
  home: 'homedir',
  ssh_keys: 'ssh_authorized_keys',
  password: 'hashed_passwd',
  comment: 'gecos',
  username: 'name',
};

export const cloudUser = record(
  'a user',
  { name: required(userName, 'The login name.', { examples: ['deploy'] }), ...fields, ...dashed },
  { synonyms },
);
/** Fields for a user whose name stands elsewhere, or is known. */
export const cloudUserOverride = record(
  'a user',
  { name: optional(userName, 'The login name.'), ...fields, ...dashed },
  { synonyms },
);

export type CloudUser = Infer<typeof cloudUserOverride>;
