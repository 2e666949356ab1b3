import { defineCommand, defineGroup, defineOptions } from '../command.ts';

const json = { type: 'flag', description: 'Write JSON.' } as const;

export const keyShowOptions = defineOptions({ json });

const show = defineCommand({
  name: 'show',
  summary: 'Print the public key that goes with what this Kiln signs',
  description:
    'Builds are signed with an Ed25519 key that is made when it is first needed, or with the one in the file that the environment variable KILN_SIGNING_KEY names. Whoever has the public key can check images with `kiln image verify --key`.',
  options: keyShowOptions,
  arguments: [],
  examples: [{ command: 'kiln key show > builder.pem', explanation: 'to hand out' }],
  load: () => import('../actions/key-show.ts'),
});

export const keyListOptions = defineOptions({ json });

const list = defineCommand({
  name: 'list',
  summary: 'List the keys whose signatures count here',
  options: keyListOptions,
  arguments: [],
  examples: [{ command: 'kiln key list', explanation: 'names, ids and files' }],
  load: () => import('../actions/key-list.ts'),
});

export const keyTrustOptions = defineOptions({
  name: { type: 'text', value: 'NAME', description: "What to call it. Default: the file's name." },
});

const trust = defineCommand({
  name: 'trust',
  summary: 'Let the signatures of a key count from now on',
  description:
    'Make sure first that the key is whose you think it is: whoever has it can make images that pass for good.',
  options: keyTrustOptions,
  arguments: [{ name: 'FILE', description: 'A public key in PEM.', required: true, complete: 'file' }],
  examples: [{ command: 'kiln key trust builder.pem', explanation: 'images that `builder` signs are good' }],
  load: () => import('../actions/key-trust.ts'),
});

export const keyDistrustOptions = defineOptions({});

const distrust = defineCommand({
  name: 'distrust',
  summary: 'Let the signatures of a key count no more',
  options: keyDistrustOptions,
  arguments: [{ name: 'NAME', description: 'As `kiln key list` shows it.', required: true }],
  examples: [{ command: 'kiln key distrust builder', explanation: 'take it back' }],
  load: () => import('../actions/key-distrust.ts'),
});

export const keyCommand = defineGroup({
  name: 'key',
  summary: 'Look after the keys that images are signed and checked with',
  commands: [show, list, trust, distrust],
});
