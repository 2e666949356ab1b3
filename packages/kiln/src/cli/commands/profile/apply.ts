import { defineCommand, defineOptions } from '../../command.ts';
import { targetForms } from '../../machine-target.ts';
import { profileArgument, profileOptions } from '../../profile-options.ts';

export const profileApplyOptions = defineOptions({
  ...profileOptions,
  check: { type: 'flag', description: 'Change nothing; the same as `kiln profile check`.' },
  verbose: {
    type: 'flag',
    short: 'v',
    description: 'Show what programs print, and what was in order already.',
  },
  format: { type: 'choice', choices: ['text', 'json'], description: 'Text for people, or json.' },
});

export const profileApplyCommand = defineCommand({
  name: 'apply',
  summary: 'Bring a machine, container or tree to what a profile says',
  description:
    'Only what is not as the profile says is changed, so that a second run changes nothing. What fails is told and does not keep the rest from being done, but for what needs it; the exit code is then 1. The work is done by a script of plain shell: nothing has to be installed there. A login other than root needs sudo without a password.',
  options: profileApplyOptions,
  arguments: [{ name: 'TARGET', description: targetForms, required: true }, profileArgument],
  examples: [
    { command: 'kiln profile apply web', explanation: 'the machine web, by ./kiln.profile.yaml' },
    { command: 'kiln profile apply ssh://admin@10.0.0.5 web.yaml', explanation: 'any machine with SSH' },
    { command: 'sudo kiln profile apply dir:/mnt/root base.yaml', explanation: 'a tree of files' },
  ],
  load: () => import('../../actions/profile-apply.ts'),
});
