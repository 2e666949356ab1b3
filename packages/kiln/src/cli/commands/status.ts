import { defineCommand, defineOptions } from '../command.ts';
import { fileOption } from './machine-names.ts';

export const statusOptions = defineOptions({
  ...fileOption,
  json: { type: 'flag', description: 'Write them as JSON.' },
});

export const statusCommand = defineCommand({
  name: 'status',
  summary: 'Show the machines of this project',
  options: statusOptions,
  arguments: [],
  examples: [{ command: 'kiln status', explanation: 'what the machines of ./kiln.yaml are doing' }],
  load: () => import('../actions/status.ts'),
});
