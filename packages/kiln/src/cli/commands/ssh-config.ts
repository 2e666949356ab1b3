import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const sshConfigOptions = defineOptions({
  ...fileOption,
  host: { type: 'text', value: 'NAME', description: 'Name for the Host line; the machine’s own without it.' },
});

export const sshConfigCommand = defineCommand({
  name: 'ssh-config',
  summary: 'Print what ssh needs to find a machine, for editors and other tools',
  options: sshConfigOptions,
  arguments: [machineArgument],
  examples: [
    {
      command: 'kiln ssh-config web >> ~/.ssh/config',
      explanation: 'then `ssh web` works, and every editor that speaks SSH',
    },
  ],
  load: () => import('../actions/ssh-config.ts'),
});
