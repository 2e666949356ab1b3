import { duration, hostName, nameKey, size, userName } from '../../base/yaml/notations.ts';
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
import { folder, network } from './machine-parts.ts';
import { mode, owner, portForward, tag } from './notations.ts';

/** The name of the file that commands look for. */
export const kilnFileName = 'kiln.yaml';
/** The schema's version: the number behind `kiln:`. */
export const schemaVersion = 1;

const lines = oneOf(scriptText, list(scriptText));
const environment = named(
  {
    what: "an environment variable's name",
    pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
    expected: 'letters, digits and "_"',
  },
  text,
);

const variable = oneOf(
  text,
  record(
    'a variable',
    {
      default: optional(text, 'Its value when none is given.'),
      description: optional(text, 'What it is for.'),
      sensitive: optional(onOff, 'Never show the value in any output or log.', { byDefault: 'false' }),
      env: optional(text, 'Take the value from this environment variable.', { examples: ['API_TOKEN'] }),
    },
    { synonyms: { value: 'default', secret: 'sensitive', from: 'env' } },
  ),
);

const login = record(
  'ssh',
  {
    user: required(userName, 'Who to log in as.', { examples: ['debian', 'root'] }),
    password: optional(text, 'Password of the user.'),
    key: optional(text, "Private key file, relative to this file's folder.", {
      examples: ['~/.ssh/id_ed25519'],
    }),
    port: optional(wholeNumber(1, 65535), 'Port of the SSH server in the machine.', { byDefault: '22' }),
    timeout: optional(duration, 'How long the machine may take to answer.', { byDefault: '5m' }),
  },
  { synonyms: { username: 'user', private_key: 'key', private_key_file: 'key', ssh_username: 'user' } },
);

