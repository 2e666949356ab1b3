import { defineCommand, defineOptions } from '../command.ts';
import { boxDownloadOptions } from './box-options.ts';

export const boxMirrorOptions = defineOptions({
  to: {
    type: 'text',
    value: 'FOLDER',
    complete: 'folder',
    description: 'The folder that becomes a registry.',
  },
  url: {
    type: 'text',
    value: 'URL',
    description:
      'Where the folder is going to be served. Without it the catalogues name its files by their paths.',
  },
  provider: {
    type: 'list',
    value: 'PROVIDER',
    commas: true,
    description: 'Only boxes for these providers. Without it, for all.',
  },
  version: {
    type: 'text',
    value: 'CONSTRAINTS',
    description: 'Only versions such as ">= 12, < 13", or "newest" for that alone. Without it, all.',
  },
  architecture: {
    type: 'text',
    short: 'a',
    value: 'ARCHITECTURE',
    description: 'Only for this architecture; auto for that of this host. Without it, for all.',
  },
  ...boxDownloadOptions,
  json: { type: 'flag', description: 'Write JSON.' },
});

export const boxMirrorCommand = defineCommand({
  name: 'mirror',
  summary: 'Copy boxes and their catalogues into a folder that is a registry',
  description:
    'The folder holds plain files that any web server can serve, and that Kiln and Vagrant take for a registry: VAGRANT_SERVER_URL is its address, or file:// and its path. Every file is compared with its checksum. What is there is not fetched again, so that an interrupted mirror goes on, and new versions are added by running it again.',
  options: boxMirrorOptions,
  arguments: [
    {
      name: 'BOX',
      description: 'A name such as debian/bookworm64, or the URL or path of a catalogue.',
      required: true,
      repeats: true,
      complete: 'file',
    },
  ],
  examples: [
    {
      command: 'kiln box mirror debian/bookworm64 --to boxes --provider libvirt --version newest',
      explanation: 'one file and its catalogue',
    },
    {
      command: 'kiln box mirror team/web team/db --to /srv/boxes --url https://boxes.example.org',
      explanation: 'for a web server',
    },
  ],
  load: () => import('../actions/box-mirror.ts'),
});
