import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const haltOptions = defineOptions({
  ...fileOption,
  force: { type: 'flag', description: 'Turn them off at once, without a shutdown.' },
});

export const haltCommand = defineCommand({
  name: 'halt',
  summary: 'Shut machines down, as their power button would',
  options: haltOptions,
  arguments: [machinesArgument],
  examples: [
    { command: 'kiln halt', explanation: 'all machines of this project' },
    { command: 'kiln halt web --force', explanation: 'pull the plug of one' },
  ],
  load: () => import('../actions/halt.ts'),
});
