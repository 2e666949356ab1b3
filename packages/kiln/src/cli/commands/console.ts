import { defineCommand, defineOptions } from '../command.ts';
import { templateOptions } from '../template-options.ts';

export const consoleOptions = defineOptions({
  ...templateOptions,
  expression: {
    type: 'list',
    short: 'e',
    value: 'EXPRESSION',
    description: 'Work out this and end. May be given several times.',
  },
  json: { type: 'flag', description: 'Write values as JSON, one a line.' },
});

export const consoleCommand = defineCommand({
  name: 'console',
  summary: 'Try out expressions with the values of a template',
  description: [
    'Expressions are those of the template: HCL2, or texts with {{…}} for a Packer template in JSON. Without a template there are the functions of HCL2.',
    '',
    'At a terminal, `variables` shows all values, `help` and `exit` do what they say. Lines that come through a pipe are answered one by one.',
  ].join('\n'),
  options: consoleOptions,
  arguments: [
    { name: 'FILE', description: 'A Packer template, or a folder of HCL2 files.', complete: 'file' },
  ],
  examples: [
    { command: 'kiln console .', explanation: 'with the template of this folder' },
    { command: 'kiln console -e \'cidrsubnet("10.0.0.0/16", 8, 2)\'', explanation: 'one expression' },
    { command: 'kiln console main.pkr.hcl -e local.tags --json', explanation: 'for programs' },
  ],
  load: () => import('../actions/console.ts'),
});
