import { defineCommand, defineGroup, defineOptions } from '../command.ts';
import { boxMirrorCommand } from './box-mirror.ts';
import { boxDownloadOptions } from './box-options.ts';
import { boxPushCommand } from './box-push.ts';

const json = { type: 'flag', description: 'Write JSON.' } as const;

const provider = {
  type: 'text',
  value: 'PROVIDER',
  complete: ['libvirt', 'virtualbox', 'vmware_desktop', 'hyperv', 'qemu'],
  description: 'Whose box is meant, such as libvirt or virtualbox.',
} as const;

const architecture = {
  type: 'text',
  value: 'ARCHITECTURE',
  description: 'As boxes name it, such as amd64; auto for that of this host.',
} as const;

const name = { name: 'NAME', description: 'The name of a box.', required: true } as const;

export const boxAddOptions = defineOptions({
  name: { type: 'text', value: 'NAME', description: 'What to call a box that has no catalogue.' },
  'box-version': {
    type: 'text',
    value: 'CONSTRAINTS',
    description: 'Which version: one, or such as ">= 1.2, < 2" or "~> 1.2". Without it, the newest.',
  },
  provider: {
    ...provider,
    description: 'For which provider. Without it, the one that takes Kiln the least work.',
  },
  architecture: { ...architecture, short: 'a' },
  checksum: { type: 'text', value: 'HEX', description: 'What a box without a catalogue must hash to.' },
  'checksum-type': {
    type: 'choice',
    choices: ['md5', 'sha1', 'sha256', 'sha384', 'sha512'],
    description: 'The kind of that checksum.',
  },
  force: { type: 'flag', short: 'f', description: 'Replace a box that is here already.' },
  clean: { type: 'flag', short: 'c', description: 'Throw away what an earlier, broken download has left.' },
  ...boxDownloadOptions,
  json,
});

const add = defineCommand({
  name: 'add',
  summary: 'Get a box from a registry, a catalogue, a URL or a file',
  description:
    'Boxes are kept where Vagrant keeps them ($VAGRANT_HOME, else ~/.vagrant.d), and both see them. The registry is that of VAGRANT_SERVER_URL, which may be the folder of a mirror (file:///…). A download that breaks off goes on at the next try.',
  options: boxAddOptions,
  arguments: [
    {
      name: 'BOX',
      description: 'A name such as debian/bookworm64, or the URL or path of a catalogue or a box.',
      required: true,
      complete: 'file',
    },
  ],
  examples: [
    { command: 'kiln box add debian/bookworm64', explanation: 'by name' },
    {
      command: 'kiln box add https://example.org/boxes/web.json',
      explanation: 'from a catalogue of your own',
    },
    { command: 'kiln box add ./package.box --name web', explanation: 'a file' },
  ],
  load: () => import('../actions/box-add.ts'),
});

export const boxListOptions = defineOptions({
  'box-info': {
    type: 'flag',
    short: 'i',
    description: 'Show what the makers of the boxes say of them, too.',
  },
  json,
});

const list = defineCommand({
  name: 'list',
  summary: 'List the boxes of this host',
  options: boxListOptions,
  arguments: [],
  examples: [{ command: 'kiln box list --json | jq ".[].name"', explanation: 'all names' }],
  load: () => import('../actions/box-list.ts'),
});

export const boxOutdatedOptions = defineOptions({
  global: {
    type: 'flag',
    description: 'All boxes, which is what is looked at anyhow; for those who know Vagrant.',
  },
  force: {
    type: 'flag',
    short: 'f',
    description: 'Ask although it was asked within the hour, as this command always does.',
  },
  ...boxDownloadOptions,
  json,
});

const outdated = defineCommand({
  name: 'outdated',
  summary: 'Ask the catalogues whether there are newer versions',
  description: 'Of every box the newest version here is compared with its catalogue. Nothing is changed.',
  options: boxOutdatedOptions,
  arguments: [{ name: 'NAME', description: 'Only these boxes.', repeats: true }],
  examples: [{ command: 'kiln box outdated', explanation: 'all boxes' }],
  load: () => import('../actions/box-outdated.ts'),
});

