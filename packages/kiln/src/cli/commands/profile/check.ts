import { defineCommand, defineOptions } from '../../command.ts';
import { targetForms } from '../../machine-target.ts';
import { profileArgument, profileOptions } from '../../profile-options.ts';

export const profileCheckOptions = defineOptions({
  ...profileOptions,
  verbose: { type: 'flag', short: 'v', description: 'Show what is as it should be too.' },
  format: { type: 'choice', choices: ['text', 'json'], description: 'Text for people, or json.' },
});

export const profileCheckCommand = defineCommand({
  name: 'check',
  summary: 'Tell how a machine, container or tree differs from a profile',
  description:
    'Changes nothing. The exit code is 0 when everything is as the profile says, 2 when something is not, and 1 when it could not be found out. For images and disks, see `kiln profile diff`.',
  options: profileCheckOptions,
  arguments: [{ name: 'TARGET', description: targetForms, required: true }, profileArgument],
  examples: [
    { command: 'kiln profile check web', explanation: 'the machine web, by ./kiln.profile.yaml' },
    {
      command: 'kiln profile check ssh://admin@10.0.0.5 web.yaml --format json',
      explanation: 'for programs',
    },
  ],
  load: () => import('../../actions/profile-check.ts'),
});
