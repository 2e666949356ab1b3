import { defineCommand, defineOptions } from '../../command.ts';
import { systemForms } from '../../system-forms.ts';

export const profileCaptureOptions = defineOptions({
  output: {
    type: 'text',
    short: 'o',
    value: 'PATH',
    complete: 'file',
    description:
      'Where to write the profile: a file (.yaml), or a folder, which gets kiln.profile.yaml. Files of the machine go into files/ beside it. Without it the profile goes to the standard output.',
  },
  bare: {
    type: 'text',
    value: 'SYSTEM',
    complete: 'file',
    description:
      'An image or tree with nothing in it but the operating system, to compare with. Without it: what Kiln knows of the distribution and its packages.',
  },
  name: {
    type: 'text',
    value: 'NAME',
    description: "The profile's name. Without it, the machine's host name.",
  },
  'password-hashes': {
    type: 'flag',
    description: 'Write hashes of passwords into the profile, which is then a secret itself.',
  },
  force: { type: 'flag', short: 'f', description: 'Replace a profile that is there.' },
});

export const profileCaptureCommand = defineCommand({
  name: 'capture',
  summary: 'Write a profile of a machine or image that is there already',
  description:
    'The profile has what differs from the bare operating system: packages that were asked for, changed and added configuration, users, services, settings. Private keys, tokens, passwords and whatever else looks secret is left out, and named. The machine is only looked at: it needs nothing but a shell and its usual tools.',
  options: profileCaptureOptions,
  arguments: [
    { name: 'SYSTEM', description: `What to look at: ${systemForms}.`, required: true, complete: 'file' },
  ],
  examples: [
    {
      command: 'kiln profile capture ssh://root@web.example.org -o web',
      explanation: 'a server, into the folder web',
    },
    { command: 'kiln profile capture docker:app', explanation: 'a container, to the standard output' },
    {
      command: 'kiln profile capture old-server.vmdk -o server.yaml',
      explanation: 'a disk image, which is not mounted',
    },
    {
      command: 'kiln profile capture web:1.0 --bare image:debian/12',
      explanation: 'against the very image it was made on',
    },
  ],
  load: () => import('../../actions/profile-capture.ts'),
});
