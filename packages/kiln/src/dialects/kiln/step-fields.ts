import { duration, userName } from '../../base/yaml/notations.ts';
import {
  action,
  choice,
  foreign,
  type Infer,
  list,
  named,
  oneOf,
  onOff,
  optional,
  record,
  required,
  scriptText,
  text,
  wholeNumber,
} from '../../base/yaml/shape.ts';
import { profileSection } from '../../profile/language/profile-shape.ts';
import { mode, owner } from './notations.ts';

const lines = oneOf(scriptText, list(scriptText));

/** Variables of a script's environment. */
export const environment = named(
  {
    what: "an environment variable's name",
    pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    expected: 'letters, digits and "_"',
  },
  text,
);

const run = oneOf(
  scriptText,
  list(scriptText),
  record(
    'run',
    {
      inline: optional(lines, 'The script: text or a list of lines.'),
      script: optional(text, "A script file, relative to this file's folder.", { examples: ['setup.sh'] }),
      env: optional(environment, 'Environment variables for the script.'),
      user: optional(userName, 'Who runs it.', { byDefault: 'root' }),
      shell: optional(text, 'What runs inline lines. A script file has its own first line (#!).', {
        byDefault: '/bin/sh -e',
        examples: ['/bin/bash -eu'],
      }),
      exit_codes: optional(list(wholeNumber(0, 255)), 'Exit codes that count as success.', {
        byDefault: '[0]',
      }),
      may_disconnect: optional(onOff, 'The connection may break, as when the script restarts the network.', {
        byDefault: 'false',
      }),
    },
    {
      synonyms: {
        file: 'script',
        path: 'script',
        command: 'inline',
        commands: 'inline',
        lines: 'inline',
        environment: 'env',
        environment_vars: 'env',
        valid_exit_codes: 'exit_codes',
        expect_disconnect: 'may_disconnect',
        as: 'user',
      },
    },
  ),
);

const copy = record(
  'copy',
  {
    from: optional(
      text,
      "File or folder, relative to this file's folder. A trailing slash copies a folder's content.",
      { examples: ['page/', 'nginx.conf'] },
    ),
    content: optional(text, 'The text to write, instead of "from".'),
    to: required(text, 'Where it goes in the machine; an absolute path.', { examples: ['/var/www/html/'] }),
    mode: optional(mode, 'Permission bits, as for chmod.', { examples: ['0644'] }),
    owner: optional(owner, 'Owner, or owner:group.', { byDefault: 'root', examples: ['www-data'] }),
  },
  {
    synonyms: {
      source: 'from',
      src: 'from',
      destination: 'to',
      dest: 'to',
      target: 'to',
      path: 'to',
      permissions: 'mode',
      user: 'owner',
    },
  },
);

const fetch = record(
  'fetch',
  {
    from: required(text, 'File in the machine; with a trailing slash a folder.', {
      examples: ['/var/log/dpkg.log'],
    }),
    to: required(text, "Where it goes, relative to this file's folder.", { examples: ['out/'] }),
  },
  { synonyms: { source: 'from', src: 'from', destination: 'to', dest: 'to' } },
);

/** A script of this host, as a step or an output. */
export const local = oneOf(
  scriptText,
  list(scriptText),
  record(
    'local',
    {
      inline: optional(lines, 'The script: text or a list of lines.'),
      script: optional(text, "A script file, relative to this file's folder."),
      env: optional(environment, 'Environment variables for the script.'),
    },
    { synonyms: { file: 'script', command: 'inline', commands: 'inline', environment: 'env' } },
  ),
);

const cache = oneOf(
  onOff,
  record(
    'cache',
    {
      max_age: required(duration, 'How old its result may be before it is run again.', {
        examples: ['24h'],
      }),
    },
    { synonyms: { age: 'max_age', ttl: 'max_age', maxage: 'max_age', expires: 'max_age' } },
  ),
);

/** A profile in this file, the name of one, or several names. */
export const profile = foreign(oneOf(text, list(text), profileSection));

/** Names and values of one's own. */
const values = named(
  { what: 'a name', pattern: '^[A-Za-z_][A-Za-z0-9_.-]*$', expected: 'letters, digits, "_", "." and "-"' },
  text,
);

