import { defineCommand, defineOptions } from '../command.ts';
import { serverOptions } from '../server-options.ts';

export const boxPushOptions = defineOptions({
  version: { type: 'text', value: 'VERSION', description: 'Which version of the box the file is.' },
  architecture: {
    type: 'text',
    short: 'a',
    value: 'ARCHITECTURE',
    description: 'For which architecture it is, where the box does not say.',
  },
  description: { type: 'text', value: 'TEXT', description: 'What people read about the box.' },
  public: { type: 'flag', description: 'Let everybody have the box. A new one needs a token otherwise.' },
  private: { type: 'flag', description: 'Let only those have the box who show a token.' },
  ...serverOptions,
  json: { type: 'flag', description: 'Write JSON.' },
});

export const boxPushCommand = defineCommand({
  name: 'push',
  summary: 'Put a box into an image service, where Vagrant and Kiln get it by name',
  description:
    'The service (kiln serve) has boxes at its /boxes: `vagrant box add SERVER/boxes/team/web`, or team/web with VAGRANT_SERVER_URL=SERVER/boxes. The token of who pushes is in KILN_TOKEN. A version that is there is not replaced; pushing the same file again changes nothing.',
  options: boxPushOptions,
  arguments: [
    { name: 'FILE', description: 'A box file.', required: true, complete: 'file' },
    { name: 'NAME', description: 'What it shall be called: team/web.', required: true },
  ],
  examples: [
    {
      command: 'kiln box push package.box team/web --version 1.0.0 --server https://images.example.org:8420',
      explanation: 'a new version',
    },
  ],
  load: () => import('../actions/box-push.ts'),
});
