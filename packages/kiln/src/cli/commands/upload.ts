import { defineCommand, defineOptions } from '../command.ts';
import { fileOption } from './machine-names.ts';

export const uploadOptions = defineOptions({
  ...fileOption,
  machine: { type: 'text', short: 'm', value: 'MACHINE', description: 'Without it, the only one.' },
});

export const uploadCommand = defineCommand({
  name: 'upload',
  summary: 'Copy a file or folder into a machine',
  description:
    'A file goes to the path that is given, or into it when it ends with a slash. A folder goes into the one that is given; with a slash at its end only what is in it does.',
  options: uploadOptions,
  arguments: [
    { name: 'SOURCE', description: 'A file or folder of this host.', required: true, complete: 'file' },
    {
      name: 'DESTINATION',
      description: 'Where to, in the machine. Without it, the home folder of who logs in.',
    },
  ],
  examples: [
    { command: 'kiln upload site.conf /tmp/site.conf -m web', explanation: 'one file' },
    { command: 'kiln upload src/ app', explanation: 'what is in a folder' },
  ],
  load: () => import('../actions/upload.ts'),
});
