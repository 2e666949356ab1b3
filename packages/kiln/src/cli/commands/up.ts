import { defineCommand, defineOptions } from '../command.ts';
import { provisionOptions } from '../provision-options.ts';
import { templateOptions } from '../template-options.ts';
import { fileOption } from './machine-names.ts';

export const upOptions = defineOptions({
  ...fileOption,
  ...templateOptions,
  ...provisionOptions,
  name: {
    type: 'text',
    short: 'n',
    value: 'NAME',
    description: 'Name of the machine, when it comes straight from an image.',
  },
  memory: {
    type: 'text',
    value: 'SIZE',
    description: 'Memory, such as 512M or 2G, for a machine straight from an image.',
  },
  cpus: {
    type: 'number',
    value: 'N',
    min: 1,
    description: 'Processors, for a machine straight from an image.',
  },
  disk: { type: 'text', value: 'SIZE', description: 'Size of its disk; at least the image’s.' },
  port: {
    type: 'list',
    short: 'p',
    value: '[HOST:]GUEST',
    description: 'Lead a port of this host to one of the machine. May be given several times.',
  },
  user: { type: 'text', value: 'USER', description: 'Who to log in as, when the image does not say.' },
  key: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'Private key of the first login, for images made elsewhere.',
  },
  checksum: {
    type: 'text',
    value: 'CHECKSUM',
    description: 'What a disk file or download must hash to: sha256:…, or file:URL of a checksum file.',
  },
  firmware: { type: 'choice', choices: ['bios', 'efi'], description: 'What the machine boots with.' },
  'no-parallel': { type: 'flag', description: 'One machine after the other.' },
  verbose: {
    type: 'flag',
    short: 'v',
    description: 'Say of each machine how it was started: from one that was booted before, or why not.',
  },
  json: { type: 'flag', description: 'Write the machines as JSON.' },
});

export const upCommand = defineCommand({
  name: 'up',
  summary: 'Bring machines up: make, start or wake them',
  description:
    'Brings up the machines of kiln.yaml, or one straight from an image of the store, a distribution (debian/12), a disk file or a URL. ' +
    'An image of the file that is not built yet is built first. A machine that runs already is left alone. ' +
    'A password for the first login is read from KILN_SSH_PASSWORD, so that it stands in no process list.',
  options: upOptions,
  arguments: [
    {
      name: 'WHAT',
      description: 'Machines of kiln.yaml by name, or one image. Without it, all machines of kiln.yaml.',
      repeats: true,
    },
  ],
  examples: [
    { command: 'kiln up', explanation: 'all machines of ./kiln.yaml' },
    { command: 'kiln up web:latest -p 8080:80', explanation: 'a machine from an image of the store' },
    { command: 'kiln up debian/12 --name try', explanation: 'a plain Debian to try something in' },
  ],
  load: () => import('../actions/up.ts'),
});
