import { defineCommand, defineOptions } from '../command.ts';

export const helpOptions = defineOptions({});

export const helpCommand = defineCommand({
  name: 'help',
  summary: 'Show how to use Kiln or one of its commands',
  options: helpOptions,
  arguments: [{ name: 'COMMAND', description: 'The command to read about.', repeats: true }],
  examples: [
    { command: 'kiln help', explanation: 'all commands' },
    { command: 'kiln help image list', explanation: 'one command' },
  ],
  load: () => import('../actions/help.ts'),
});
