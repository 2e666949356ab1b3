import { defineCommand, defineOptions } from '../command.ts';
import { templateOptions } from '../template-options.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const rsyncOptions = defineOptions({ ...fileOption, ...templateOptions });

export const rsyncCommand = defineCommand({
  name: 'rsync',
  summary: 'Copy folders into machines again',
  description:
    'Makes the folders that machines have as copies what they are on this host: what has changed is sent, and what is gone ' +
    'is removed. Folders that are mounted need none of it.',
  options: rsyncOptions,
  arguments: [machinesArgument],
  examples: [
    { command: 'kiln rsync', explanation: 'all machines of this project' },
    { command: 'kiln rsync web', explanation: 'one machine' },
  ],
  load: () => import('../actions/rsync.ts'),
});
