import { defineCommand, defineOptions } from '../command.ts';

export const vagrantOptions = defineOptions({});

export const vagrantCommand = defineCommand({
  name: 'vagrant',
  summary: "Run Vagrant's command line",
  description: [
    "Takes Vagrant's commands, flags and environment variables, prints what Vagrant prints in lines that scripts know, and ends with its exit codes. Machines are Kiln's own. A link named `vagrant` that leads to kiln does the same. See docs/from-vagrant.md.",
    '',
    '`kiln vagrant --help` lists the commands, `kiln vagrant up --help` explains one.',
  ].join('\n'),
  options: vagrantOptions,
  optionsEndAfter: 0,
  arguments: [
    {
      name: 'ARGUMENTS',
      description: "A command line of Vagrant's.",
      repeats: true,
      complete: [
        ...[
          'box',
          'destroy',
          'global-status',
          'halt',
          'init',
          'package',
          'port',
          'provision',
          'reload',
          'resume',
        ],
        ...[
          'rsync',
          'snapshot',
          'ssh',
          'ssh-config',
          'status',
          'suspend',
          'up',
          'upload',
          'validate',
          'version',
        ],
      ],
    },
  ],
  examples: [
    { command: 'kiln vagrant up', explanation: 'as `vagrant up` would' },
    { command: 'kiln vagrant status --machine-readable', explanation: 'lines for programs' },
    { command: 'ln -s "$(command -v kiln)" ~/bin/vagrant', explanation: 'let scripts find it as vagrant' },
  ],
  load: () => import('../actions/vagrant.ts'),
});