const from = optional(
  text,
  'What to start from: a distribution (debian/12), a disk image file (./disk.qcow2), a URL, or an image of the store (name or name:tag).',
  { examples: ['debian/12', 'ubuntu/24.04', './disk.qcow2', 'web:latest'] },
);
const checksum = optional(
  text,
  'What the file of "from" must hash to: sha256:…, sha512:…, or file:URL of a checksum file. A URL needs one; "none" does without.',
  { examples: ['sha256:9b8e…', 'file:https://example.org/SHA256SUMS'] },
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

const local = oneOf(
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
const profile = foreign(oneOf(text, list(text), profileSection));

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

const step = action('a step', stepActions, stepCommon, stepSynonyms);

const provisioner = action(
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

const output = action(
  'an output',
  {
    disk: optional(
      oneOf(
        text,
        record(
          'disk',
          {
            path: required(text, "The file to write, relative to this file's folder."),
            format: optional(
              choice('raw', 'qcow2', 'vmdk', 'vhd', 'vhd-fixed', 'vhdx', 'vdi', 'ova'),
              "The disk's format.",
              {
                byDefault: "the path's ending",
              },
            ),
            compress: optional(onOff, 'Compress inside the format, where it can (qcow2, vmdk).', {
              byDefault: 'false',
            }),
          },
          { synonyms: { file: 'path', output: 'path', to: 'path', type: 'format' } },
        ),
      ),
      'Write the disk as a file. The outputs below it are about this file.',
    ),
    checksum: optional(
      oneOf(
        text,
        record(
          'checksum',
          {
            path: optional(text, 'The file to write.', {
              byDefault: "the disk's path with the type behind it",
            }),
            types: optional(
              list(choice('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512')),
              'Which checksums.',
              { byDefault: '[sha256]' },
            ),
          },
          { synonyms: { output: 'path', type: 'types', checksum_types: 'types' } },
        ),
      ),
      'Write a checksum file for the disk above.',
    ),
    compress: optional(
      oneOf(
        text,
        record(
          'compress',
          {
            path: required(text, 'The file to write; its ending says how: .gz, .xz, .zst, .zip, .tar.gz ….'),
            level: optional(wholeNumber(1, 19), 'How hard to compress.'),
            keep: optional(onOff, 'Keep the uncompressed disk too.', { byDefault: 'true' }),
          },
          { synonyms: { output: 'path', compression_level: 'level', keep_input_artifact: 'keep' } },
        ),
      ),
      'Compress the disk above. The outputs below it are about the compressed file.',
    ),
    manifest: optional(
      oneOf(
        text,
        record(
          'manifest',
          {
            path: required(text, 'The JSON file that gets an entry for each build.'),
            strip_path: optional(onOff, "Leave folders out of the files' names.", { byDefault: 'false' }),
            data: optional(environment, 'Values of your own to put into the entry.'),
          },
          { synonyms: { output: 'path', custom_data: 'data' } },
        ),
      ),
      'Note what was made in a JSON file.',
    ),
    box: optional(
      oneOf(
        text,
        record(
          'box',
          {
            path: required(text, "The file to write, relative to this file's folder."),
            vagrantfile: optional(text, 'A Vagrantfile to put into it.'),
            info: optional(text, 'A JSON file with facts for `kiln box list -i`.'),
            include: optional(list(text), 'Files to take along.'),
            level: optional(wholeNumber(1, 9), 'How hard to compress.', { byDefault: '1' }),
            architecture: optional(text, 'As boxes name it, such as amd64.', { byDefault: "this host's" }),
          },
          { synonyms: { output: 'path', compression_level: 'level', vagrantfile_template: 'vagrantfile' } },
        ),
      ),
      'Write a box for Vagrant and Kiln. Who is to log in to its machines is for the image to say: see docs/boxes.md.',
    ),
    local: optional(local, 'Run a script on this host.'),
  },
  {},
  {
    qcow2: 'disk',
    vagrant: 'box',
    'shell-local': 'local',
    run: 'local',
    file: 'disk',
  },
);

const firmware = choice('bios', 'efi');

export const imageShape = record(
  'an image',
  {
    description: optional(text, 'What it is, for people.'),
    from: { ...from, required: true as const },
    builder: optional(
      choice('qemu', 'rootfs'),
      'How it is built: in a machine that boots (qemu), or in a tree of files without one (rootfs), which takes seconds and gives the same image bit for bit. For rootfs "from" is a distribution.',
      { byDefault: 'qemu' },
    ),
    profile: optional(
      profile,
      "What the machine is, before its steps: the profile itself, its file, relative to this file's folder, or a list of files, of which later ones are stronger.",
      { examples: ['web.profile.yaml'] },
    ),
    parameters: optional(environment, 'Values for the parameters of the profiles.'),
    network: optional(onOff, 'With builder rootfs: whether steps may use the network.', {
      byDefault: 'true',
    }),
    allow_secrets: optional(
      list(text),
      'With builder rootfs: paths in the image that may hold keys, tokens or passwords; "*" stands for any part of one name.',
      { examples: [['/etc/ssl/private/*.key']] },
    ),
    layout_of: optional(
      text,
      'With builder rootfs: an earlier image of the store. Files that have not changed keep their places on the disk, so that the two differ only where their content does.',
      { examples: ['web:1.0'] },
    ),
    checksum,
    disk: optional(size, "Size of the machine's disk.", {
      byDefault: "the image's own size (4G for a distribution)",
    }),
    memory: optional(size, 'Memory of the machine while it builds.', { byDefault: '1G' }),
    cpus: optional(wholeNumber(1, 256), 'Processors of the machine while it builds.', {
      byDefault: '2, or 1 when the host has one',
    }),
    firmware: optional(firmware, 'How the machine starts.', { byDefault: 'bios' }),
    ssh: optional(
      login,
      'How to log in to a foreign image. Images that Kiln made take a temporary key and need nothing here.',
    ),
    steps: optional(list(step), 'What to do in the machine, in order.'),
    outputs: optional(
      list(output),
      'What to write besides the image in the store, which gets the name given here.',
    ),
    tags: optional(list(tag), 'Tags in the store besides "latest".', { examples: [['1.0']] }),
  },
  {
    synonyms: {
      base: 'from',
      image: 'from',
      source: 'from',
      iso_url: 'from',
      disk_size: 'disk',
      size: 'disk',
      mem: 'memory',
      ram: 'memory',
      cpu: 'cpus',
      provisioners: 'steps',
      provision: 'steps',
      run: 'steps',
      runcmd: 'steps',
      'post-processors': 'outputs',
      output: 'outputs',
      tag: 'tags',
      login: 'ssh',
    },
  },
);

export const machineShape = record(
  'a machine',
  {
    image: optional(text, 'An image of this file, or one of the store (name or name:tag).', {
      examples: ['web', 'web:1.0'],
    }),
    from,
    checksum,
    disk: optional(size, "Size of the machine's disk.", { byDefault: "the image's own size" }),
    memory: optional(size, 'Memory.', { byDefault: '1G' }),
    cpus: optional(wholeNumber(1, 256), 'Processors.', { byDefault: '2, or 1 when the host has one' }),
    hostname: optional(hostName, "The machine's host name.", { byDefault: "the machine's name here" }),
    firmware: optional(firmware, 'How the machine starts.', { byDefault: "as the image's, else bios" }),
    ports: optional(
      list(portForward),
      'Ports of this host that lead into the machine, as in Compose: [address:]host:guest[/protocol]. A host port in use is replaced by a free one, and you are told.',
      { examples: [['8080:80']] },
    ),
    networks: optional(
      list(network),
      'Private networks with other machines and with this host: an address, "dhcp", or more.',
      { examples: [['192.168.60.10']] },
    ),
    folders: optional(
      list(folder),
      'Folders of this host that the machine sees, as in Compose: host:machine[:ro]. They are mounted where the machine can, and else copied.',
      { examples: [['./src:/srv/app']] },
    ),
    ssh: optional(login, 'How to log in to a foreign image.'),
    provision: optional(
      list(provisioner),
      'What is done in the machine when it is up, in order: steps as those of images, of which those that run once are not repeated.',
    ),
  },
  {
    synonyms: {
      provisioners: 'provision',
      steps: 'provision',
      box: 'image',
      base: 'from',
      source: 'from',
      disk_size: 'disk',
      mem: 'memory',
      ram: 'memory',
      cpu: 'cpus',
      port: 'ports',
      forwarded_port: 'ports',
      forwarded_ports: 'ports',
      host: 'hostname',
      login: 'ssh',
      network: 'networks',
      private_network: 'networks',
      folder: 'folders',
      synced_folder: 'folders',
      synced_folders: 'folders',
      volumes: 'folders',
      mounts: 'folders',
    },
  },
);

/** Everything that may stand in kiln.yaml. */
export const kilnFile = record(
  'kiln.yaml',
  {
    kiln: required(wholeNumber(1, 1_000_000), 'Version of this file format; always 1.', { examples: [1] }),
    variables: optional(
      named(
        {
          what: "a variable's name",
          pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
          expected: 'letters, digits and "_"',
        },
        variable,
      ),
      'Values that "${name}" takes anywhere in this file. Change them with --var name=value or KILN_VAR_name.',
      { separate: true },
    ),
    images: optional(
      named({ what: "an image's name", ...nameKey }, imageShape),
      'The images to build, by name.',
    ),
    machines: optional(
      named({ what: "a machine's name", ...nameKey }, machineShape),
      'The machines to bring up, by name.',
    ),
  },
  {
    ownPrefix: 'x-',
    synonyms: {
      version: 'kiln',
      schema: 'kiln',
      services: 'machines',
      builds: 'images',
      builders: 'images',
      image: 'images',
      machine: 'machines',
      vars: 'variables',
    },
  },
);

export type KilnFile = Infer<typeof kilnFile>;
export type ImageEntry = Infer<typeof imageShape>;
export type MachineEntry = Infer<typeof machineShape>;
export type StepEntry = Infer<typeof step>;
export type ProvisionEntry = Infer<typeof provisioner>;
export type OutputEntry = Infer<typeof output>;
export type LoginEntry = Infer<typeof login>;
export type VariableEntry = Infer<typeof variable>;
export const variablesShape = kilnFile.fields.variables.shape;
