import { defineCommand, defineOptions } from '../command.ts';
import { provisionOptions } from '../provision-options.ts';
import { templateOptions } from '../template-options.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const reloadOptions = defineOptions({
  ...fileOption,
  ...templateOptions,
  ...provisionOptions,
  force: { type: 'flag', description: 'Turn them off at once, without a shutdown.' },
  verbose: { type: 'flag', short: 'v', description: 'Say how each machine was started.' },
});

export const reloadCommand = defineCommand({
  name: 'reload',
  summary: 'Shut machines down and bring them up as the file has them now',
  options: reloadOptions,
  arguments: [machinesArgument],
  examples: [{ command: 'kiln reload web', explanation: 'after its memory was changed in kiln.yaml' }],
  load: () => import('../actions/reload.ts'),
});
