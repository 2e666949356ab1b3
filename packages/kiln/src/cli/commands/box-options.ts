import { defineOptions } from '../command.ts';

/** How to talk to where boxes come from; Vagrant's names. */
export const boxDownloadOptions = defineOptions({
  insecure: { type: 'flag', description: 'Take whoever answers for the right server.' },
  cacert: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'Certificates of authorities to trust, in PEM.',
  },
  capath: { type: 'text', value: 'FOLDER', complete: 'folder', description: 'A folder with such files.' },
  cert: {
    type: 'text',
    value: 'FILE',
    complete: 'file',
    description: 'A certificate of your own with its key, in PEM.',
  },
  'location-trusted': {
    type: 'flag',
    description: 'Send user and password on to where the server redirects to.',
  },
});
