import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const openOptions = defineOptions({
  ...fileOption,
  port: {
    type: 'number',
    value: 'PORT',
    min: 1,
    max: 65535,
    description: 'Port in the machine; without it the one that looks most like a web server’s.',
  },
  path: { type: 'text', value: 'PATH', description: 'What to open there, such as /admin.' },
  print: { type: 'flag', description: 'Print the address only.' },
});

export const openCommand = defineCommand({
  name: 'open',
  summary: 'Open a machine’s web page in the browser',
  description:
    'Finds the port of this host that leads to the machine’s web server, and opens it. BROWSER names another browser than the desktop’s.',
  options: openOptions,
  arguments: [machineArgument],
  examples: [
    { command: 'kiln open', explanation: 'of the only machine, or the primary one' },
    { command: 'kiln open web --port 3000 --path /docs', explanation: '' },
  ],
  load: () => import('../actions/open.ts'),
});