const ansible = oneOf(
  text,
  record(
    'ansible',
    {
      playbook: required(text, "The playbook, relative to this file's folder.", { examples: ['site.yml'] }),
      local: optional(
        onOff,
        'Run it inside of the machine, with the folder that it is in, and not on this host by SSH.',
        { byDefault: 'true with builder rootfs, else false' },
      ),
      folder: optional(
        text,
        "With local: the folder that is brought along, relative to this file's folder; the playbook is in it.",
        { byDefault: "the playbook's folder" },
      ),
      install: optional(onOff, 'With local: install Ansible in the machine where it is missing.', {
        byDefault: 'true',
      }),
      collections: optional(
        onOff,
        "With local: install the community's collections too, which take several hundred megabytes.",
        { byDefault: 'false' },
      ),
      inventory: optional(text, 'An inventory of your own. Without it Kiln writes one.'),
      groups: optional(
        named(
          { what: 'a group', pattern: '^[A-Za-z_][A-Za-z0-9_:]*$', expected: 'letters, digits and "_"' },
          list(text),
        ),
        'Groups of the inventory that Kiln writes, with the machines that are in them.',
      ),
      limit: optional(text, 'A pattern of hosts.', { byDefault: 'all of the inventory' }),
      vars: optional(values, 'Extra variables.'),
      vars_file: optional(text, 'A file with extra variables.'),
      tags: optional(list(text), 'Only tasks with these tags.'),
      skip_tags: optional(list(text), 'Only tasks without these tags.'),
      become: optional(onOff, 'Become another user for everything.', { byDefault: 'true' }),
      become_user: optional(userName, 'Which one.', { byDefault: 'root' }),
      requirements: optional(text, 'A file of roles and collections to get from Ansible Galaxy before.'),
      vault_password_file: optional(text, 'The file with the password of your vaults.'),
      verbosity: optional(wholeNumber(0, 6), 'How much Ansible tells.', { byDefault: '0' }),
      arguments: optional(list(text), 'Further arguments of ansible-playbook.', { examples: [['--diff']] }),
      env: optional(environment, 'Environment variables for Ansible.'),
    },
    {
      synonyms: {
        playbook_file: 'playbook',
        file: 'playbook',
        extra_vars: 'vars',
        variables: 'vars',
        extra_arguments: 'arguments',
        raw_arguments: 'arguments',
        galaxy_file: 'requirements',
        galaxy_role_file: 'requirements',
        inventory_path: 'inventory',
        environment: 'env',
        verbose: 'verbosity',
      },
    },
  ),
);

const puppet = oneOf(
  text,
  record(
    'puppet',
    {
      manifest: required(text, "The manifest, or a folder of them, relative to this file's folder.", {
        examples: ['site.pp'],
      }),
      modules: optional(list(text), "Folders of modules, relative to this file's folder."),
      hiera: optional(text, "Hiera's configuration. Kiln brings the folder that it is in along."),
      facts: optional(values, 'Facts of your own.'),
      arguments: optional(list(text), 'Further arguments of puppet apply.', { examples: [['--debug']] }),
      env: optional(environment, 'Environment variables for Puppet.'),
      install: optional(onOff, "Install Puppet from the system's packages where it is missing.", {
        byDefault: 'true',
      }),
    },
    {
      synonyms: {
        manifest_file: 'manifest',
        file: 'manifest',
        module_path: 'modules',
        module_paths: 'modules',
        hiera_config: 'hiera',
        hiera_config_path: 'hiera',
        facter: 'facts',
        options: 'arguments',
        environment: 'env',
      },
    },
  ),
);

const stepActions = {
  run: optional(run, 'Run a script in the machine, as root, and stop at the first command that fails.'),
  profile: optional(
    profile,
    "Bring the machine to what a profile says: the profile itself, or its file, relative to this file's folder.",
    { examples: ['web.profile.yaml'] },
  ),
  copy: optional(copy, 'Copy a file or folder into the machine.'),
  fetch: optional(fetch, 'Copy a file or folder out of the machine.'),
  local: optional(local, 'Run a script on this host.'),
  ansible: optional(
    ansible,
    'Run a playbook of Ansible: its file, or all that there is to say of it. On this host it reaches the machine by SSH.',
    { examples: ['site.yml'] },
  ),
  puppet: optional(puppet, 'Apply a manifest of Puppet in the machine.', { examples: ['site.pp'] }),
  reboot: optional(onOff, 'Restart the machine and wait until it is back.'),
  sleep: optional(duration, 'Wait.', { examples: ['5s'] }),
};

const stepCommon = {
  name: optional(text, 'What people see while it runs.'),
  timeout: optional(duration, 'Longest time it may take.', { byDefault: 'no limit' }),
  retries: optional(wholeNumber(0, 100), 'How often to try again when it fails.', { byDefault: '0' }),
  pause: optional(duration, 'Wait before it.'),
  cache: optional(
    cache,
    'Whether its result may come from a checkpoint: false runs it, and all after it, in every build; true takes "local" and "fetch" too as having no effects outside of the machine.',
    {
      byDefault: 'true, but false for "local" and "fetch", after which nothing else need run',
      examples: [false, { max_age: '24h' }],
    },
  ),
};

const stepSynonyms = {
  shell: 'run',
  script: 'run',
  command: 'run',
  runcmd: 'run',
  file: 'copy',
  upload: 'copy',
  write_files: 'copy',
  download: 'fetch',
  'shell-local': 'local',
  pause_before: 'pause',
  max_retries: 'retries',
  max_age: 'cache',
  checkpoint: 'cache',
  restart: 'reboot',
  reload: 'reboot',
  'ansible-local': 'ansible',
  playbook: 'ansible',
  'puppet-masterless': 'puppet',
};

/** A step of an image's `steps`. */
export const step = action('a step', stepActions, stepCommon, stepSynonyms);

/** A provisioner of a machine's `provision`: a step, and when it runs. */
export const provisioner = action(
  'a provisioner',
  stepActions,
  {
    ...stepCommon,
    when: optional(
      choice('once', 'always', 'never'),
      'once: when the machine is new, and by `kiln provision`. always: also whenever it comes up. never: only when it is named.',
      { byDefault: 'once' },
    ),
    before: optional(
      text,
      'Run it right before the provisioner of this name, before "each" one, or before "all".',
    ),
    after: optional(
      text,
      'Run it right after the provisioner of this name, after "each" one, or after "all".',
    ),
  },
  stepSynonyms,
);

export type StepEntry = Infer<typeof step>;
export type ProvisionEntry = Infer<typeof provisioner>;
