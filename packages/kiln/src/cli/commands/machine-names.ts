import { defineOptions } from '../command.ts';

export const machineArgument = {
  name: 'MACHINE',
  description:
    'Name of a machine of this project, of one without a project, or the beginning of an id. Without it, the only one.',
} as const;

export const machinesArgument = {
  name: 'MACHINE',
  description: 'Names of machines. Without any, all machines of this project.',
  repeats: true,
} as const;

export const fileOption = defineOptions({
  file: {
    type: 'text',
    short: 'f',
    value: 'FILE',
    complete: 'file',
    description: 'The kiln.yaml to use, instead of the one in this folder.',
  },
});
