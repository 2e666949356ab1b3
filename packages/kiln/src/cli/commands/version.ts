import { defineCommand, defineOptions } from '../command.ts';

export const versionOptions = defineOptions({
  json: { type: 'flag', description: 'Write JSON.' },
});

export const versionCommand = defineCommand({
  name: 'version',
  summary: 'Show the version of Kiln and of what it runs on',
  options: versionOptions,
  arguments: [],
  examples: [{ command: 'kiln --version', explanation: 'only the version, and fast' }],
  load: () => import('../actions/version.ts'),
});