export const boxUpdateOptions = defineOptions({
  box: { type: 'text', value: 'NAME', description: 'The box to update, as Vagrant has it.' },
  provider,
  architecture,
  force: { type: 'flag', short: 'f', description: 'Replace a version that is here already.' },
  ...boxDownloadOptions,
  json,
});

const update = defineCommand({
  name: 'update',
  summary: 'Get the newest version of a box',
  description:
    'The old version stays, and so do machines made of it: `kiln box prune` removes what is outdated.',
  options: boxUpdateOptions,
  arguments: [
    { name: 'NAME', description: 'The boxes; without any, all that have a catalogue.', repeats: true },
  ],
  examples: [{ command: 'kiln box update debian/bookworm64', explanation: 'one box' }],
  load: () => import('../actions/box-update.ts'),
});

export const boxRemoveOptions = defineOptions({
  provider,
  architecture: { ...architecture, short: 'a' },
  'box-version': { type: 'text', value: 'VERSION', description: 'The version.' },
  all: { type: 'flag', description: 'All versions.' },
  'all-providers': { type: 'flag', description: 'For all providers.' },
  'all-architectures': { type: 'flag', description: 'For all architectures.' },
  force: { type: 'flag', short: 'f', description: 'Do not ask, although a machine of Vagrant stands on it.' },
  json,
});

const remove = defineCommand({
  name: 'remove',
  summary: 'Remove a box',
  description:
    "Kiln's machines stay as they are: they stand on an image of the store. Those of Vagrant may need their box; that is asked about.",
  options: boxRemoveOptions,
  arguments: [name],
  examples: [
    { command: 'kiln box remove web --all --all-providers', explanation: 'everything of that name' },
    { command: 'kiln box remove web --box-version 1.0', explanation: 'one version' },
  ],
  load: () => import('../actions/box-remove.ts'),
});

export const boxPruneOptions = defineOptions({
  name: { type: 'text', value: 'NAME', description: 'Only versions of this box.' },
  provider: { ...provider, short: 'p' },
  'dry-run': { type: 'flag', short: 'n', description: 'Only tell what would go.' },
  force: {
    type: 'flag',
    short: 'f',
    description: 'Do not ask, although a machine of Vagrant stands on one.',
  },
  'keep-active-boxes': {
    type: 'flag',
    short: 'k',
    description: 'With --force: leave those that a machine of Vagrant stands on.',
  },
  json,
});

const prune = defineCommand({
  name: 'prune',
  summary: 'Remove old versions of boxes',
  description: 'The newest version of each box and provider stays.',
  options: boxPruneOptions,
  arguments: [],
  examples: [{ command: 'kiln box prune --dry-run', explanation: 'what would go' }],
  load: () => import('../actions/box-prune.ts'),
});

export const boxRepackageOptions = defineOptions({
  output: {
    type: 'text',
    short: 'o',
    value: 'FILE',
    complete: 'file',
    description: 'The file to write; package.box when not given.',
  },
});

const repackage = defineCommand({
  name: 'repackage',
  summary: 'Pack a box of this host to a file again',
  options: boxRepackageOptions,
  arguments: [
    name,
    { name: 'PROVIDER', description: 'Its provider.', required: true },
    { name: 'VERSION', description: 'Its version.', required: true },
  ],
  examples: [{ command: 'kiln box repackage web libvirt 1.0', explanation: 'writes package.box' }],
  load: () => import('../actions/box-repackage.ts'),
});

export const boxCommand = defineGroup({
  name: 'box',
  summary: 'Look after boxes, which Vagrant makes machines of',
  description: 'How to go on when the public registry closes is in docs/boxes.md.',
  commands: [add, list, outdated, update, remove, prune, repackage, boxMirrorCommand, boxPushCommand],
});
