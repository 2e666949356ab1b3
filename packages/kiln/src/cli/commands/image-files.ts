import { defineCommand, defineOptions } from '../command.ts';

const image = {
  name: 'IMAGE',
  description: 'An image of the store (name, name:tag, or the start of its id), or the file of a disk image.',
  required: true,
  complete: 'file',
} as const;
const partition = {
  type: 'number',
  value: 'NUMBER',
  min: 1,
  description: 'Which partition. Without it, the one with the system.',
} as const;
const json = { type: 'flag', description: 'Write JSON.' } as const;

export const imageLsOptions = defineOptions({
  long: { type: 'flag', short: 'l', description: 'Show kind, mode, owner, size and time too.' },
  recursive: { type: 'flag', short: 'R', description: 'Show what is in folders below, too.' },
  partition,
  partitions: { type: 'flag', description: 'List the partitions of the disk instead.' },
  json,
});

export const imageLsCommand = defineCommand({
  name: 'ls',
  summary: 'List files in an image, without mounting it',
  description:
    'Raw, qcow2, VHD and VMDK disks with GPT, MBR or no partitions, and ext2, ext3, ext4 and FAT filesystems are read.',
  options: imageLsOptions,
  arguments: [image, { name: 'PATH', description: 'A folder or file. Without it, the root.' }],
  examples: [
    { command: 'kiln image ls web /etc/nginx -l', explanation: 'a folder of web:latest' },
    { command: 'kiln image ls disk.vmdk --partitions', explanation: 'what a disk is divided into' },
    { command: 'kiln image ls web --partition 2 -R', explanation: 'all of the EFI partition' },
  ],
  load: () => import('../actions/image-ls.ts'),
});

export const imageCatOptions = defineOptions({ partition });

export const imageCatCommand = defineCommand({
  name: 'cat',
  summary: 'Write a file of an image to the standard output, without mounting it',
  options: imageCatOptions,
  arguments: [image, { name: 'PATH', description: 'The file.', required: true, repeats: true }],
  examples: [
    { command: 'kiln image cat web:1.0 /etc/os-release', explanation: 'of an image of the store' },
    { command: 'kiln image cat disk.qcow2 /var/log/syslog > syslog', explanation: 'out of a disk' },
  ],
  load: () => import('../actions/image-cat.ts'),
});

export const imageDiffOptions = defineOptions({
  files: {
    type: 'flag',
    description:
      'Compare every file of both images, not only configuration: what packages brought is summed up by package.',
  },
  text: { type: 'flag', description: 'Show line by line how small text files of the configuration differ.' },
  all: {
    type: 'flag',
    description: 'Tell of what does not matter too, such as logs, caches and files of changed packages.',
  },
  format: { type: 'choice', choices: ['text', 'json'], description: 'Text for people, or json.' },
});

export const imageDiffCommand = defineCommand({
  name: 'diff',
  summary: 'Show in what two images differ, without mounting them',
  description:
    'Compares packages, users, services, settings and configuration files, and with --files every other file too. Ends with 0 when nothing that matters differs, with 2 when something does.',
  options: imageDiffOptions,
  arguments: [
    { ...image, name: 'A', description: 'What it was: an image of the store, or the file of a disk image.' },
    { ...image, name: 'B', description: 'What it is now.' },
  ],
  examples: [
    { command: 'kiln image diff web:1.0 web:1.1', explanation: 'two versions' },
    { command: 'kiln image diff before.raw after.qcow2 --files', explanation: 'every file of two disks' },
  ],
  load: () => import('../actions/image-diff.ts'),
});
