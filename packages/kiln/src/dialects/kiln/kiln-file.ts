import { duration, hostName, nameKey, size, userName } from '../../base/yaml/notations.ts';
import {
  choice,
  type Infer,
  list,
  named,
  oneOf,
  onOff,
  optional,
  record,
  required,
  text,
  wholeNumber,
} from '../../base/yaml/shape.ts';
import { folder, network } from './machine-parts.ts';
import { portForward, tag } from './notations.ts';
import { output } from './output-fields.ts';
import { environment, profile, provisioner, step } from './step-fields.ts';

/** The name of the file that commands look for. */
export const kilnFileName = 'kiln.yaml';
/** The schema's version: the number behind `kiln:`. */
export const schemaVersion = 1;

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
export type LoginEntry = Infer<typeof login>;
export type VariableEntry = Infer<typeof variable>;
export const variablesShape = kilnFile.fields.variables.shape;
