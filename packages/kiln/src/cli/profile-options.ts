import { defineOptions } from './command.ts';

/** Options of every command that reads a profile. */
export const profileOptions = defineOptions({
  set: {
    type: 'list',
    value: 'NAME=VALUE',
    description: 'Set a parameter of the profile. May be given several times.',
  },
  facts: {
    type: 'list',
    value: 'NAME=VALUE',
    description:
      'Say what is known of the machine, such as architecture=amd64, for texts and conditions; or @FILE, a JSON or YAML file with facts. May be given several times.',
  },
});

export const profileArgument = {
  name: 'FILE',
  description: 'The profile, or a cloud-config file. Without it, kiln.profile.yaml in this folder.',
  complete: 'file',
} as const;
