import { defineCommand, defineGroup, defineOptions } from '../command.ts';

const json = { type: 'flag', description: 'Write JSON.' } as const;

export const cacheListOptions = defineOptions({ json });

const list = defineCommand({
  name: 'list',
  summary: 'List the kept states of builds and machines, the last used first',
  description:
    'A checkpoint is the state of the machine of a build after a step. SIZE is what it takes on the disk with all that it shares; OWN is what removing it would free. Below them are machines that were booted once, or provisioned, and that new machines begin as copies of.',
  options: cacheListOptions,
  arguments: [],
  examples: [
    { command: 'kiln cache list', explanation: 'what there is, and how much it takes' },
    { command: 'kiln cache list --json | jq "map(.ownBytes) | add"', explanation: 'for programs' },
  ],
  load: () => import('../actions/cache-list.ts'),
});

export const cacheShowOptions = defineOptions({ json });

const show = defineCommand({
  name: 'show',
  summary: 'Show what a checkpoint is and consists of',
  options: cacheShowOptions,
  arguments: [{ name: 'KEY', description: 'Its key, or the start of it.', required: true }],
  examples: [{ command: 'kiln cache show 3f2a91c0', explanation: 'one that `kiln cache list` has named' }],
  load: () => import('../actions/cache-show.ts'),
});

export const cachePruneOptions = defineOptions({
  'max-size': {
    type: 'text',
    value: 'SIZE',
    description:
      'Keep no more than this, such as 10G. Without it, as much as KILN_CACHE_SIZE says, or a share of the disk.',
  },
  all: { type: 'flag', description: 'Remove every checkpoint that no running command uses.' },
  'dry-run': { type: 'flag', short: 'n', description: 'Only tell what would go.' },
  json,
});

const prune = defineCommand({
  name: 'prune',
  summary: 'Remove the checkpoints that were unused the longest',
  description:
    'Every build that keeps checkpoints does this at its end. What is removed costs time only: the next build runs those steps again, the next machine boots. Machines that were copied go on.',
  options: cachePruneOptions,
  arguments: [],
  examples: [
    { command: 'kiln cache prune --max-size 5G', explanation: 'leave no more than 5 GB' },
    { command: 'kiln cache prune --all --dry-run', explanation: 'what removing everything would free' },
  ],
  load: () => import('../actions/cache-prune.ts'),
});

export const cacheVerifyOptions = defineOptions({
  repair: {
    type: 'flag',
    description: 'Remove what is damaged, and every checkpoint that cannot do without it.',
  },
  json,
});

const verify = defineCommand({
  name: 'verify',
  summary: 'Check that checkpoints are still what they were when they were made',
  description:
    'Reads every file and compares it with its digest, the records with the files, and the disks with what they must stand on. Ends with 1 when something is damaged and not removed. Builds check for themselves what they use.',
  options: cacheVerifyOptions,
  arguments: [],
  examples: [
    { command: 'kiln cache verify', explanation: 'look, and change nothing' },
    { command: 'kiln cache verify --repair', explanation: 'remove what is damaged' },
  ],
  load: () => import('../actions/cache-verify.ts'),
});

export const cacheCommand = defineGroup({
  name: 'cache',
  summary: 'Look after the kept states of builds',
  commands: [list, show, prune, verify],
});
