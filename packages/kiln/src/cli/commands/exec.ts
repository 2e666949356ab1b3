import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machineArgument } from './machine-names.ts';

export const execOptions = defineOptions({
  ...fileOption,
  tty: { type: 'flag', short: 't', description: 'Give the program a terminal.' },
});

export const execCommand = defineCommand({
  name: 'exec',
  summary: 'Run a program in a machine, with its exit code passed on',
  options: execOptions,
  arguments: [machineArgument],
  passthrough: { name: 'COMMAND', description: 'The program and its arguments, each handed on as it is.' },
  examples: [
    { command: 'kiln exec web -- ls -l "/my folder"', explanation: 'arguments need no second quoting' },
  ],
  load: () => import('../actions/exec.ts'),
});
