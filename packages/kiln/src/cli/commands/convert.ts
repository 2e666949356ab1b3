import { defineCommand, defineOptions } from '../command.ts';
import { templateOptions } from '../template-options.ts';

export const convertOptions = defineOptions({
  ...templateOptions,
  to: {
    type: 'choice',
    choices: ['hcl', 'json', 'kiln', 'azure'],
    description:
      "What to make of the template: HCL2 of Packer's JSON, or HCL2 in its JSON syntax (.pkr.json) of HCL2; a kiln.yaml, a Packer template in HCL2 or JSON of an Azure image template; an Azure image template of any other.",
  },
  output: {
    type: 'text',
    short: 'o',
    value: 'FILE',
    complete: 'file',
    description: 'Write into this file, which must not be there yet, instead of standard output.',
  },
  annotate: { type: 'flag', description: 'Explain the parts of the new template in comments.' },
  force: { type: 'flag', short: 'f', description: 'Replace the file that --output names.' },
  json: { type: 'flag', description: 'Write the new template and what is to be looked at as JSON.' },
});

export const convertCommand = defineCommand({
  name: 'convert',
  summary: 'Turn a template into one in another language',
  description: [
    'The template itself stays as it is. What a person should look at afterwards is told on standard error.',
    '',
    "Packer's JSON becomes HCL2 that Packer and Kiln both build: variables with their defaults, locals for what is put together from them, a source for each builder. Options that have another name today get it. HCL2 becomes the same template in JSON syntax, for programs to read and write.",
    '',
    'To and from Azure image templates values of variables are filled in, and everything that has no counterpart is listed.',
  ].join('\n'),
  options: convertOptions,
  arguments: [{ name: 'FILE', description: 'The template.', required: true, complete: 'file' }],
  examples: [
    { command: 'kiln convert template.json --to hcl -o main.pkr.hcl', explanation: 'leave JSON behind' },
    {
      command: 'kiln convert main.pkr.hcl --to json | jq .source',
      explanation: 'look into HCL2 with a program',
    },
    { command: 'kiln convert web.json --to kiln -o kiln.yaml', explanation: 'leave Azure behind' },
    { command: 'kiln convert kiln.yaml --to azure -o web.json', explanation: 'an ARM template to deploy' },
  ],
  load: () => import('../actions/convert.ts'),
});
