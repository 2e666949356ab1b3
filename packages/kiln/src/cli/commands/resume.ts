import { defineCommand, defineOptions } from '../command.ts';
import { fileOption, machinesArgument } from './machine-names.ts';

export const resumeOptions = defineOptions({
  ...fileOption,
});

export const resumeCommand = defineCommand({
  name: 'resume',
  summary: 'Continue suspended machines where they were',
  options: resumeOptions,
  arguments: [machinesArgument],
  examples: [{ command: 'kiln resume web', explanation: 'go on' }],
  load: () => import('../actions/resume.ts'),
});
