import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const destroyOptions = defineOptions({
  ...fileOption,
  yes: { type: 'flag', short: 'y', description: 'Do not ask.' },
  force: { type: 'flag', description: 'The same.' },
});

export const destroyCommand = defineCommand({
  name: 'destroy',
  summary: 'Remove machines and their disks',
  options: destroyOptions,
  arguments: [machinesArgument],
  examples: [{ command: 'kiln destroy web --yes', explanation: 'remove one without a question' }],
  load: () => import('../actions/destroy.ts'),
});
