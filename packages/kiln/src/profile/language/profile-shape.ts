import { type Infer, optional, record, required, text, wholeNumber } from '../../base/yaml/shape.ts';
import { extendsShape } from './base-reference.ts';
import { operatingSystem } from './notations/settings.ts';
import { configShape } from './sections/config-shape.ts';
import { filesShape } from './sections/files.ts';
import { groupsShape } from './sections/groups.ts';
import { packagesShape } from './sections/packages.ts';
import { parametersShape } from './sections/parameters-shape.ts';
import { repositoriesShape } from './sections/repositories.ts';
import { scriptsShape } from './sections/scripts.ts';
import { servicesShape } from './sections/services.ts';
import { usersShape } from './sections/users.ts';

/** The schema's version: the number behind `profile:`. */
export const profileVersion = 1;

const version = wholeNumber(1, 1_000_000);

/** Fields of a profile, wherever it stands. Those that are `separate` are read before the others. */
export const profileFields = {
  name: optional(text, 'What it is called, for people.', {
    byDefault: "the file's name",
    examples: ['web server'],
  }),
  os: optional(operatingSystem, 'The distribution and release that it is for. Without it, any.', {
    examples: ['debian/12'],
    separate: true,
  }),
  extends: optional(
    extendsShape,
    'What it is based on: local files, profiles of images in the store (store:name:tag), or URLs with digests. Later ones win, and this file wins over all; things of the same name or path are merged, and !reset forgets what was inherited.',
    { examples: [['./common.yaml', 'store:base:1.0']], separate: true },
  ),
  parameters: optional(
    parametersShape,
    'Values that "${name}" takes anywhere in this profile, by name: a default, or type, default and limits. Change them with --set name=value or KILN_VAR_name.',
    { examples: [{ port: 8080 }], separate: true },
  ),
  repositories: optional(repositoriesShape, "Where packages come from besides the system's own, by name."),
  packages: optional(
    packagesShape,
    'Packages: a list of names (name=version), or a mapping of names to versions.',
    {
      examples: [['nginx', 'postgresql=15+*']],
    },
  ),
  groups: optional(groupsShape, 'Groups: a list of names, or a mapping of names to numbers or fields.'),
  users: optional(usersShape, 'Users: a list of names, or a mapping of names to fields.'),
  files: optional(filesShape, 'Files, directories and links: a mapping of paths to contents or fields.', {
    examples: [{ '/etc/motd': 'Welcome\n' }],
  }),
  services: optional(
    servicesShape,
    'Services: a list of names to enable, or a mapping of names to enabled, disabled, masked or fields.',
    {
      examples: [['nginx']],
    },
  ),
  config: optional(configShape, "The system's settings: host name, time zone, kernel, cron and others."),
  scripts: optional(
    scriptsShape,
    'Scripts for what there are no words for: a list, or a mapping of points to scripts.',
    {
      examples: [{ last: 'update-ca-certificates' }],
    },
  ),
};

const synonyms = {
  version: 'profile',
  schema: 'profile',
  kiln: 'profile',
  from: 'os',
  distribution: 'os',
  base: 'extends',
  include: 'extends',
  inherits: 'extends',
  variables: 'parameters',
  vars: 'parameters',
  params: 'parameters',
  repos: 'repositories',
  apt: 'repositories',
  package: 'packages',
  install: 'packages',
  group: 'groups',
  user: 'users',
  write_files: 'files',
  file: 'files',
  directories: 'files',
  units: 'services',
  service: 'services',
  settings: 'config',
  system: 'config',
  runcmd: 'scripts',
  run: 'scripts',
  script: 'scripts',
  steps: 'scripts',
  hostname: 'config',
  timezone: 'config',
  locale: 'config',
  sysctl: 'config',
  cron: 'config',
  timers: 'config',
  environment: 'config',
};

/** A profile in a file of its own. */
export const profileFile = record(
  'a profile',
  {
    profile: required(version, 'Version of this file format; always 1.', { examples: [1] }),
    ...profileFields,
  },
  { ownPrefix: 'x-', synonyms },
);

/** A profile inside another file, whose version counts. */
export const profileSection = record(
  'a profile',
  { profile: optional(version, 'Version of this format; always 1.', { byDefault: '1' }), ...profileFields },
  { ownPrefix: 'x-', synonyms },
);

export type ProfileEntry = Infer<typeof profileSection>;
