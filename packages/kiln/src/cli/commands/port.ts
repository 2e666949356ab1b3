import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const portOptions = defineOptions({
  ...fileOption,
  guest: {
    type: 'number',
    value: 'PORT',
    min: 1,
    description: 'Print only the port of this host that leads to this one of the machine.',
  },
  json: { type: 'flag', description: 'Write them as JSON.' },
});

export const portCommand = defineCommand({
  name: 'port',
  summary: 'Show the ports of this host that lead to a machine',
  options: portOptions,
  arguments: [machineArgument],
  examples: [
    { command: 'kiln port', explanation: 'all ports of the only machine' },
    { command: 'curl "http://127.0.0.1:$(kiln port web --guest 80)/"', explanation: 'in a script' },
  ],
  load: () => import('../actions/port.ts'),
});
