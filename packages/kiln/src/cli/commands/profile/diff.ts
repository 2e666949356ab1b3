import { defineCommand, defineOptions } from '../../command.ts';
import { profileOptions } from '../../profile-options.ts';
import { systemForms } from '../../system-forms.ts';

export const profileDiffOptions = defineOptions({
  ...profileOptions,
  text: { type: 'flag', description: 'Show line by line how small text files differ.' },
  all: {
    type: 'flag',
    description:
      'Tell of what does not matter too: what follows from packages that differ themselves, what tells one machine from another, what programs write again.',
  },
  only: {
    type: 'list',
    value: 'SECTION',
    commas: true,
    complete: ['system', 'packages', 'repositories', 'groups', 'users', 'services', 'settings', 'files'],
    description: 'Only these sections: packages, users, files and so on.',
  },
  format: { type: 'choice', choices: ['text', 'json'], description: 'Text for people, or json.' },
});

export const profileDiffCommand = defineCommand({
  name: 'diff',
  summary: 'Show in what two of profiles, images and machines differ',
  description:
    'Compares packages, repositories, users, groups, services, settings and configuration files. A profile says only what it wants: beside a machine or image, only that is compared. Nothing is changed or mounted. Ends with 0 when nothing that matters differs, with 2 when something does.',
  options: profileDiffOptions,
  arguments: [
    { name: 'A', description: `What it was: ${systemForms}.`, required: true, complete: 'file' },
    { name: 'B', description: 'What it is now, in the same forms.', required: true, complete: 'file' },
  ],
  examples: [
    { command: 'kiln profile diff web:1.0 web:1.1', explanation: 'two versions of an image' },
    {
      command: 'kiln profile diff web.yaml ssh://admin@web.example.org',
      explanation: 'how a machine differs from its profile',
    },
    {
      command: 'kiln profile diff web:1.1 web --text',
      explanation: 'how a machine has changed since its image, with lines of files',
    },
    {
      command: 'kiln profile diff old.qcow2 new.qcow2 --only packages --format json',
      explanation: 'for programs',
    },
  ],
  load: () => import('../../actions/profile-diff.ts'),
});
