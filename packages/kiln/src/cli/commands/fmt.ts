import { defineCommand, defineOptions } from '../command.ts';

export const fmtOptions = defineOptions({
  check: { type: 'flag', description: 'Change nothing, and fail when a file has another format.' },
  diff: { type: 'flag', description: 'Show what changes.' },
  recursive: { type: 'flag', short: 'r', description: 'Go into folders inside of folders.' },
  write: { type: 'flag', on: true, description: 'Leave the files as they are.' },
  json: { type: 'flag', description: 'Write what was found as JSON.' },
});

export const fmtCommand = defineCommand({
  name: 'fmt',
  summary: 'Bring HCL2 files into their canonical format',
  description:
    'Formats the templates (*.pkr.hcl) and variable files (*.pkrvars.hcl) in folders, or single files, and prints the names of those that change. With - it formats standard input onto standard output.',
  options: fmtOptions,
  arguments: [
    {
      name: 'PATH',
      description: 'Files, folders or -. Without one, this folder.',
      repeats: true,
      complete: 'file',
    },
  ],
  examples: [
    { command: 'kiln fmt', explanation: 'all files of this folder' },
    {
      command: 'kiln fmt --check --diff -r .',
      explanation: 'in a pipeline: show what is not formatted, and fail',
    },
    { command: 'kiln fmt - < main.pkr.hcl', explanation: 'from an editor' },
  ],
  load: () => import('../actions/fmt.ts'),
});
