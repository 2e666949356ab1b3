import { defineCommand, defineOptions } from '../command.ts';

export const trustOptions = defineOptions({
  remove: { type: 'flag', description: 'Take the trust back.' },
  list: { type: 'flag', description: 'Show which Vagrantfiles are trusted.' },
  json: { type: 'flag', description: 'Write them as JSON.' },
});

export const trustCommand = defineCommand({
  name: 'trust',
  summary: 'Let a Vagrantfile run programs of this host',
  description:
    'A Vagrantfile is a program. Kiln keeps it from running others, from reading outside of its project and from writing: most do not need that. ' +
    'One that does can be trusted, as it is; when it changes it has to be trusted again. See docs/vagrantfiles.md.',
  options: trustOptions,
  arguments: [
    {
      name: 'FOLDER',
      description: 'The folder of the project. Without it, this one and those above.',
      complete: 'folder',
    },
  ],
  examples: [
    { command: 'kiln trust', explanation: 'the Vagrantfile here may do what it could do with Vagrant' },
    { command: 'kiln trust --remove ../old', explanation: 'no longer' },
    { command: 'kiln trust --list', explanation: 'which ones are trusted' },
  ],
  load: () => import('../actions/trust.ts'),
});
