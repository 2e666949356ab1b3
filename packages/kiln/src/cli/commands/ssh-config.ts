import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const sshConfigOptions = defineOptions({
  ...fileOption,
  host: { type: 'text', value: 'NAME', description: 'Name for the Host line; the machine’s own without it.' },
  install: {
    type: 'flag',
    description:
      'Have OpenSSH know all machines, now and later, as NAME.PROJECT: one line is added to ~/.ssh/config.',
  },
  uninstall: { type: 'flag', description: 'Take that line away again.' },
});

export const sshConfigCommand = defineCommand({
  name: 'ssh-config',
  summary: 'Print what ssh needs to find a machine, or have ssh and editors find all of them',
  options: sshConfigOptions,
  arguments: [machineArgument],
  examples: [
    {
      command: 'kiln ssh-config --install',
      explanation:
        'then `ssh web.project` works, and so do VS Code Remote-SSH, JetBrains Gateway, scp and rsync',
    },
    { command: 'kiln ssh-config web', explanation: 'the block of one machine' },
  ],
  load: () => import('../actions/ssh-config.ts'),
});
