import { defineOptions } from './command.ts';

/** Of commands that bring machines up: whether these are provisioned. */
export const provisionOptions = defineOptions({
  provision: {
    type: 'flag',
    description: 'Run all provisioners, also those that run once and have.',
  },
  'no-provision': { type: 'flag', description: 'Run no provisioners, not even those that always run.' },
  'provision-with': {
    type: 'list',
    value: 'NAME',
    commas: true,
    description: 'Run only the provisioners with these names or types.',
  },
});
