import { defineCommand, defineOptions } from '../command.ts';

export const packerOptions = defineOptions({});

export const packerCommand = defineCommand({
  name: 'packer',
  summary: "Run Packer's command line",
  description: [
    "Takes Packer's commands, flags and environment variables, prints what Packer prints and ends with its exit codes, so that scripts made for Packer go on working. A link named `packer` that leads to kiln does the same.",
    '',
    '`kiln packer -help` lists the commands, `kiln packer build -help` explains one.',
  ].join('\n'),
  options: packerOptions,
  optionsEndAfter: 0,
  arguments: [
    {
      name: 'ARGUMENTS',
      description: "A command line of Packer's.",
      repeats: true,
      complete: [
        'build',
        'console',
        'fix',
        'fmt',
        'hcl2_upgrade',
        'init',
        'inspect',
        'plugins',
        'validate',
        'version',
      ],
    },
  ],
  examples: [
    { command: 'kiln packer build -var version=2 .', explanation: 'as `packer build` would' },
    { command: 'kiln packer validate template.json', explanation: 'check a template' },
    { command: 'ln -s "$(command -v kiln)" ~/bin/packer', explanation: 'let scripts find it as packer' },
  ],
  load: () => import('../actions/packer.ts'),
});
