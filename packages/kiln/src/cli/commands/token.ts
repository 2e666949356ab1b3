import { defineCommand, defineGroup, defineOptions } from '../command.ts';
import { serverOptions } from '../server-options.ts';
import { serviceHomeOptions } from './serve.ts';

const json = { type: 'flag', description: 'Write JSON.' } as const;
const where =
  'With --server (or KILN_SERVER) the service is asked, by the right of the token in KILN_TOKEN. Without it the database of a service of this host is opened, as its administrator; one inside of the home must not be in use by a running service.';

export const tokenCreateOptions = defineOptions({
  days: {
    type: 'number',
    value: 'DAYS',
    min: 1,
    description: 'How long it is good. Default: 90, at most 366.',
  },
  action: {
    type: 'list',
    value: 'ACTION',
    commas: true,
    description: 'What it may do at most, such as templates/run. Default: what its owner may.',
  },
  scope: { type: 'text', value: 'ID', description: 'An ARM id below which alone it may do so.' },
  principal: { type: 'text', value: 'ID', description: 'Whose it is. Default: of who makes it.' },
  ...serverOptions,
  ...serviceHomeOptions,
  json,
});

const create = defineCommand({
  name: 'create',
  summary: 'Make a token for the image service, and print it this once',
  description: where,
  options: tokenCreateOptions,
  arguments: [{ name: 'NAME', description: 'What it is for, to know it again.', required: true }],
  examples: [
    {
      command: 'kiln token create pipeline --action templates/read,templates/run --days 30',
      explanation: 'for a pipeline that only runs templates',
    },
  ],
  load: () => import('../actions/token-create.ts'),
});

export const tokenListOptions = defineOptions({
  principal: { type: 'text', value: 'ID', description: 'Whose. Default: of who asks.' },
  ...serverOptions,
  ...serviceHomeOptions,
  json,
});

const list = defineCommand({
  name: 'list',
  summary: 'List tokens for the image service: what they may, and how long',
  description: where,
  options: tokenListOptions,
  arguments: [],
  examples: [{ command: 'kiln token list', explanation: 'ids, names, ends' }],
  load: () => import('../actions/token-list.ts'),
});

export const tokenRevokeOptions = defineOptions({ ...serverOptions, ...serviceHomeOptions });

const revoke = defineCommand({
  name: 'revoke',
  summary: 'Let a token for the image service be good for nothing, at once',
  description: where,
  options: tokenRevokeOptions,
  arguments: [{ name: 'ID', description: 'As `kiln token list` shows it.', required: true }],
  examples: [{ command: 'kiln token revoke 0b6c5f0e-…', explanation: 'after it was lost' }],
  load: () => import('../actions/token-revoke.ts'),
});

export const tokenCommand = defineGroup({
  name: 'token',
  summary: 'Make, list and revoke tokens for the image service',
  commands: [create, list, revoke],
});
