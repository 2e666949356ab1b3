import { defineCommand, defineOptions } from '../command.ts';

export const listOptions = defineOptions({
  json: { type: 'flag', description: 'Write them as JSON.' },
});

export const listCommand = defineCommand({
  name: 'list',
  summary: 'Show all machines of this user, of every project',
  options: listOptions,
  arguments: [],
  examples: [{ command: 'kiln list --json', explanation: 'for programs' }],
  load: () => import('../actions/list.ts'),
});
