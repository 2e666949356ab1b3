import { defineCommand, defineOptions } from '../../command.ts';
import { profileArgument, profileOptions } from '../../profile-options.ts';

export const profileRenderOptions = defineOptions({
  ...profileOptions,
  to: {
    type: 'choice',
    choices: ['shell', 'cloud-init', 'containerfile'],
    description:
      'What to write: shell (a script that needs nothing else), cloud-init (user data), containerfile.',
  },
  output: {
    type: 'text',
    short: 'o',
    value: 'FILE',
    complete: 'file',
    description:
      'Where to write it, readable by you alone when it holds secrets. Without it: the standard output.',
  },
  from: {
    type: 'text',
    value: 'IMAGE',
    description:
      'Containerfile only: the image to start from. Without it: the usual one of the distribution.',
  },
  force: { type: 'flag', short: 'f', description: 'Replace a file that is there.' },
});

export const profileRenderCommand = defineCommand({
  name: 'render',
  summary: 'Write a profile as a shell script, cloud-init user data or a Containerfile',
  description:
    'What is written does the same as `kiln profile apply`, without Kiln. The script changes nothing that is as it should be; with --check it only tells. What cloud-init has no words for goes into a script in its user data; what a container image cannot carry is an error.',
  options: profileRenderOptions,
  arguments: [profileArgument],
  examples: [
    { command: 'kiln profile render web.yaml -o web.sh', explanation: 'then, anywhere: sh web.sh --check' },
    { command: 'kiln profile render --to cloud-init', explanation: 'user data for a cloud' },
    { command: 'kiln profile render --to containerfile | docker build -', explanation: 'a container image' },
  ],
  load: () => import('../../actions/profile-render.ts'),
});
