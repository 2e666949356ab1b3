import { defineCommand, defineOptions } from '../command.ts';
import { azureOptions, selectionOptions, templateArgument, templateOptions } from '../template-options.ts';

export const planOptions = defineOptions({
  ...templateOptions,
  ...selectionOptions,
  ...azureOptions,
  json: { type: 'flag', description: 'Write the whole plan as JSON, with secrets hidden.' },
});

export const planCommand = defineCommand({
  name: 'plan',
  summary: 'Show what a build would do',
  options: planOptions,
  arguments: [templateArgument],
  examples: [
    { command: 'kiln plan', explanation: 'the steps and outputs of ./kiln.yaml' },
    { command: 'kiln plan --json | jq .builds', explanation: 'everything, for programs' },
  ],
  load: () => import('../actions/plan.ts'),
});
