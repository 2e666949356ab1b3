import { defineCommand, defineOptions } from '../command.ts';
import { azureOptions, templateArgument, templateOptions } from '../template-options.ts';

export const validateOptions = defineOptions({
  ...templateOptions,
  ...azureOptions,
  'syntax-only': { type: 'flag', description: 'Look at the template alone, not at what this host can do.' },
  json: { type: 'flag', description: 'Write what was found as JSON.' },
});

export const validateCommand = defineCommand({
  name: 'validate',
  summary: 'Check a template without building anything',
  description:
    'Reports every mistake at once, with file, line and column: unknown fields, wrong values, missing files, and what this host cannot do.',
  options: validateOptions,
  arguments: [templateArgument],
  examples: [
    { command: 'kiln validate', explanation: 'check ./kiln.yaml' },
    { command: 'kiln validate template.json --var version=2', explanation: 'a Packer template' },
  ],
  load: () => import('../actions/validate.ts'),
});
