import { defineCommand, defineOptions } from '../command.ts';

export const doctorOptions = defineOptions({
  json: { type: 'flag', description: 'Write JSON.' },
});

export const doctorCommand = defineCommand({
  name: 'doctor',
  summary: 'See what this host offers and lacks, and how to mend it',
  description:
    'Looks at the accelerator (by running a small machine under it), the programs that Kiln uses, disk space, networking and leftovers. Ends with 1 when images cannot be built here.',
  options: doctorOptions,
  arguments: [],
  examples: [{ command: 'kiln doctor', explanation: 'before the first build' }],
  load: () => import('../actions/doctor.ts'),
});
