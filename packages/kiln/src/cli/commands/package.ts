import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const packageOptions = defineOptions({
  output: {
    type: 'text',
    short: 'o',
    value: 'FILE',
    complete: 'file',
    description: 'The box to write; package.box when not given.',
  },
  include: {
    type: 'list',
    value: 'FILE',
    commas: true,
    complete: 'file',
    description: 'Files to take along, in include/ of the box.',
  },
  info: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'A JSON file with facts for `kiln box list -i`.',
  },
  vagrantfile: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'A Vagrantfile to put into the box.',
  },
  'as-is': {
    type: 'flag',
    description:
      'Take the disk as it is. Without it, a copy gets the user that Vagrant logs in as, and is cleaned.',
  },
  ...fileOption,
  json: { type: 'flag', description: 'Write JSON.' },
});

export const packageCommand = defineCommand({
  name: 'package',
  summary: 'Make a box of a machine',
  description:
    "The machine is halted for it, and otherwise stays as it is. The box is one for libvirt, which Vagrant and Kiln make machines of: its disk in one piece, a user vagrant with the keys and the password that boxes have, and nothing of the machine's identity.",
  options: packageOptions,
  arguments: [machineArgument],
  examples: [
    { command: 'kiln package web -o web.box', explanation: 'the machine web' },
    { command: 'vagrant box add ./web.box --name web', explanation: 'use it with Vagrant' },
  ],
  load: () => import('../actions/package.ts'),
});
