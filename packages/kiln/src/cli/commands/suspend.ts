import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const suspendOptions = defineOptions({
  ...fileOption,
});

export const suspendCommand = defineCommand({
  name: 'suspend',
  summary: 'Save the memory of machines to disk and stop them',
  options: suspendOptions,
  arguments: [machinesArgument],
  examples: [{ command: 'kiln suspend web', explanation: 'go on later with `kiln resume web`' }],
  load: () => import('../actions/suspend.ts'),
});
