import { defineCommand, defineOptions } from '../../command.ts';
import { selectionOptions, templateOptions } from '../../template-options.ts';

export const profileLockOptions = defineOptions({
  ...templateOptions,
  ...selectionOptions,
  update: {
    type: 'flag',
    short: 'u',
    description:
      'Move packages to their newest versions: those that are named, or all. Without it only what the profile asks for anew is resolved, and everything else stays.',
  },
  'dry-run': { type: 'flag', short: 'n', description: 'Only show what would change.' },
  json: { type: 'flag', description: 'Write JSON.' },
});

export const profileLockCommand = defineCommand({
  name: 'lock',
  summary: 'Write down the exact packages of profiles, and show what changes',
  description: [
    'kiln.lock stands beside the file and belongs into version control. It has every package of every image that is built without a machine, with version and digest: the same profile and the same lock give the same image, bit for bit. `kiln build` makes it when there is none, and with --locked never changes it.',
    '',
    'FILE is a profile or a kiln.yaml: a word with a slash, or one that ends with .yaml, .yml, .json or .cfg. Every other word is a package for --update. Without a file, kiln.yaml or kiln.profile.yaml in this folder.',
  ].join('\n'),
  options: profileLockOptions,
  arguments: [
    {
      name: 'FILE|PACKAGE',
      description: 'The profile or kiln.yaml, and packages to update.',
      repeats: true,
      complete: 'file',
    },
  ],
  examples: [
    { command: 'kiln profile lock', explanation: 'make kiln.lock, or bring it up to what is asked for' },
    {
      command: 'kiln profile lock --update --dry-run',
      explanation: 'what has come out since, as packages and versions',
    },
    { command: 'kiln profile lock --update openssl curl', explanation: 'only these, and what they need' },
    { command: 'kiln profile lock web.yaml --json', explanation: 'for programs' },
  ],
  load: () => import('../../actions/profile-lock.ts'),
});
