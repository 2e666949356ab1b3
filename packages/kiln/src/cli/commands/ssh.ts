import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const sshOptions = defineOptions({
  ...fileOption,
  command: {
    type: 'text',
    short: 'c',
    value: 'LINE',
    description:
      'Run this line in the machine’s shell instead of logging in; its exit code becomes this command’s.',
  },
  tty: { type: 'flag', short: 't', description: 'Give the line a terminal.' },
});

export const sshCommand = defineCommand({
  name: 'ssh',
  summary: 'Log in to a machine',
  options: sshOptions,
  arguments: [machineArgument],
  passthrough: {
    name: 'SSH-OPTIONS',
    description: 'More options for the ssh program, such as -L 5432:127.0.0.1:5432.',
  },
  examples: [
    { command: 'kiln ssh', explanation: 'log in to the only machine' },
    { command: "kiln ssh web -c 'systemctl is-active nginx'", explanation: 'run one line' },
  ],
  load: () => import('../actions/ssh.ts'),
});
