import { defineCommand, defineOptions } from '../command.ts';
import { templateOptions } from '../template-options.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const rsyncAutoOptions = defineOptions({
  ...fileOption,
  ...templateOptions,
  notify: {
    type: 'flag',
    on: true,
    description: 'Leave programs in machines that watch files of mounted folders without word of changes.',
  },
});

export const rsyncAutoCommand = defineCommand({
  name: 'rsync-auto',
  summary: 'Keep folders of machines as they are here, as they change',
  description:
    'Watches the folders of machines on this host until Ctrl-C. What changes is copied within a moment; in folders that are ' +
    'mounted, programs that watch files (reloading servers, builds) are told of it. A machine that restarts gets what it ' +
    'missed.',
  options: rsyncAutoOptions,
  arguments: [machinesArgument],
  examples: [
    { command: 'kiln rsync-auto', explanation: 'all machines of this project' },
    { command: 'kiln rsync-auto web', explanation: 'one machine' },
  ],
  load: () => import('../actions/rsync-auto.ts'),
});
