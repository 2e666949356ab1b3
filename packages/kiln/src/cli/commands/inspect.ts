import { defineCommand, defineOptions } from '../command.ts';
import { templateOptions } from '../template-options.ts';

export const inspectOptions = defineOptions({
  ...templateOptions,
  json: { type: 'flag', description: 'Write it as JSON.' },
});

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'Show what a template consists of',
  description:
    'Variables and where their values come from, locals, sources, builds with their provisioners and post-processors, and plugins that are asked for. Only the syntax of a Packer template has to be right; an Azure image template has to be right altogether.',
  options: inspectOptions,
  arguments: [
    {
      name: 'FILE',
      description:
        'A Packer template, a folder of HCL2 files, or an Azure image template. Without it, this folder.',
      complete: 'file',
    },
  ],
  examples: [
    { command: 'kiln inspect template.json', explanation: 'a Packer template' },
    { command: "kiln inspect . --json | jq '.variables[].name'", explanation: 'for programs' },
  ],
  load: () => import('../actions/inspect.ts'),
});
