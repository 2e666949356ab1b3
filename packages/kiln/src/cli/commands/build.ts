import { defineCommand, defineOptions } from '../command.ts';
import { azureOptions, selectionOptions, templateArgument, templateOptions } from '../template-options.ts';

export const buildOptions = defineOptions({
  ...templateOptions,
  ...selectionOptions,
  ...azureOptions,
  tag: {
    type: 'list',
    short: 't',
    value: 'NAME[:TAG]',
    description: 'Put the image into the store under this name too. May be given several times.',
  },
  parallel: {
    type: 'number',
    short: 'j',
    value: 'N',
    min: 1,
    description: 'Run so many builds at a time, instead of as many as memory and processors allow.',
  },
  'on-error': {
    type: 'choice',
    choices: ['cleanup', 'abort', 'ask', 'resume-later'],
    description:
      'What to do when a step fails: remove the machine (the default), leave its disks, ask, or keep the machine for --resume and --shell-at=failed.',
  },
  force: {
    type: 'flag',
    short: 'f',
    description: 'Build what has not changed too, and replace files that are in the way.',
  },
  cache: {
    type: 'flag',
    on: true,
    description: 'Run every step, and use nothing that earlier builds have left.',
  },
  'refresh-from': {
    type: 'text',
    value: 'STEP',
    description: 'Run this step (its number or name) and all after it, whatever is there of them.',
  },
  checkpoint: {
    type: 'choice',
    choices: ['memory', 'disk', 'none'],
    description:
      'What to keep of a machine after each step: memory and disks (the default), the disks alone, or nothing.',
  },
  'checkpoint-secrets': {
    type: 'flag',
    description: 'Keep the memory of machines even after a step has handled a secret.',
  },
  locked: {
    type: 'flag',
    description:
      'Fail when kiln.lock lacks packages of an image that is built without a machine, instead of resolving them.',
  },
  resume: {
    type: 'flag',
    description: 'Go on in the machine that failed with --on-error=resume-later, from the step that failed.',
  },
  'shell-at': {
    type: 'text',
    value: 'STEP',
    description:
      'Build nothing, but open a shell in the machine as it was after this step: its number or name, 0 for before the first, "failed" for a machine that was kept when it failed.',
  },
  debug: { type: 'flag', description: 'Stop before each step until you press Enter.' },
  json: { type: 'flag', description: 'Write one JSON object a line for everything that happens.' },
  timestamps: { type: 'flag', description: 'Put the time in front of every line.' },
  live: { type: 'flag', on: true, description: 'Write plain lines, as into a file, on a terminal too.' },
});

export const buildCommand = defineCommand({
  name: 'build',
  summary: 'Build the images of a template',
  description: [
    'Results, one a line, go to standard output; the story of the build goes to standard error. With --json all of it goes to standard output: objects with "time", "event" and the event\'s own fields, the last one with the event "finished" and the whole result.',
    '',
    'Press Ctrl-C once to cancel and clean up, twice to hurry. The whole log of each build is kept in a file under $KILN_HOME/logs.',
  ].join('\n'),
  options: buildOptions,
  arguments: [templateArgument],
  examples: [
    { command: 'kiln build', explanation: 'build all images of ./kiln.yaml' },
    { command: 'kiln build --only web --var greeting=Hi', explanation: 'one of them, with a variable' },
    {
      command: 'kiln build packer.json --tag web:1.0',
      explanation: 'a Packer template, and keep the image in the store',
    },
    {
      command: 'kiln build --shell-at 2',
      explanation: 'look around in the machine as it is after its second step',
    },
    { command: 'kiln build --json > build.jsonl', explanation: 'for programs' },
  ],
  load: () => import('../actions/build.ts'),
});
