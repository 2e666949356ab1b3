import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const codeOptions = defineOptions({
  ...fileOption,
  folder: {
    type: 'text',
    value: 'PATH',
    description:
      'Folder in the machine; without it the project’s own where the machine has it, else the home folder.',
  },
  editor: {
    type: 'text',
    value: 'PROGRAM',
    description: 'The editor: code, codium, cursor or another of that family.',
  },
});

export const codeCommand = defineCommand({
  name: 'code',
  summary: 'Open the editor in a machine',
  description:
    'Starts VS Code, or one of its family, on the machine over SSH (its extension Remote - SSH), after telling OpenSSH where the machines are, as `kiln ssh-config --install` does.',
  options: codeOptions,
  arguments: [machineArgument],
  examples: [{ command: 'kiln code web --folder /srv/app', explanation: '' }],
  load: () => import('../actions/code.ts'),
});
