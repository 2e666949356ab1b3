import { defineCommand, defineOptions } from '../command.ts';
import { templateOptions } from '../template-options.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const provisionOptions = defineOptions({
  ...fileOption,
  ...templateOptions,
  'provision-with': {
    type: 'list',
    value: 'NAME',
    commas: true,
    description:
      'Run only the provisioners with these names or types; those that never run by themselves by name only.',
  },
});

export const provisionCommand = defineCommand({
  name: 'provision',
  summary: 'Run the provisioners of machines that are up',
  description:
    'Runs what a machine’s file says is done to it: everything that runs once or always, in the order of the file, or only ' +
    'what is named. Several machines are done at the same time. The first provisioner that fails ends the work on its ' +
    'machine, which stays up.',
  options: provisionOptions,
  arguments: [machinesArgument],
  examples: [
    { command: 'kiln provision', explanation: 'all machines of this project' },
    { command: 'kiln provision web --provision-with setup', explanation: 'one provisioner of one machine' },
  ],
  load: () => import('../actions/provision.ts'),
});
