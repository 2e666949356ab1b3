import { defineCommand, defineOptions } from '../../command.ts';
import { profileArgument, profileOptions } from '../../profile-options.ts';

export const profileShowOptions = defineOptions({
  ...profileOptions,
  format: {
    type: 'choice',
    choices: ['yaml', 'json'],
    description: 'YAML (a profile again, without bases and parameters), or json.',
  },
});

export const profileShowCommand = defineCommand({
  name: 'show',
  summary: 'Show a profile with everything it extends merged in and filled in',
  description:
    'Checks the whole profile and tells every mistake at once. Secrets are hidden. With --facts, what is not for such a machine is left out.',
  options: profileShowOptions,
  arguments: [profileArgument],
  examples: [
    { command: 'kiln profile show', explanation: 'what ./kiln.profile.yaml comes to' },
    { command: 'kiln profile show web.yaml --set port=8080', explanation: 'with a parameter' },
    {
      command: 'kiln profile show --facts os.release=12 --facts architecture=arm64',
      explanation: 'for one kind of machine',
    },
    { command: 'kiln profile show --format json | jq ".packages[].name"', explanation: 'for programs' },
  ],
  load: () => import('../../actions/profile-show.ts'),
});
